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
import { boxSample } from './evidence/box-sample.ts';
import { passEvent } from './evidence/pass-event.ts';
import { packEvidence } from './evidence/pass-evidence.ts';
import { type SiteGeometry, siteGeometry } from './geometry/site-geometry.ts';
import { judgePass, type PassEnding } from './stop/judge-pass.ts';
import { leadOf } from './stop/lead-vehicle.ts';
import { liveMotion } from './stop/live-motion.ts';
import { isFrontInZone, updatePassGate } from './stop/pass-gate.ts';
import { thin } from './stop/sample.ts';
import { isParkedNow, PARKING_RULES, type ParkingRules, standingBox, updateStanding } from './stop/standing.ts';
import { isBelieved, type StandingVehicle } from './stop/standing-vehicle.ts';
import { type TrackInfo, trackInfo, trackView, Vehicle } from './stop/vehicle.ts';
import { dropDoubles } from './tracking/doubled-detections.ts';
import type { FollowedTrack } from './tracking/followed-track.ts';
import { StopsignTracker } from './tracking/stopsign-tracker.ts';
import type {
  ConditionEvent,
  Detection,
  DomainEvent,
  MomentEvent,
  Observation,
  PassEvidence,
  PassSample,
  Site,
  TrackView,
} from './types.ts';
import { ViewTrust } from './view-watch/view-trust.ts';

export type { StandingVehicle } from './stop/standing-vehicle.ts';
export type { TrackInfo } from './stop/vehicle.ts';

export interface AnalyzerOptions {
  readonly camera: string;
  readonly site: Site;
  readonly configVersion: string;
  readonly modelSha256: string | null;
  /** Ids go up from here, so that they are never used twice. */
  readonly firstTrackId: number;
  readonly parking?: ParkingRules;
  /** Vehicles that stood when the analyzer before this one ended (TrackInfo.standing of its last summaries). */
  readonly recall?: readonly StandingVehicle[] | undefined;
}

export interface AnalyzerState {
  readonly options: AnalyzerOptions;
  readonly geometry: SiteGeometry;
  readonly parking: ParkingRules;
  tracker: StopsignTracker;
  readonly vehicles: Map<number, Vehicle>;
  readonly trust: ViewTrust;
  lastTsUtc: number | null;
  /** Observations that were not later than the one before. */
  ignored: number;
  /** Times that the clock went back. */
  resets: number;
}

export interface StepOutput {
  readonly tracks: readonly TrackView[];
  readonly events: readonly DomainEvent[];
  /** What began or ended with the camera's view. */
  readonly conditions: readonly ConditionEvent[];
  /** The smoothed samples of each pass among the events, by its id. */
  readonly passSamples: Readonly<Record<string, readonly PassSample[]>>;
  /** What each of them was judged on, by its id. */
  readonly passEvidence: Readonly<Record<string, PassEvidence>>;
  /** Tracks that are over. */
  readonly ended: readonly TrackInfo[];
  /** False when the observation was ignored because it was not later than the last. */
  readonly accepted: boolean;
}

const RESET_BACK_S = 5;
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
    tracker: new StopsignTracker({ firstId: options.firstTrackId }),
    vehicles: new Map(),
    trust: new ViewTrust(options.camera, options.site.timezone),
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
    state.tracker = new StopsignTracker({ firstId: state.tracker.nextId });
    state.lastTsUtc = null;
  }
  if (state.lastTsUtc === null && state.resets === 0) recall(state, tsUtc);
  state.lastTsUtc = tsUtc;
  if (observation.view) out.conditions.push(...state.trust.see(observation.view, tsUtc));

  const { vehicles: classes } = state.options.site;
  const detections = dropDoubles(observation.detections.filter((d) => classes.includes(d.class) && isUsable(d)));
  const tracks = state.tracker.step(detections, tsUtc);
  const seen: Vehicle[] = [];
  for (const track of tracks) {
    const detection = detections[track.detection];
    if (!detection) continue;
    let vehicle = state.vehicles.get(track.id);
    if (!vehicle) {
      vehicle = new Vehicle(track, tsUtc);
      state.vehicles.set(track.id, vehicle);
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
  state.tracker = new StopsignTracker({ firstId: state.tracker.nextId });
  return out.done(true);
}

/** Before the first frame: those that stood at the end are looked for where they stood. */
function recall(state: AnalyzerState, tsUtc: number): void {
  const known = (state.options.recall ?? []).filter((vehicle) => isBelieved(vehicle, tsUtc));
  const places = known.map(({ trackId, place, isParked }) => ({ id: trackId, box: place, isParked }));
  const tracks = state.tracker.recall(places, tsUtc);
  known.forEach((before, i) => {
    const vehicle = new Vehicle(tracks[i] as FollowedTrack, before.lastUtc, before);
    state.vehicles.set(vehicle.id, vehicle);
    see(state, vehicle, { bbox: before.place, score: 1, class: before.class }, before.lastUtc);
  });
}

class Output {
  tracks: TrackView[] = [];
  readonly events: DomainEvent[] = [];
  readonly conditions: ConditionEvent[] = [];
  readonly passSamples: Record<string, readonly PassSample[]> = {};
  readonly passEvidence: Record<string, PassEvidence> = {};
  readonly ended: TrackInfo[] = [];

  done(accepted: boolean): StepOutput {
    const { tracks, events, conditions, passSamples, passEvidence, ended } = this;
    return { tracks, events, conditions, passSamples, passEvidence, ended, accepted };
  }
}

function isUsable({ bbox, score }: Detection): boolean {
  return bbox.every(Number.isFinite) && bbox[2] - bbox[0] > 1 && bbox[3] - bbox[1] > 1 && Number.isFinite(score);
}

/** Takes a box into the vehicle's history. */
function see(state: AnalyzerState, vehicle: Vehicle, detection: Detection, tsUtc: number): void {
  vehicle.see(detection, tsUtc);
  const { bbox: box, score } = detection;
  const memory = { before: vehicle.samples.at(-1), lengthM: vehicle.lengthM };
  const { sample, lengthM } = boxSample(state.geometry, vehicle.class, { tsUtc, box, score }, memory);
  vehicle.lengthM = lengthM;
  vehicle.samples.push(sample);
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
  vehicle.track.place = standing.isStanding ? standingBox(standing) : null;
  vehicle.track.isParked = standing.isParked;
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
  const event = passEvent(judged, {
    id: eventId(judged.enteredUtc, options.camera, 'pass', vehicle.id),
    camera: options.camera,
    track_id: vehicle.id,
    vehicle: vehicleClass,
    config_version: options.configVersion,
    model_sha256: options.modelSha256,
  });
  const told = state.trust.judge(event, samples[0]?.tsUtc ?? event.entered_utc);
  vehicle.verdict = told.verdict;
  out.events.push(told);
  out.passSamples[event.id] = judged.samples;
  const { width, height } = options.site.image;
  const about = { vehicle: vehicleClass, ending, isSuspended: told !== event, image: { width, height } };
  out.passEvidence[event.id] = packEvidence(samples, about);
}

function moment(state: AnalyzerState, vehicle: Vehicle, type: MomentEvent['type'], tsUtc: number, out: Output): void {
  const { camera } = state.options;
  const id = eventId(tsUtc, camera, type, vehicle.id);
  out.events.push({ type, id, camera, track_id: vehicle.id, vehicle: vehicle.class, ts_utc: tsUtc });
}
