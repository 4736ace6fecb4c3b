/** What is known of vehicles that stand, over a clock that was set and over the end of a process. Called by site-analyzer.ts. */
import { newOutageWatch } from '../outage/outage-watch.ts';
import { isBelieved, type StandingVehicle } from '../stop/standing-vehicle.ts';
import { trackInfo, Vehicle } from '../stop/vehicle.ts';
import type { FollowedTrack } from '../tracking/followed-track.ts';
import { StopsignTracker } from '../tracking/stopsign-tracker.ts';
import type { AnalyzerState } from './analyzer-state.ts';
import { closePass, endVehicle } from './end-pass.ts';
import { see } from './follow-vehicle.ts';
import { tellWaitedFor } from './rare-frame.ts';
import type { Output } from './step-output.ts';

/**
 * The clock was set by `leapS` and is followed: passes under way end as lost, who is parked is looked for where it stands.
 * A pass of somebody who parked in the zone is told now, and not a second time when it drives off.
 */
export function beginAnew(state: AnalyzerState, leapS: number, tsUtc: number, out: Output): void {
  state.resets++;
  const parked: StandingVehicle[] = [];
  const isTold = new Set<number>();
  for (const vehicle of state.vehicles.values()) {
    const { standing } = trackInfo(vehicle, state.options.site);
    if (leapS === 0 || !standing?.isParked) {
      endVehicle(state, vehicle, 'lost', out);
      continue;
    }
    if (!vehicle.track.isPart && vehicle.gate.state === 'open') closePass(state, vehicle, 'lost', out);
    if (vehicle.gate.state !== 'closed') isTold.add(vehicle.id);
    parked.push(later(standing, leapS));
  }
  tellWaitedFor(state, out);
  state.vehicles.clear();
  state.tracker = new StopsignTracker({ firstId: state.tracker.nextId });
  state.outages = newOutageWatch();
  state.lastTsUtc = null;
  recall(state, parked, tsUtc);
  for (const vehicle of state.vehicles.values()) if (isTold.has(vehicle.id)) vehicle.gate.state = 'done';
}

function later({ firstUtc, lastUtc, sinceUtc, ...rest }: StandingVehicle, byS: number): StandingVehicle {
  return { ...rest, firstUtc: firstUtc + byS, lastUtc: lastUtc + byS, sinceUtc: sinceUtc + byS };
}

/** Before the first frame: those that stood at the end are looked for where they stood. */
export function recall(state: AnalyzerState, standing: readonly StandingVehicle[], tsUtc: number): void {
  const known = standing.filter((vehicle) => isBelieved(vehicle, tsUtc));
  const places = known.map(({ trackId, place, isParked }) => ({ id: trackId, box: place, isParked }));
  const tracks = state.tracker.recall(places, tsUtc);
  known.forEach((before, i) => {
    const vehicle = new Vehicle(tracks[i] as FollowedTrack, before.lastUtc, before);
    state.vehicles.set(vehicle.id, vehicle);
    see(state, vehicle, { bbox: before.place, score: 1, class: before.class }, before.lastUtc);
    // Remembering is not seeing.
    vehicle.frames = before.frames;
  });
}
