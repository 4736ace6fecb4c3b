/**
 * What a scenario of the synthetic intersection is, after its file has been read, checked and its dice thrown (see
 * scenario-file.ts). Types only; shared by the kinematics, the truth and the renderer.
 *
 * World frame, metres: x along the street in the driving direction of the judged lane, y up, z across, towards the
 * usual camera. The near edge of the painted stop line is x = -0.25, the judged lane is z 0 … 3.5 with its middle at
 * 1.75, the oncoming lane's middle is z = -1.75; the cross street is x 4 … 11 (lane middles 5.75 and 9.25).
 */
import type { StopPolicy } from '../domain/types.ts';

export type BodyKind = 'sedan' | 'suv' | 'hatch' | 'van' | 'bus' | 'cyclist' | 'pedestrian';
export type Light = 'day' | 'dusk' | 'night';
export type Vec3 = readonly [x: number, y: number, z: number];

/** A three.js PerspectiveCamera: upright, looking at a point, `fovDeg` is the vertical field of view. */
export interface SimCamera {
  readonly position: Vec3;
  readonly lookAt: Vec3;
  readonly fovDeg: number;
}

export interface Disturbance {
  /** From `atS` on, everything in the picture lies `shiftPx` further right and down (pixels of `size`). */
  readonly bump?: { readonly atS: number; readonly shiftPx: readonly [number, number] };
  /** While fromS ≤ t < toS frames keep coming and show the world of `fromS` (see shownTime). */
  readonly freeze?: { readonly fromS: number; readonly toS: number };
  /** The frame rate is drawn anew every `changeEveryS` between minFps and maxFps; `dropShare` of all frames is lost. */
  readonly variableFps?: {
    readonly minFps: number;
    readonly maxFps: number;
    readonly changeEveryS: number;
    readonly dropShare: number;
  };
}

/** Where the zone begins and what counts as a stop; everything else of the site follows from the camera. */
export interface SiteOverrides {
  readonly units: 'km/h' | 'mph';
  readonly timezone: string;
  /** The stop zone begins this far before the line, metres. */
  readonly zoneM: number;
  readonly policy: StopPolicy;
}

export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly durationS: number;
  readonly fps: number;
  /** The world at t = durationS is the world at t = 0. */
  readonly loop: boolean;
  readonly size: { readonly width: number; readonly height: number };
  readonly camera: SimCamera;
  readonly light: Light;
  readonly rain: boolean;
  readonly disturbance?: Disturbance;
  readonly actors: readonly ActorSpec[];
  readonly site: SiteOverrides;
}

interface ActorBase {
  /** Unique in the scenario. */
  readonly id: string;
  readonly body: BodyKind;
  /** #rrggbb */
  readonly colour: string;
  /** null: as the light demands. */
  readonly headlights: boolean | null;
}

/** How speed is changed: with constant acceleration, or with constant jerk up to it (jerkMps3). */
export interface Handling {
  readonly brakeMps2: number;
  readonly pullMps2: number;
  /** null: acceleration jumps (piecewise constant acceleration). */
  readonly jerkMps3: number | null;
}

/** A place where the driver slows: the front comes down to `speedMps` exactly `beforeLineM` before the line. */
export interface Slowdown {
  /** Negative: beyond the line. */
  readonly beforeLineM: number;
  readonly speedMps: number;
  /** Standing time; 0 unless speedMps is 0. */
  readonly standS: number;
}

export type Turn = 'straight' | 'right' | 'left';

export type Lane = 'judged' | 'oncoming' | 'cross_near' | 'cross_far';

/** Drives along a lane: every behaviour on wheels comes down to this. */
export interface DriverSpec extends ActorBase {
  readonly does: 'drive';
  readonly lane: Lane;
  /** Metres to the right of the lane's middle, in driving direction. */
  readonly offsetM: number;
  /** When the front reaches the place `timedPlace`. */
  readonly timeS: number;
  /** Index into slowdowns; null: place 0 of the lane (on the judged lane, the line). */
  readonly timedPlace: number | null;
  readonly approachMps: number;
  /** Speed that it pulls away to. */
  readonly leaveMps: number;
  readonly handling: Handling;
  /** In order of driving. */
  readonly slowdowns: readonly Slowdown[];
  /** The front where it enters and leaves the world, metres along the lane; the line is 0. */
  readonly fromM: number;
  readonly toM: number;
  /** What it does after the line; other lanes go straight on. */
  readonly turn: Turn;
  /** The vehicle that it stood behind: says nothing about the motion, goes into the truth. */
  readonly behind: string | null;
}

export interface ParkedSpec extends ActorBase {
  readonly does: 'parked';
  /** Middle of the footprint. */
  readonly at: readonly [x: number, z: number];
  readonly headingRad: number;
}

/** Comes along its lane, parks at the kerb, stands, and drives off. */
export interface ParkAndLeaveSpec extends ActorBase {
  readonly does: 'park_and_leave';
  readonly lane: Lane;
  /** Front bumper of the parked car, metres before the line. */
  readonly beforeLineM: number;
  /** Metres from the lane's middle towards the kerb. */
  readonly kerbOffsetM: number;
  /** When it stands. */
  readonly timeS: number;
  readonly standS: number;
  readonly approachMps: number;
  readonly leaveMps: number;
  readonly handling: Handling;
  readonly fromM: number;
  readonly toM: number;
  /** Where it slows on its way after that. */
  readonly slowdowns: readonly Slowdown[];
}

/** Walks a straight way at constant speed. */
export interface WalkerSpec extends ActorBase {
  readonly does: 'walk';
  readonly from: readonly [x: number, z: number];
  readonly to: readonly [x: number, z: number];
  readonly startS: number;
  readonly speedMps: number;
}

export type ActorSpec = DriverSpec | ParkedSpec | ParkAndLeaveSpec | WalkerSpec;

/** One body at one moment, exact. */
export interface BodyState {
  readonly id: string;
  readonly body: BodyKind;
  /** COCO class, or null for a pedestrian. */
  readonly vehicle: 'car' | 'bus' | 'bicycle' | null;
  readonly lane: Lane | null;
  /** #rrggbb */
  readonly colour: string;
  /** Middle of the footprint on the ground. */
  readonly center: readonly [x: number, z: number];
  /** three.js rotation.y: 0 drives towards +x, π/2 towards -z, π towards -x. Forward is (cos h, -sin h) in (x, z). */
  readonly heading: number;
  /** Metres along its own path; on the judged lane the line's near edge is 0 and places before it are negative. */
  readonly front: number;
  readonly speedMps: number;
  readonly accelerationMps2: number;
  /** Brake lights. */
  readonly braking: boolean;
  readonly lengthM: number;
  readonly widthM: number;
  readonly heightM: number;
  readonly headlights: boolean;
}
