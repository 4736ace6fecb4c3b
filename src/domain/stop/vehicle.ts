/** One vehicle as the analyzer follows it, and how it is shown. Belongs to site-analyzer.ts. */
import type { FollowedTrack } from '../tracking/followed-track.ts';
import type { Detection, Site, SpeedUnit, TrackState, TrackView, Verdict } from '../types.ts';
import { type LiveMotion, UNKNOWN_MOTION } from './live-motion.ts';
import { newPassGate, type PassGate } from './pass-gate.ts';
import type { Sample } from './sample.ts';
import { newStanding, type Standing, standingAt } from './standing.ts';
import { type StandingVehicle, standingVehicle } from './standing-vehicle.ts';

export class Vehicle {
  readonly id: number;
  /** Another one after it was found again behind an outage. */
  track: FollowedTrack;
  readonly firstUtc: number;
  lastUtc: number;
  frames: number;
  /** By majority of its detections, weighted by their scores. */
  class = 'car';
  readonly samples: Sample[] = [];
  readonly standing: Standing;
  readonly gate: PassGate = newPassGate();
  motion: LiveMotion = UNKNOWN_MOTION;
  lengthM: number | null = null;
  verdict: Verdict | null = null;
  private readonly votes = new Map<string, number>();

  /** @param before what is known of it from before a restart */
  constructor(track: FollowedTrack, tsUtc: number, before?: StandingVehicle) {
    this.id = track.id;
    this.track = track;
    this.firstUtc = before?.firstUtc ?? tsUtc;
    this.lastUtc = tsUtc;
    this.frames = before?.frames ?? 0;
    this.standing = before ? standingAt(before.place, before) : newStanding();
  }

  see(detection: Detection, tsUtc: number): void {
    this.frames++;
    this.lastUtc = tsUtc;
    const votes = (this.votes.get(detection.class) ?? 0) + detection.score;
    this.votes.set(detection.class, votes);
    if (votes > (this.votes.get(this.class) ?? 0)) this.class = detection.class;
  }

  /** The same, but for the older part of its samples. */
  withNewest(samples: number): Vehicle {
    const copy = Object.create(Vehicle.prototype) as Vehicle;
    return Object.assign(copy, this, { samples: this.samples.slice(-samples) });
  }

  get latest(): Sample {
    return this.samples.at(-1) as Sample;
  }
}

/** A track from its first frame to its last; for the store. */
export interface TrackInfo {
  readonly trackId: number;
  readonly class: string;
  readonly firstUtc: number;
  readonly lastUtc: number;
  readonly frames: number;
  readonly parked: boolean;
  readonly last: TrackView;
  /** While it stands: what the next analyzer has to know of it. */
  readonly standing: StandingVehicle | null;
}

/** A standing vehicle shows 0 until it is clearly faster than the wobble of its box. */
const AT_REST_HEIGHTS_PER_S = 0.35;
const FROM_MPS: Readonly<Record<SpeedUnit, number>> = { 'km/h': 3.6, mph: 2.2369362920544 };

export function trackView(vehicle: Vehicle, site: Site): TrackView {
  const { motion, standing, latest } = vehicle;
  const isAtRest = standing.isStanding && (motion.relativeSpeed ?? 0) < AT_REST_HEIGHTS_PER_S;
  const speed = motion.speedMps === null ? null : isAtRest ? 0 : motion.speedMps * FROM_MPS[site.units];
  const error = isAtRest ? undefined : motion.speedErrorMps;
  return {
    id: vehicle.id,
    bbox: latest.box,
    speed,
    ...(error === undefined ? {} : { speed_error: error * FROM_MPS[site.units] }),
    speed_unit: site.units,
    direction: standing.isStanding ? null : motion.direction,
    is_parked: standing.isParked,
    class: vehicle.class,
    score: latest.score,
    state: stateOf(vehicle),
    ...(vehicle.verdict ? { verdict: vehicle.verdict } : {}),
  };
}

export function trackInfo(vehicle: Vehicle, site: Site): TrackInfo {
  return {
    trackId: vehicle.id,
    class: vehicle.class,
    firstUtc: vehicle.firstUtc,
    lastUtc: vehicle.lastUtc,
    frames: vehicle.frames,
    parked: vehicle.standing.isParked,
    last: trackView(vehicle, site),
    standing: standingVehicle(vehicle),
  };
}

function stateOf({ standing, gate, samples }: Vehicle): TrackState {
  if (standing.isParked) return 'parked';
  if (standing.isStanding) return 'stopped';
  if (gate.state === 'open') return gate.crossedUtc === null ? 'in_zone' : 'leaving';
  if (gate.state === 'done') return 'leaving';
  return isApproaching(samples) ? 'approaching' : 'moving';
}

/** Before the line and getting nearer to it over the last half second or so. */
function isApproaching(samples: readonly Sample[]): boolean {
  const now = samples.at(-1);
  if (!now || now.along === null || now.along >= 0) return false;
  for (let i = samples.length - 2; i >= 0; i--) {
    const before = samples[i] as Sample;
    const elapsed = now.tsUtc - before.tsUtc;
    if (elapsed < 0.5 || before.along === null) continue;
    return now.along - before.along > 0.5 * elapsed;
  }
  return false;
}
