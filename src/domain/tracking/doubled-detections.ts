/**
 * Detectors suppress overlapping boxes per class, so one vehicle may come as a car and as a truck. Of boxes that
 * overlap almost wholly only the most confident stays, whatever the classes; one that does not stay suppresses nobody, so
 * that doubles of a box change nothing for its neighbours. Keeps the order of the input. Pure.
 */
import type { Detection } from '../types.ts';
import { compareBoxes } from './box-order.ts';
import { boxIou } from './box-overlap.ts';

const SAME_VEHICLE_IOU = 0.7;

export function dropDoubles(detections: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  const stays = new Set<Detection>();
  for (const detection of [...detections].sort(compareBoxes)) {
    if (kept.some((other) => boxIou(detection.bbox, other.bbox) >= SAME_VEHICLE_IOU)) continue;
    kept.push(detection);
    stays.add(detection);
  }
  return detections.filter((detection) => stays.has(detection));
}
