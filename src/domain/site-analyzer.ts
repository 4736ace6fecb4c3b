/**
 * The front door of the domain: detections of one camera in, tracks, moments and judged passes out. Called by the
 * tracker room and by replay, on their threads. A pure state machine: a step reads nothing but the state and the
 * observation, so the same observations always give the same events. (The state is changed in place for speed; the
 * returned state is the one to go on with.)
 *
 * Time is capture time. An observation that is not later than the last one is ignored and counted; one that lies more
 * than RESET_BACK_S before it means that the clock was set: all passes are closed as lost and the tracks begin anew.
 */
import { StopsignError } from '../errors.ts';
import { eventId } from './event-id.ts';
import { type SiteGeometry, siteGeometry, toRoad } from './geometry/site-geometry.ts';
import { contactPoint, footprint } from './stop/footprint.ts';
import { judgePass, type PassEnding } from './stop/judge-pass.ts';
import { leadOf } from './stop/lead-vehicle.ts';
import { liveMotion } from './stop/live-motion.ts';
import { isFrontInZone, updatePassGate } from './stop/pass-gate.ts';
import { thin } from './stop/sample.ts';
import { isParkedNow, PARKING_RULES, type ParkingRules, updateStanding } from './stop/standing.ts';
import { newVehicle, type TrackInfo, trackInfo, trackView, type Vehicle } from './stop/vehicle.ts';
import { vehicleSize } from './stop/vehicle-size.ts';
import { ByteTracker, REFERENCE_OPTIONS } from './tracking/byte-tracker.ts';
import { dropDoubles } from './tracking/doubled-detections.ts';
import type {
  Detection,
  DomainEvent,
  MomentEvent,
  Observation,
  PassEvent,
  PassSample,
  Site,
  TrackView,
} from './types.ts';

export type { TrackInfo } from './stop/vehicle.ts';

export interface AnalyzerOptions {
  readonly camera: string;
  readonly site: Site;
  readonly configVersion: string;
  readonly modelSha256: string | null;
  /** Ids go up from here, so that they are never used twice. */
  readonly firstTrackId: number;
  readonly parking?: ParkingRules;
}

export interface AnalyzerState {
  readonly options: AnalyzerOptions;
  readonly geometry: SiteGeometry;
  readonly parking: ParkingRules;
  tracker: ByteTracker;
  readonly vehicles: Map<number, Vehicle>;
  lastTsUtc: number | null;
  /** Observations that were not later than the one before. */
  ignored: number;
  /** Times that the clock went back. */
  resets: number;
}

export interface StepOutput {
  readonly tracks: readonly TrackView[];
  readonly events: readonly DomainEvent[];
  /** The smoothed samples of each pass among the events, by its id. */
  readonly passSamples: Readonly<Record<string, readonly PassSample[]>>;
  /** Tracks that are over. */
  readonly ended: readonly TrackInfo[];
  /** False when the observation was ignored because it was not later than the last. */
  readonly accepted: boolean;
}

const RESET_BACK_S = 5;
const LOST_S = 3;
const LOST_STANDING_S = 30;
/** The filter's noise is tuned per frame of a 30 fps video: that is its step. */
const FILTER_STEPS_PER_S = 30;
const MAX_FILTER_STEPS = 90;
/** Live lateral place: loosely held where it was. */
const ACROSS_SIGMA_M = 1;
const LENGTH_MEMORY = 0.1;
const SLOW_FACTOR = 2;
const TO_MPS = { 'km/h': 1 / 3.6, mph: 0.44704 } as const;

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
    tracker: newTracker(options.firstTrackId),
    vehicles: new Map(),
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
  const { tsUtc } = observation;
  const last = state.lastTsUtc;
  if (last !== null && tsUtc <= last) {
    if (last - tsUtc <= RESET_BACK_S) {
      state.ignored++;
      return [state, out.done(false)];
    }
    state.resets++;
    for (const vehicle of state.vehicles.values()) endVehicle(state, vehicle, 'lost', out);
    state.vehicles.clear();
    state.tracker = newTracker(state.tracker.nextId);
    state.lastTsUtc = null;
  }
  const elapsed = state.lastTsUtc === null ? 1 / FILTER_STEPS_PER_S : tsUtc - state.lastTsUtc;
  state.lastTsUtc = tsUtc;

  const { vehicles: classes } = state.options.site;
  const detections = dropDoubles(observation.detections.filter((d) => classes.includes(d.class) && isUsable(d)));
  const tracks = state.tracker.step(detections, tsUtc, Math.min(MAX_FILTER_STEPS, elapsed * FILTER_STEPS_PER_S));
  const seen: Vehicle[] = [];
  for (const track of tracks) {
    const detection = detections[track.detection];
    if (!detection || track.id === 0) continue;
    let vehicle = state.vehicles.get(track.id);
    if (!vehicle) {
      vehicle = newVehicle(track, tsUtc);
      state.vehicles.set(track.id, vehicle);
    }
    see(state, vehicle, detection, tsUtc);
    seen.push(vehicle);
  }
  findLeads(state, seen, tsUtc);
  for (const vehicle of seen) follow(state, vehicle, out);

  const alive = new Set<number>();
  for (const track of state.tracker.tracked) alive.add(track.id);
  for (const track of state.tracker.lost) alive.add(track.id);
  for (const [id, vehicle] of state.vehicles) {
    if (alive.has(id)) continue;
    endVehicle(state, vehicle, 'lost', out);
    state.vehicles.delete(id);
  }
  out.tracks = seen.map((vehicle) => trackView(vehicle, state.options.site));
  return [state, out.done(true)];
}

/** The input is over: unfinished passes come out incomplete, all tracks end. */
export function finish(state: AnalyzerState): StepOutput {
  const out = new Output();
  for (const vehicle of state.vehicles.values()) endVehicle(state, vehicle, 'input_ended', out);
  state.vehicles.clear();
  state.tracker = newTracker(state.tracker.nextId);
  return out.done(true);
}

class Output {
  tracks: TrackView[] = [];
  readonly events: DomainEvent[] = [];
  readonly passSamples: Record<string, readonly PassSample[]> = {};
  readonly ended: TrackInfo[] = [];

  done(accepted: boolean): StepOutput {
    const { tracks, events, passSamples, ended } = this;
    return { tracks, events, passSamples, ended, accepted };
  }
}

function newTracker(firstId: number): ByteTracker {
  return new ByteTracker({
    ...REFERENCE_OPTIONS,
    lostBuffer: LOST_S,
    lostBufferStanding: LOST_STANDING_S,
    rescueGrow: 0.3,
    standingIou: 0.5,
    idsAtBirth: false,
    firstId,
  });
}

function isUsable({ bbox, score }: Detection): boolean {
  return bbox.every(Number.isFinite) && bbox[2] - bbox[0] > 1 && bbox[3] - bbox[1] > 1 && Number.isFinite(score);
}

/** Takes a box into the vehicle's history. */
function see(state: AnalyzerState, vehicle: Vehicle, detection: Detection, tsUtc: number): void {
  const { geometry } = state;
  vehicle.see(detection, tsUtc);
  const size = vehicleSize(vehicle.class);
  const before = vehicle.samples.at(-1);
  const contact = contactPoint(geometry, detection.bbox);
  const across = before?.across ?? (contact ? toRoad(geometry, contact)[1] : 0);
  const print = footprint(geometry, detection.bbox, {
    ...size,
    lengthM: vehicle.lengthM ?? size.lengthM,
    lengthSigmaM: vehicle.lengthM === null ? size.lengthSigmaM : size.lengthSigmaM / 2,
    across,
    acrossSigma: ACROSS_SIGMA_M,
  });
  if (print) vehicle.lengthM = (vehicle.lengthM ?? print.length) * (1 - LENGTH_MEMORY) + print.length * LENGTH_MEMORY;
  vehicle.samples.push({
    tsUtc,
    box: detection.bbox,
    score: detection.score,
    along: print?.along ?? null,
    across: print?.across ?? null,
    length: vehicle.lengthM ?? size.lengthM,
    sigma: print?.sigma ?? 1,
    contact,
    lead: null,
  });
  thin(vehicle.samples);
}

function findLeads(state: AnalyzerState, seen: readonly Vehicle[], tsUtc: number): void {
  const onRoad = [...state.vehicles.values()]
    .filter((vehicle) => tsUtc - vehicle.lastUtc <= 1)
    .map((vehicle) => ({ vehicle, latest: vehicle.latest, isStanding: vehicle.standing.isStanding }));
  for (const self of onRoad) {
    if (seen.includes(self.vehicle)) self.latest.lead = leadOf(self, onRoad);
  }
}

function follow(state: AnalyzerState, vehicle: Vehicle, out: Output): void {
  const { geometry, options, parking } = state;
  const { standing, gate } = vehicle;
  const now = vehicle.lastUtc;
  vehicle.motion = liveMotion(geometry, vehicle.samples);
  const limit = SLOW_FACTOR * options.site.policy.stop_speed * TO_MPS[options.site.units];
  const change = updateStanding(standing, vehicle.samples, (vehicle.motion.speedMps ?? 0) < limit);
  vehicle.track.isStanding = standing.isStanding;
  if (change?.type === 'moved_off' && standing.isParked) {
    standing.isParked = false;
    moment(state, vehicle, 'unparked', change.tsUtc, out);
  }
  if (change) moment(state, vehicle, change.type, change.tsUtc, out);
  const isInside = isFrontInZone(geometry, vehicle.latest);
  if (!standing.isParked && isParkedNow(standing, now, isInside, parking)) {
    standing.isParked = true;
    moment(state, vehicle, 'parked', now, out);
  }
  const passed = updatePassGate(gate, geometry, vehicle.samples, standing.isStanding);
  if (passed === 'opened') {
    vehicle.verdict = null;
    moment(state, vehicle, 'zone_entered', now, out);
  } else if (passed !== null) {
    moment(state, vehicle, 'zone_left', now, out);
    closePass(state, vehicle, passed, out);
  }
}

function endVehicle(state: AnalyzerState, vehicle: Vehicle, ending: PassEnding, out: Output): void {
  if (vehicle.gate.state === 'open') closePass(state, vehicle, ending, out);
  out.ended.push(trackInfo(vehicle, state.options.site));
}

function closePass(state: AnalyzerState, vehicle: Vehicle, ending: PassEnding, out: Output): void {
  const { options, geometry } = state;
  const { samples, class: vehicleClass } = vehicle;
  const judged = judgePass({ geometry, site: options.site, samples, vehicleClass, ending });
  if (!judged) return;
  vehicle.verdict = judged.verdict;
  const event: PassEvent = {
    type: 'pass',
    id: eventId(judged.enteredUtc, options.camera, 'pass', vehicle.id),
    camera: options.camera,
    track_id: vehicle.id,
    vehicle: vehicleClass,
    entered_utc: judged.enteredUtc,
    exited_utc: judged.exitedUtc,
    verdict: judged.verdict,
    reason: judged.reason,
    forced: judged.forced,
    encroached: judged.encroached,
    complete: judged.complete,
    stopped_s: judged.stoppedS,
    min_speed: judged.minSpeed,
    min_speed_utc: judged.minSpeedUtc,
    approach_speed: judged.approachSpeed,
    stop_distance_m: judged.stopDistanceM,
    time_in_zone_s: judged.timeInZoneS,
    samples: judged.samples.length,
    config_version: options.configVersion,
    model_sha256: options.modelSha256,
  };
  out.events.push(event);
  out.passSamples[event.id] = judged.samples;
}

function moment(state: AnalyzerState, vehicle: Vehicle, type: MomentEvent['type'], tsUtc: number, out: Output): void {
  const { camera } = state.options;
  const id = eventId(tsUtc, camera, type, vehicle.id);
  out.events.push({ type, id, camera, track_id: vehicle.id, vehicle: vehicle.class, ts_utc: tsUtc });
}
