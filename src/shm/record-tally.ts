/** How many records an end has moved: two tallies in its lane, of which the one that bears the lane's position counts. */
import { TALLIES } from './record-ring-layout.ts';
import type { RingLane } from './ring-lane.ts';

const TWO_32 = 2 ** 32;

/** Records up to `position`; null when neither tally bears it (any more). */
export function tallyAt(lane: RingLane, position: number): number | null {
  for (const at of TALLIES) {
    if (lane.cell(at) === position) return lane.cell(at + 2) * TWO_32 + (lane.cell(at + 1) >>> 0);
  }
  return null;
}

/** Moves the lane from `position` to `next`, one record on. Only the last store can be seen by others. */
export function moveOn(lane: RingLane, position: number, next: number): void {
  const present = lane.cell(TALLIES[0]) === position ? TALLIES[0] : TALLIES[1];
  const spare = present === TALLIES[0] ? TALLIES[1] : TALLIES[0];
  const low = (lane.cell(present + 1) + 1) | 0;
  lane.setCell(spare, next);
  lane.setCell(spare + 1, low);
  lane.setCell(spare + 2, lane.cell(present + 2) + (low === 0 ? 1 : 0));
  lane.position = next;
}
