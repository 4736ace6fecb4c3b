/**
 * Detectors suppress overlapping boxes per class, so one vehicle may come as a car and as a truck. Of boxes that
 * overlap almost wholly only the most confident stays, whatever the classes. Keeps the order of the input. Pure.
 */
import type { Detection } from '../types.ts';
import { compareBoxes } from './box-order.ts';
import { boxIou } from './box-overlap.ts';

const SAME_VEHICLE_IOU = 0.7;

export function dropDoubles(detections: readonly Detection[]): Detection[] {
  return detections.filter(
    (d, i) =>
      !detections.some((other, j) => {
        if (i === j || boxIou(d.bbox, other.bbox) < SAME_VEHICLE_IOU) return false;
        const order = compareBoxes(other, d);
        return order < 0 || (order === 0 && j < i);
      }),
  );
}
