/** Overlap of boxes. Pure; used by the trackers' association and by the suppression of doubled detections. */
import type { Box } from '../types.ts';

/** Intersection over union, 0 … 1. `grow` enlarges both boxes by that share of their size on each side first. */
export function boxIou(a: Box, b: Box, grow = 0): number {
  // Most pairs of a frame are far from each other.
  if (grow === 0 && (a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3])) return 0;
  const aw = (a[2] - a[0]) * (1 + 2 * grow);
  const ah = (a[3] - a[1]) * (1 + 2 * grow);
  const bw = (b[2] - b[0]) * (1 + 2 * grow);
  const bh = (b[3] - b[1]) * (1 + 2 * grow);
  const w = overlap((a[0] + a[2]) / 2, aw, (b[0] + b[2]) / 2, bw);
  const h = overlap((a[1] + a[3]) / 2, ah, (b[1] + b[3]) / 2, bh);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (aw * ah + bw * bh - w * h);
}

function overlap(centreA: number, sizeA: number, centreB: number, sizeB: number): number {
  return Math.min(centreA + sizeA / 2, centreB + sizeB / 2) - Math.max(centreA - sizeA / 2, centreB - sizeB / 2);
}
