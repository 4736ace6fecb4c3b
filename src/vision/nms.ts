/**
 * Non-maximum suppression: of candidates that overlap, only the best stays. Per class first; then once more among cars,
 * buses and trucks, because a van often comes out as two of these on the same box. Pure and deterministic: equal scores
 * keep the order they came in.
 */
import { type Candidate, iou } from './candidate.ts';

/** Bounds the quadratic part however noisy a picture is. */
const MAX_CANDIDATES = 1000;

/** Two vehicle classes whose boxes agree this much are one vehicle. */
export const SAME_VEHICLE_IOU = 0.8;

/** Keeps, best first, what does not overlap a better one of its own class by more than `maxIou`. */
export function nms(candidates: readonly Candidate[], maxIou: number): Candidate[] {
  return suppress(candidates, (better, other) => {
    return better.classIndex === other.classIndex && iou(better.box, other.box) > maxIou;
  });
}

/** Keeps one of several vehicle-class candidates on one box: the best. Other classes are untouched. */
export function mergeVehicles(candidates: readonly Candidate[], vehicles: ReadonlySet<number>): Candidate[] {
  return suppress(candidates, (better, other) => {
    const bothVehicles = vehicles.has(better.classIndex) && vehicles.has(other.classIndex);
    return bothVehicles && iou(better.box, other.box) > SAME_VEHICLE_IOU;
  });
}

function suppress(
  candidates: readonly Candidate[],
  hides: (better: Candidate, other: Candidate) => boolean,
): Candidate[] {
  const ranked = [...candidates].sort((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  const kept: Candidate[] = [];
  for (const candidate of ranked) {
    if (!kept.some((better) => hides(better, candidate))) kept.push(candidate);
  }
  return kept;
}
