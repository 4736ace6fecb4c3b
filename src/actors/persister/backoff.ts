/** How long to wait before Postgres is tried again. Pure. */

const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/** @param failures in a row, 1 … */
export function backoffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}
