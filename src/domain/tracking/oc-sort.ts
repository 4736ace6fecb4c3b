/**
 * OC-SORT (Cao et al., "Observation-Centric SORT: Rethinking SORT for Robust Multi-Object Tracking", CVPR 2023) over
 * the box filter of this folder: direction of motion in the association (OCM), a last look at last observations (OCR),
 * and a filter that walks a straight path over the gap when an object is found again (ORU). Time in seconds; the
 * published counts of frames are at 30 fps. A choice of `stopsign track`, for comparison.
 */
import type { Box } from '../types.ts';
import { assignWithin } from './assignment.ts';
import { type BoxFilter, filteredBox, openBoxFilter, predictBox, updateBox } from './box-filter.ts';
import { boxIou } from './box-overlap.ts';
import type { ScoredBox } from './byte-tracker.ts';
import type { TimedBoxes } from './follow-boxes.ts';

const LEAST_SCORE = 0.25;
const LEAST_IOU = 0.3;
/** Weight of the direction against the overlap, and the time over which a direction is taken. */
const INERTIA = 0.2;
const DIRECTION_S = 0.1;
const LOST_S = 1;
const LEAST_HITS = 3;
const STEPS_PER_S = 30;
const KEPT = 64;

interface Glimpse {
  readonly time: number;
  readonly box: Box;
}

interface OcTrack {
  readonly id: number;
  filter: BoxFilter;
  /** The filter as it was at the last observation. */
  frozen: BoxFilter;
  readonly seen: Glimpse[];
  /** Unit vector; null while unknown. */
  direction: readonly [number, number] | null;
  streak: number;
  detection: number;
}

/** Track ids frame by frame: for each box its id, or −1. */
export function* ocSort(frames: Iterable<TimedBoxes>): Generator<number[]> {
  let tracks: OcTrack[] = [];
  let births = 0;
  let before: number | null = null;
  let index = -1;
  for (const { time, boxes } of frames) {
    index++;
    const steps = before === null ? 1 : (time - before) * STEPS_PER_S;
    before = time;
    for (const track of tracks) {
      track.detection = -1;
      predictBox(track.filter, steps, true);
    }
    let free = boxes.flatMap(({ score }, i) => (score > LEAST_SCORE ? [i] : []));
    const box = (i: number) => (boxes[i] as ScoredBox).bbox;
    let waiting: readonly OcTrack[] = tracks;
    const look = (like: (track: OcTrack, detection: number) => number) => {
      const { pairs, freeRows, freeColumns } = assignWithin(
        waiting.length,
        free.length,
        (i, j) => like(waiting[i] as OcTrack, free[j] as number),
        1 - LEAST_IOU,
      );
      for (const [i, j] of pairs) take(waiting[i] as OcTrack, free[j] as number, box(free[j] as number), time);
      waiting = freeRows.map((i) => waiting[i] as OcTrack);
      free = freeColumns.map((j) => free[j] as number);
    };
    look((track, d) => {
      const iou = boxIou(filteredBox(track.filter), box(d));
      return iou < LEAST_IOU ? 1 : 1 - iou - INERTIA * agreement(track, box(d), time) * (boxes[d] as ScoredBox).score;
    });
    look((track, d) => 1 - boxIou((track.seen.at(-1) as Glimpse).box, box(d)));
    for (const track of waiting) track.streak = 0;
    for (const d of free) {
      const filter = openBoxFilter(box(d));
      const seen = [{ time, box: box(d) }];
      tracks.push({ id: ++births, filter, frozen: filter.slice(), seen, direction: null, streak: 0, detection: d });
    }
    tracks = tracks.filter(({ seen }) => time - (seen.at(-1) as Glimpse).time <= LOST_S);
    const ids = boxes.map(() => -1);
    for (const track of tracks) {
      if (track.detection >= 0 && (track.streak >= LEAST_HITS || index < LEAST_HITS)) ids[track.detection] = track.id;
    }
    yield ids;
  }
}

function take(track: OcTrack, detection: number, box: Box, time: number): void {
  const last = track.seen.at(-1) as Glimpse;
  if (track.streak === 0 && track.seen.length > 1) walk(track, last, box, time);
  updateBox(track.filter, box);
  track.frozen = track.filter.slice();
  track.detection = detection;
  track.streak++;
  track.direction = direction(since(track.seen, time).box, box);
  track.seen.push({ time, box });
  if (track.seen.length > KEPT) track.seen.shift();
}

/** ORU: from the last observation to this one as if it had been seen on a straight line in between. */
function walk(track: OcTrack, last: Glimpse, box: Box, time: number): void {
  const steps = Math.round((time - last.time) * STEPS_PER_S);
  if (steps < 2) return;
  track.filter = track.frozen.slice();
  for (let k = 1; k < steps; k++) {
    predictBox(track.filter, 1, true);
    updateBox(track.filter, last.box.map((v, i) => v + ((box[i] as number) - v) * (k / steps)) as unknown as Box);
  }
  predictBox(track.filter, 1, true);
}

/** OCM: 0.5 for the direction it went in, 0 across, −0.5 for the opposite; as published, angle over π. */
function agreement(track: OcTrack, box: Box, time: number): number {
  const there = direction(since(track.seen, time).box, box);
  if (!track.direction || !there) return 0;
  const cos = track.direction[0] * there[0] + track.direction[1] * there[1];
  return 0.5 - Math.acos(Math.min(1, Math.max(-1, cos))) / Math.PI;
}

/** The newest observation that is at least DIRECTION_S old, else the oldest. */
function since(seen: readonly Glimpse[], time: number): Glimpse {
  return seen.findLast((glimpse) => time - glimpse.time >= DIRECTION_S - 1e-9) ?? (seen[0] as Glimpse);
}

function direction(a: Box, b: Box): readonly [number, number] | null {
  const dx = (b[0] + b[2] - a[0] - a[2]) / 2;
  const dy = (b[1] + b[3] - a[1] - a[3]) / 2;
  const length = Math.hypot(dx, dy);
  return length < 1e-6 ? null : [dx / length, dy / length];
}
