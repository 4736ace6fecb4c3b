/**
 * Where the whole reference lies in a picture, roughly: correlation of the two edge maps at half size, over shifts of up
 * to a quarter of the picture. Asked only when the patches are not where they were; about a millisecond. Pure.
 */
import { type EdgeMap, halved } from './edge-map.ts';

/** Half-size cells: 20 are 320 px of 1280. */
const REACH_X = 20;
const REACH_Y = 14;
/** The reference is thinned to the strongest cells of each block, so that one long kerb does not outvote the rest. */
const BLOCK = 8;
const CELLS_A_BLOCK = 5;
const CANDIDATES = 3;
/** Half-size cells between two candidates. */
const APART = 2;

/** The reference made ready for many such questions. */
export class CoarseReference {
  readonly cols: number;
  readonly rows: number;
  /** x, y, re, im of each cell that counts. */
  readonly cells: Float64Array;

  constructor(map: EdgeMap) {
    const { cols, rows, re, im } = halved(map);
    const energy = (i: number): number => (re[i] as number) ** 2 + (im[i] as number) ** 2;
    const cells: number[] = [];
    for (let top = 0; top < rows; top += BLOCK) {
      for (let left = 0; left < cols; left += BLOCK) {
        const block = Array.from(
          { length: BLOCK * BLOCK },
          (_, k) => [left + (k % BLOCK), top + Math.floor(k / BLOCK)] as const,
        )
          .filter(([x, y]) => x < cols && y < rows)
          .sort(([ax, ay], [bx, by]) => energy(by * cols + bx) - energy(ay * cols + ax));
        for (const [x, y] of block.slice(0, CELLS_A_BLOCK)) {
          cells.push(x, y, re[y * cols + x] as number, im[y * cols + x] as number);
        }
      }
    }
    this.cols = cols;
    this.rows = rows;
    this.cells = Float64Array.from(cells);
  }
}

/** The most likely shifts in cells of the full grid, whole and even, the best first. */
export function coarseShifts(reference: CoarseReference, look: EdgeMap): (readonly [dx: number, dy: number])[] {
  const span = 2 * REACH_X + 1;
  const scores = new Float64Array(span * (2 * REACH_Y + 1));
  const small = halved(look);
  for (let k = 0; k < scores.length; k++) {
    scores[k] = scoreAt(reference, small, (k % span) - REACH_X, Math.floor(k / span) - REACH_Y);
  }
  const found: (readonly [number, number])[] = [];
  while (found.length < CANDIDATES) {
    let best = 0;
    for (let k = 1; k < scores.length; k++) if ((scores[k] as number) > (scores[best] as number)) best = k;
    const dx = (best % span) - REACH_X;
    const dy = Math.floor(best / span) - REACH_Y;
    found.push([2 * dx, 2 * dy]);
    for (let k = 0; k < scores.length; k++) {
      const isNear =
        Math.abs((k % span) - REACH_X - dx) <= APART && Math.abs(Math.floor(k / span) - REACH_Y - dy) <= APART;
      if (isNear) scores[k] = Number.NEGATIVE_INFINITY;
    }
  }
  return found;
}

function scoreAt({ cols, rows, cells }: CoarseReference, { re, im }: EdgeMap, dx: number, dy: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < cells.length; i += 4) {
    const x = (cells[i] as number) + dx;
    const y = (cells[i + 1] as number) + dy;
    if (x < 0 || y < 0 || x >= cols || y >= rows) continue;
    const k = y * cols + x;
    sum += (cells[i + 2] as number) * (re[k] as number) + (cells[i + 3] as number) * (im[k] as number);
    count++;
  }
  // What has left the picture cannot speak: shifts are compared by what is left, but not by next to nothing.
  return sum / Math.sqrt(Math.max(count, cells.length / 16));
}
