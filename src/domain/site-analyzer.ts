/**
 * The front door of the domain: detections of one camera in, tracks, moments and judged passes out. Called by the
 * tracker room and by replay, on their threads. A pure state machine: a step reads nothing but the state and the
 * observation, so the same observations always give the same events. (The state is changed in place for speed; the
 * returned state is the one to go on with.)
 *
 * Time is capture time. An observation that is not later than the last one is ignored and counted; one that lies more
 * than RESET_BACK_S before it means that the clock was set: all passes are closed as lost and the tracks begin anew.
 * A gap in the times is an outage (outage/): who was under way in it is found again behind it, or comes out as incomplete.
 */
import { StopsignError } from '../errors.ts';
import { eventId } from './event-id.ts';
import { boxSample } from './evidence/box-sample.ts';
import { passEvent } from './evidence/pass-event.ts';
import { packEvidence } from './evidence/pass-evidence.ts';
import { type SiteGeometry, siteGeometry } from './geometry/site-geometry.ts';
import { judgeOverOutages } from './outage/judge-outage.ts';
import {
  bornAfter,
  mayReturn,
  newOutageWatch,
  noticeFrame,
  type OutageWatch,
  outagesAround,
  vanishedIn,
} from './outage/outage-watch.ts';
import { rejoin } from './outage/rejoin.ts';
import { cameThrough, openUnseen, wentThrough } from './outage/unseen-way.ts';
import type { PassEnding } from './stop/judge-pass.ts';
import { leadOf } from './stop/lead-vehicle.ts';
import { liveMotion } from './stop/live-motion.ts';
import { isFrontInZone, updatePassGate } from './stop/pass-gate.ts';
import { thin } from './stop/sample.ts';
import {
  isParkedNow,
  newStanding,
  PARKING_RULES,
  type ParkingRules,
  standingBox,
  updateStanding,
} from './stop/standing.ts';
import { isBelieved, type StandingVehicle } from './stop/standing-vehicle.ts';
import { type TrackInfo, trackInfo, trackView, Vehicle } from './stop/vehicle.ts';
import { boxIou } from './tracking/box-overlap.ts';
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
import { lineCrossing } from './view-watch/line-crossing.ts';
import { toldSamples, ViewTrust } from './view-watch/view-trust.ts';

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
  outages: OutageWatch;
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
const SAME_PLACE_IOU = 0.5;
/** Over a longer outage it is the road that tells who is who, not the motion in the picture. */
const FILTER_BRIDGES_S = 1;
const CREEP_MPS = 0.5;
/** Two wheels choose their own way. */
const KEEPS_LANE: readonly string[] = ['car', 'truck', 'bus'];
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
    outages: newOutageWatch(),
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
    state.outages = newOutageWatch();
    state.lastTsUtc = null;
  }
  if (state.lastTsUtc === null && state.resets === 0) recall(state, tsUtc);
  const outage = noticeFrame(state.outages, state.lastTsUtc, tsUtc);
  if (outage && outage.toUtc - outage.fromUtc > FILTER_BRIDGES_S) letGo(state);
  state.lastTsUtc = tsUtc;
  if (observation.view) out.conditions.push(...state.trust.see(observation.view, tsUtc));

  const { vehicles: classes } = state.options.site;
  const detections = dropDoubles(observation.detections.filter((d) => classes.includes(d.class) && isUsable(d)));
  const tracks = state.tracker.step(detections, tsUtc);
  const seen: Vehicle[] = [];
  for (const track of tracks) {
    const detection = detections[track.detection];
    if (!detection) continue;
    let vehicle = state.vehicles.get(track.id) ?? foundAgain(state, track, detection, tsUtc, out);
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
    if (alive.has(id) || mayReturn(state.outages, vehicle.lastUtc, tsUtc)) continue;
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

/**
 * Nobody goes on from here for now: passes under way are told as far as they were seen, and will not be told again; all
 * else stays, for whoever goes on.
 */
export function suspend(state: AnalyzerState): StepOutput {
  const out = new Output();
  for (const vehicle of state.vehicles.values()) {
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
  state.vehicles.clear();
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
    // Remembering is not seeing.
    vehicle.frames = before.frames;
  });
}

/** Whoever moved when an outage began is looked for on the road behind it, see `foundAgain`. */
function letGo(state: AnalyzerState): void {
  const stays = new Set<FollowedTrack>();
  for (const { track, motion } of state.vehicles.values()) {
    if (track.isStanding && (track.isParked || (motion.speedMps ?? 0) < CREEP_MPS)) stays.add(track);
  }
  state.tracker.forget((track) => !stays.has(track));
}

/** A new track right after an outage may be a vehicle that was lost in it. */
function foundAgain(
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
    moment(state, vehicle, 'moved_off', tsUtc, out);
  }
  return vehicle;
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
  if (gate.state === 'closed') findUnseen(state, vehicle);
  const passed = updatePassGate(gate, geometry, vehicle.samples, standing.isStanding);
  if (passed === 'opened') {
    vehicle.verdict = null;
    moment(state, vehicle, 'zone_entered', now, out);
  } else if (passed !== null) {
    moment(state, vehicle, 'zone_left', now, out);
    closePass(state, vehicle, passed, out);
  }
}

/** Beyond the line after an outage: the pass was not seen to begin. */
function findUnseen({ geometry, outages }: AnalyzerState, { gate, samples, firstUtc, lastUtc }: Vehicle): void {
  const outage = outagesAround(outages, firstUtc, lastUtc).at(-1);
  if (outage && cameThrough(geometry, samples, outage)) openUnseen(gate, lastUtc);
}

function endVehicle(state: AnalyzerState, vehicle: Vehicle, ending: PassEnding, out: Output): void {
  const { gate, samples, lastUtc } = vehicle;
  const isUntold = gate.state === 'closed' && !vehicle.standing.isParked;
  const outage = isUntold ? outagesAround(state.outages, vehicle.firstUtc, lastUtc).at(-1) : undefined;
  if (outage && wentThrough(state.geometry, samples, outage)) openUnseen(gate, lastUtc);
  if (vehicle.gate.state === 'open') closePass(state, vehicle, ending, out);
  out.ended.push(trackInfo(vehicle, state.options.site));
}

function closePass(state: AnalyzerState, vehicle: Vehicle, ending: PassEnding, out: Output): void {
  const { options, geometry } = state;
  const { samples, class: vehicleClass } = vehicle;
  const outages = outagesAround(state.outages, vehicle.firstUtc, vehicle.lastUtc);
  const judged = judgeOverOutages({ geometry, site: options.site, samples, vehicleClass, ending, outages });
  if (!judged) return;
  const event = passEvent(judged, {
    // Of when it was opened, not of when the judge has it enter: told again after a restart, it has the same id.
    id: eventId(vehicle.gate.openedUtc, options.camera, 'pass', vehicle.id),
    camera: options.camera,
    track_id: vehicle.id,
    vehicle: vehicleClass,
    config_version: options.configVersion,
    model_sha256: options.modelSha256,
  });
  const firstUtc = samples[0]?.tsUtc ?? event.entered_utc;
  const crossing = ending === 'crossed' && geometry.mode === 'ground' ? lineCrossing(samples) : null;
  if (crossing && KEEPS_LANE.includes(vehicleClass)) {
    out.conditions.push(...state.trust.watch(crossing, firstUtc, event.exited_utc));
  }
  const told = state.trust.judge(event, firstUtc);
  vehicle.verdict = told.verdict;
  out.events.push(told);
  out.passSamples[event.id] = toldSamples(told, judged.samples);
  const { width, height } = options.site.image;
  const about = { vehicle: vehicleClass, ending, isSuspended: told !== event, image: { width, height } };
  const lived = outages.map(({ fromUtc, toUtc }) => [fromUtc, toUtc] as const);
  out.passEvidence[event.id] = packEvidence(samples, { ...about, ...(lived.length > 0 && { outages: lived }) });
}

function moment(state: AnalyzerState, vehicle: Vehicle, type: MomentEvent['type'], tsUtc: number, out: Output): void {
  const { camera } = state.options;
  const id = eventId(tsUtc, camera, type, vehicle.id);
  out.events.push({ type, id, camera, track_id: vehicle.id, vehicle: vehicle.class, ts_utc: tsUtc });
}
