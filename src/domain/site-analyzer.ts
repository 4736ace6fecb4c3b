/**
 * The front door of the domain: detections of one camera in, tracks, moments and judged passes out. Called by the
 * tracker room and by replay, on their threads. A pure state machine: a step reads nothing but the state and the
 * observation, so the same observations always give the same events. (The state is changed in place for speed; the
 * returned state is the one to go on with.)
 *
 * Time is capture time without the leaps of clocks that were set (even-time/): such a leap is let through while nobody is under
 * way. An observation that is not later than the last one is ignored and counted; one that lies more than RESET_BACK_S before
 * it, and does not tell its media time, means that the clock was set: passes are closed as lost and the tracks begin anew.
 * A gap in the times is an outage (outage/): who was under way in it is found again behind it, or comes out as incomplete.
 */
import { StopsignError } from '../errors.ts';
import type { AnalyzerOptions, AnalyzerState } from './analyzer/analyzer-state.ts';
import { beginAnew, recall } from './analyzer/begin-anew.ts';
import { closePass, endVehicle, openUntold } from './analyzer/end-pass.ts';
import { foundAgain, letGo } from './analyzer/find-again.ts';
import { findLeads, follow, see } from './analyzer/follow-vehicle.ts';
import { roadForRareFrame, tellSeenOnce, tellWaitedFor } from './analyzer/rare-frame.ts';
import { Output, type StepOutput } from './analyzer/step-output.ts';
import { isDue, letThrough, newEvenTime, takeTime } from './even-time/even-time.ts';
import { siteGeometry } from './geometry/site-geometry.ts';
import { mayReturn, newOutageWatch, noticeFrame } from './outage/outage-watch.ts';
import { PARKING_RULES } from './stop/standing.ts';
import { type TrackInfo, trackInfo, trackView, Vehicle } from './stop/vehicle.ts';
import { dropDoubles } from './tracking/doubled-detections.ts';
import { StopsignTracker } from './tracking/stopsign-tracker.ts';
import type { Detection, Observation } from './types.ts';
import { ViewTrust } from './view-watch/view-trust.ts';

export type { AnalyzerOptions, AnalyzerState } from './analyzer/analyzer-state.ts';
export type { StepOutput } from './analyzer/step-output.ts';
export type { StandingVehicle } from './stop/standing-vehicle.ts';
export type { TrackInfo } from './stop/vehicle.ts';

const RESET_BACK_S = 5;
/** Over a longer outage it is the road that tells who is who, not the motion in the picture. */
const FILTER_BRIDGES_S = 1;

/** Throws BAD_CONFIG when the site's geometry cannot be judged (see checkSite). */
export function createAnalyzer(options: AnalyzerOptions): AnalyzerState {
  const result = siteGeometry(options.site);
  if (!result.ok) {
    throw new StopsignError(
      'BAD_CONFIG',
      `Site "${options.site.name}" cannot be judged: ${result.problems.join('; ')}.`,
      {
        remedy: 'Correct the points in the site configuration.',
      },
    );
  }
  return {
    options,
    geometry: result.geometry,
    parking: options.parking ?? PARKING_RULES,
    tracker: new StopsignTracker({ firstId: options.firstTrackId }),
    vehicles: new Map(),
    trust: new ViewTrust(options.camera, options.site.timezone),
    outages: newOutageWatch(),
    time: newEvenTime(),
    lastTsUtc: null,
    ignored: 0,
    resets: 0,
  };
}

/** The id that the next new track would get. */
export function nextTrackId(state: AnalyzerState): number {
  return state.tracker.nextId;
}

/** All tracks alive, lost ones included: for the summaries that are stored from time to time. */
export function liveTracks(state: AnalyzerState): TrackInfo[] {
  return [...state.vehicles.values()].map((vehicle) => trackInfo(vehicle, state.options.site));
}

export function step(state: AnalyzerState, observation: Observation): [AnalyzerState, StepOutput] {
  const out = new Output();
  const evenUtc = takeTime(state.time, observation, state.lastTsUtc);
  const leapS = isDue(state.time, evenUtc, isAnybodyUnderWay(state)) ? letThrough(state.time) : 0;
  const tsUtc = evenUtc + leapS;
  const last = state.lastTsUtc;
  if (last !== null && evenUtc <= last && last - evenUtc <= RESET_BACK_S) {
    state.ignored++;
    return [state, out.done(false)];
  }
  if (leapS !== 0 || (last !== null && evenUtc <= last)) beginAnew(state, leapS, tsUtc, out);
  else if (last === null && state.resets === 0) recall(state, state.options.recall ?? [], tsUtc);
  const outage = noticeFrame(state.outages, state.lastTsUtc, tsUtc);
  const before = state.lastTsUtc;
  state.lastTsUtc = tsUtc;
  const { picture } = observation;
  if (picture) out.conditions.push(...state.trust.seeShape(picture, state.options.site.image, tsUtc));
  if (observation.view) out.conditions.push(...state.trust.see(observation.view, tsUtc));

  const { vehicles: classes } = state.options.site;
  const detections = dropDoubles(observation.detections.filter((d) => classes.includes(d.class) && isUsable(d)));
  const road = roadForRareFrame(state, detections, before, tsUtc);
  const tracks = state.tracker.step(detections, tsUtc, road);
  if (outage && outage.toUtc - outage.fromUtc > FILTER_BRIDGES_S) letGo(state);
  const seen: Vehicle[] = [];
  for (const track of tracks) {
    const detection = detections[track.detection];
    if (!detection) continue;
    let vehicle = state.vehicles.get(track.id) ?? foundAgain(state, track, detection, tsUtc, out);
    if (!vehicle) {
      vehicle = new Vehicle(track, road ? track.firstTime : tsUtc);
      state.vehicles.set(track.id, vehicle);
      // Of few glimpses each counts, the one before it was sure to be a vehicle too.
      const { time, box } = track.earliest;
      if (road && time < tsUtc) see(state, vehicle, { ...detection, bbox: box }, time);
    }
    see(state, vehicle, detection, tsUtc);
    seen.push(vehicle);
  }
  findLeads(state, seen, tsUtc);
  for (const vehicle of seen) follow(state, vehicle, out);

  const alive = new Set<number>();
  for (const track of state.tracker.seen) alive.add(track.id);
  for (const track of state.tracker.lost) alive.add(track.id);
  for (const [id, vehicle] of state.vehicles) {
    if (alive.has(id) || mayReturn(state.outages, vehicle.lastUtc, tsUtc)) continue;
    endVehicle(state, vehicle, 'lost', out);
    state.vehicles.delete(id);
  }
  tellSeenOnce(state, out);
  out.tracks = seen.map((vehicle) => trackView(vehicle, state.options.site));
  return [state, out.done(true)];
}

/** The input is over: unfinished passes come out incomplete, all tracks end. */
export function finish(state: AnalyzerState): StepOutput {
  const out = new Output();
  for (const vehicle of state.vehicles.values()) endVehicle(state, vehicle, 'input_ended', out);
  tellWaitedFor(state, out);
  state.vehicles.clear();
  state.tracker = new StopsignTracker({ firstId: state.tracker.nextId });
  return out.done(true);
}

/**
 * Nobody goes on from here for now: passes under way are told as far as they were seen, and will not be told again; all
 * else stays, for whoever goes on.
 */
export function suspend(state: AnalyzerState): StepOutput {
  const out = new Output();
  for (const vehicle of state.vehicles.values()) {
    openUntold(state, vehicle);
    if (vehicle.gate.state !== 'open') continue;
    closePass(state, vehicle, 'input_ended', out);
    vehicle.gate.state = 'done';
  }
  return out.done(true);
}

/** Nobody looked from the last frame until `nowUtc`, which is too long to go on: who was under way is given up. */
export function giveUp(state: AnalyzerState, nowUtc: number): StepOutput {
  const out = new Output();
  noticeFrame(state.outages, state.lastTsUtc, nowUtc);
  for (const vehicle of state.vehicles.values()) endVehicle(state, vehicle, 'lost', out);
  tellWaitedFor(state, out);
  state.vehicles.clear();
  return out.done(true);
}

/** While somebody drives or waits in view a leap of the clock would tear its way apart. */
function isAnybodyUnderWay({ vehicles }: AnalyzerState): boolean {
  for (const { gate, standing } of vehicles.values()) if (gate.state === 'open' || !standing.isParked) return true;
  return false;
}

function isUsable({ bbox, score }: Detection): boolean {
  return bbox.every(Number.isFinite) && bbox[2] - bbox[0] > 1 && bbox[3] - bbox[1] > 1 && Number.isFinite(score);
}
