/**
 * The last step before detections leave the room: source pixels, clipped, rounded (0.01 px, score to 4 digits; the JSON
 * between rooms stays small), nothing that is not a number, nothing thinner than a pixel. Pure.
 */
import type { Box, Detection } from '../domain/types.ts';
import type { Candidate } from './candidate.ts';
import { type Placement, toSource } from './placement.ts';

/** Bounds the size of a record: 200 detections are about 18 KB of JSON. */
export const MAX_DETECTIONS = 200;
const MIN_SIDE_PX = 1;

/** @param candidates best first */
export function tidyDetections(
  candidates: readonly Candidate[],
  at: Placement,
  classes: readonly string[],
): Detection[] {
  const detections: Detection[] = [];
  for (const { box, score, classIndex } of candidates) {
    if (detections.length === MAX_DETECTIONS) break;
    const name = classes[classIndex];
    if (name === undefined || !Number.isFinite(score) || !box.every(Number.isFinite)) continue;
    const [x1, y1, x2, y2] = toSource(box, at);
    if (x2 - x1 < MIN_SIDE_PX || y2 - y1 < MIN_SIDE_PX) continue;
    const bbox: Box = [hundredths(x1), hundredths(y1), hundredths(x2), hundredths(y2)];
    detections.push({ bbox, score: Math.min(1, Math.round(score * 1e4) / 1e4), class: name });
  }
  return detections;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
