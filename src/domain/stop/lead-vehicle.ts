/** Who is in front: the nearest vehicle ahead in the same lane. Live positions; once per frame. Pure. */
import type { Lead, Sample } from './sample.ts';

export interface OnRoad {
  readonly latest: Sample;
  readonly isStanding: boolean;
}

/** Vehicles further ahead than this do not hold anybody up. */
export const LEAD_GAP_M = 8;
/** Boxes of vehicles that hide each other overlap a little. */
const OVERLAP_M = 2;
const SAME_LANE_M = 1.5;
/** The rear of the vehicle in front is further than this before the line: it has the line still before it. */
const REAR_BEFORE_LINE_M = 0.5;

export function leadOf(self: OnRoad, others: readonly OnRoad[]): Lead | null {
  const { along, across } = self.latest;
  if (along === null || across === null) return null;
  let best: Lead | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const other of others) {
    if (other === self) continue;
    const front = other.latest.along;
    if (front === null || other.latest.across === null || front <= along) continue;
    const rear = front - other.latest.length;
    const gap = rear - along;
    if (gap < -OVERLAP_M || gap > LEAD_GAP_M || gap >= nearest) continue;
    if (Math.abs(other.latest.across - across) > SAME_LANE_M) continue;
    nearest = gap;
    best = { isBeforeLine: rear < -REAR_BEFORE_LINE_M, isStanding: other.isStanding };
  }
  return best;
}
