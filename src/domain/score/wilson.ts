/** The interval of a share that was counted (Wilson, "Probable inference", JASA 1927): honest for small n and for 0 or n. */
import type { Interval } from '../types.ts';

/** Two-sided 95 %. */
const Z = 1.959963984540054;

/** null when nothing was counted. */
export function shareOf(count: number, n: number, z: number = Z): Interval | null {
  if (n <= 0) return null;
  const value = count / n;
  const square = z * z;
  const middle = (value + square / (2 * n)) / (1 + square / n);
  const half = (z / (1 + square / n)) * Math.sqrt((value * (1 - value)) / n + square / (4 * n * n));
  return { value, lo: Math.max(0, middle - half), hi: Math.min(1, middle + half) };
}
