/**
 * Vehicles over an outage: they are let go when it begins, and a new track right behind it may be one of them. Called by
 * site-analyzer.ts at each frame.
 */
import { boxSample } from '../evidence/box-sample.ts';
import { bornAfter, vanishedIn } from '../outage/outage-watch.ts';
import { rejoin } from '../outage/rejoin.ts';
import { newStanding, standingBox } from '../stop/standing.ts';
import type { Vehicle } from '../stop/vehicle.ts';
import { boxIou } from '../tracking/box-overlap.ts';
import type { FollowedTrack } from '../tracking/followed-track.ts';
import type { Detection } from '../types.ts';
import type { AnalyzerState } from './analyzer-state.ts';
import type { Output } from './step-output.ts';

const CREEP_MPS = 0.5;
const SAME_PLACE_IOU = 0.5;

/** Whoever moved when an outage began is looked for on the road behind it, see `foundAgain`. */
export function letGo(state: AnalyzerState): void {
  const stays = new Set<FollowedTrack>();
  for (const { track, motion } of state.vehicles.values()) {
    if (track.isStanding && (track.isParked || (motion.speedMps ?? 0) < CREEP_MPS)) stays.add(track);
  }
  const seen = new Set(state.tracker.seen);
  state.tracker.forget((track) => track.id !== 0 && !seen.has(track) && !stays.has(track));
}

/** A new track right after an outage may be a vehicle that was lost in it. */
export function foundAgain(
  state: AnalyzerState,
  track: FollowedTrack,
  { bbox: box, score, class: vehicleClass }: Detection,
  tsUtc: number,
  out: Output,
): Vehicle | undefined {
  if (!bornAfter(state.outages, track.firstTime)) return undefined;
  const seen = new Set(state.tracker.seen);
  const missing = [...state.vehicles.values()].filter(
    ({ track: before, standing, lastUtc }) =>
      !seen.has(before) && !standing.isParked && !standing.isSinceBirth && vanishedIn(state.outages, lastUtc),
  );
  if (missing.length === 0) return undefined;
  const memory = { before: undefined, lengthM: null };
  const { sample } = boxSample(state.geometry, vehicleClass, { tsUtc, box, score }, memory);
  const vehicle = rejoin(state.geometry, sample, missing);
  if (!vehicle) return undefined;
  state.tracker.rejoin(track, vehicle.track);
  vehicle.track = track;
  const { standing } = vehicle;
  if (standing.isStanding && boxIou(standingBox(standing), box) < SAME_PLACE_IOU) {
    Object.assign(standing, newStanding(), { isSinceBirth: false });
    out.moment(state.options.camera, vehicle, 'moved_off', tsUtc);
  }
  return vehicle;
}
