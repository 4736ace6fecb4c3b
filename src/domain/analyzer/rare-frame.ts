/**
 * Frames that come rarely, because the model is slow or the machine has too much to do: boxes of one vehicle no longer
 * overlap from frame to frame, so the tracker follows by the way on the road. Called by site-analyzer.ts.
 */
import { boxSample } from '../evidence/box-sample.ts';
import { IN_LANE_M, roadCost } from '../outage/road-cost.ts';
import { isInLane, metresPerUnit } from '../outage/road-place.ts';
import type { Sample } from '../stop/sample.ts';
import { boxIou } from '../tracking/box-overlap.ts';
import type { FollowedTrack } from '../tracking/followed-track.ts';
import type { RoadCost } from '../tracking/stopsign-tracker.ts';
import type { Detection } from '../types.ts';
import type { AnalyzerState } from './analyzer-state.ts';
import type { Output } from './step-output.ts';

const UNKNOWN_CLASS = 'car';
/** Further beyond the line it is a vehicle that left, or one of the cross street. */
const BEYOND_M = 5;
/** At 8 m/s a car is half a length further. */
const RARE_S = 0.35;
/** Over more the motion in the picture tells nothing either. */
const FILTER_BRIDGES_S = 1;
/** Boxes that overlap so much are of one place. */
const SAME_PLACE_IOU = 0.6;

/**
 * Who was seen in the lane once only, and is given up, is told of: it may have passed. With a number of its own, under which
 * nothing else is known.
 */
export function tellSeenOnce({ geometry, tracker, options }: AnalyzerState, out: Output): void {
  for (const { lastTime, box, score } of tracker.unsure) {
    const memory = { before: undefined, lengthM: null };
    const { sample } = boxSample(geometry, UNKNOWN_CLASS, { tsUtc: lastTime, box, score }, memory);
    const isOnItsWay = sample.along !== null && sample.along * metresPerUnit(geometry, sample) < BEYOND_M;
    if (!isOnItsWay || !isInLane(geometry, sample, IN_LANE_M)) continue;
    out.moment(options.camera, { id: tracker.nextId++, class: UNKNOWN_CLASS }, 'seen_once', lastTime);
  }
}

/** The tracks begin anew, or end: the same for those who were still waited for. */
export function tellWaitedFor(state: AnalyzerState, out: Output): void {
  const { tracker } = state;
  tracker.unsure = tracker.lost.filter(({ id }) => id === 0);
  tracker.lost = tracker.lost.filter(({ id }) => id !== 0);
  tellSeenOnce(state, out);
  tracker.unsure = [];
}

/** undefined when the frame follows soon enough on the one before it. @param lastUtc of that one */
export function roadForRareFrame(
  state: AnalyzerState,
  detections: readonly Detection[],
  lastUtc: number | null,
  tsUtc: number,
): RoadCost | undefined {
  if (lastUtc === null || tsUtc - lastUtc <= RARE_S) return undefined;
  const { geometry, vehicles } = state;
  const first = (box: Detection['bbox'], score: number, vehicleClass: string, at: number): Sample =>
    boxSample(geometry, vehicleClass, { tsUtc: at, box, score }, { before: undefined, lengthM: null }).sample;
  const now = detections.map(({ bbox, score, class: name }) => first(bbox, score, name, tsUtc));
  const costs = new Map<FollowedTrack, (number | null)[]>();
  return (track, d) => {
    let known = costs.get(track);
    if (!known) {
      const samples = vehicles.get(track.id)?.samples ?? [first(track.box, track.score, UNKNOWN_CLASS, track.lastTime)];
      known = now.map((sample) => {
        const cost = roadCost(geometry, samples, sample);
        if (cost !== null && cost <= 1) return cost;
        // Far off a place on the road may err by more than is possible: what overlaps so much hardly moved.
        const isThere = cost === null || boxIou(track.box, sample.box) > SAME_PLACE_IOU;
        return isThere && tsUtc - lastUtc <= FILTER_BRIDGES_S ? null : 2;
      });
      costs.set(track, known);
    }
    return known[d] ?? null;
  };
}
