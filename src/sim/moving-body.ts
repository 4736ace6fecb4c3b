/** An actor of a scenario as a function of time. Called by world.ts and by the truth of passes; pure. */
import { bodySize } from './body-shape.ts';
import { Path } from './kinematics/path.ts';
import { type DrivePlan, type PlannedDrive, planDrive } from './kinematics/plan-drive.ts';
import { Profile } from './kinematics/profile.ts';
import { lanePath } from './lanes.ts';
import type {
  ActorSpec,
  BodyKind,
  BodyState,
  DriverSpec,
  Handling,
  Lane,
  ParkAndLeaveSpec,
  ParkedSpec,
  Scenario,
  Slowdown,
  WalkerSpec,
} from './scenario.ts';

export interface MovingBody {
  readonly spec: ActorSpec;
  /** The front along the way; null for what never moves. */
  readonly profile: Profile | null;
  /** In the world from … to, scenario seconds. */
  readonly fromS: number;
  readonly toS: number;
  /** null while it is not in the world. */
  at(tS: number): BodyState | null;
}

/** Radius of the curves into and out of a parking place, at the car's middle. */
const PARKING_RADIUS_M = 14;
/** A turn begins when the car's middle is here, metres beyond the line; the radii lead into the cross street's lanes. */
const TURN_BEGIN_M = 2;
const TURN_RADIUS_M = { right: 4, left: 7.5 } as const;

/** Throws ImpossiblePlan (see plan-drive.ts) when an actor cannot do what it should. */
export function movingBodies(scenario: Pick<Scenario, 'actors' | 'light' | 'rain'>): MovingBody[] {
  const lightsOn = scenario.light !== 'day' || scenario.rain;
  return scenario.actors.map((spec) => movingBody(spec, lightsOn));
}

export function movingBody(spec: ActorSpec, lightsOn: boolean): MovingBody {
  switch (spec.does) {
    case 'drive':
      return driving(spec, lightsOn);
    case 'park_and_leave':
      return parkingAndLeaving(spec, lightsOn);
    case 'parked':
      return parked(spec);
    case 'walk':
      return walking(spec);
  }
}

/** The planned way of a driver, moved in time so that it is where it should be at `timeS`. */
export function plannedDrive(spec: DriverSpec): PlannedDrive {
  const { timeS, timedPlace } = spec;
  return onTime(timeS, { ...spec, ...efforts(spec.handling), places: places(spec.slowdowns) }, (drive) =>
    timedPlace === null ? drive.profile.timeAt(0) : drive.reachedS[timedPlace],
  );
}

function driving(spec: DriverSpec, lightsOn: boolean): MovingBody {
  const half = bodySize(spec.body).lengthM / 2;
  const path = lanePath(spec.lane, spec.fromM - half, spec.offsetM);
  if (spec.turn !== 'straight') {
    path.straight(TURN_BEGIN_M - path.endM);
    path.arc(TURN_RADIUS_M[spec.turn], spec.turn === 'left' ? Math.PI / 2 : -Math.PI / 2);
  }
  const { profile } = plannedDrive(spec);
  return along({ spec, path, profile, toM: spec.toM, lane: spec.lane, headlights: spec.headlights ?? lightsOn });
}

/** Its path is measured so that it agrees with the lane after it has left the kerb again. */
function parkingAndLeaving(spec: ParkAndLeaveSpec, lightsOn: boolean): MovingBody {
  const half = bodySize(spec.body).lengthM / 2;
  const turn = Math.acos(1 - spec.kerbOffsetM / (2 * PARKING_RADIUS_M));
  const shiftWay = 2 * PARKING_RADIUS_M * Math.sin(turn);
  const detour = 2 * PARKING_RADIUS_M * (turn - Math.sin(turn));
  const standM = -spec.beforeLineM - half;
  const beginM = spec.fromM - half;
  const path = new Path(lanePath(spec.lane, beginM, 0).at(beginM), beginM - 2 * detour)
    .straight(standM - 0.5 - shiftWay - beginM)
    .shift(spec.kerbOffsetM, PARKING_RADIUS_M)
    .straight(1)
    .shift(-spec.kerbOffsetM, PARKING_RADIUS_M);
  const plan = {
    ...spec,
    ...efforts(spec.handling),
    fromM: spec.fromM - 2 * detour,
    places: [{ atM: -spec.beforeLineM - detour, speedMps: 0, standS: spec.standS }, ...places(spec.slowdowns)],
  };
  const { profile } = onTime(spec.timeS, plan, (drive) => drive.reachedS[0]);
  const moving = along({
    spec,
    path,
    profile,
    toM: spec.toM,
    lane: spec.lane,
    headlights: spec.headlights ?? lightsOn,
  });
  const [standsS, leavesS] = [spec.timeS, spec.timeS + spec.standS];
  return {
    ...moving,
    at(tS) {
      const state = moving.at(tS);
      if (!state || tS < standsS + LIGHTS_OFF_S || tS >= leavesS - LIGHTS_OFF_S) return state;
      return { ...state, braking: false, headlights: spec.headlights ?? false };
    },
  };
}

/** A parked car's lights go out this long after it stands, and on again this long before it leaves. */
const LIGHTS_OFF_S = 1.5;

function parked(spec: ParkedSpec): MovingBody {
  const state: BodyState = {
    ...identity(spec),
    lane: null,
    center: spec.at,
    heading: spec.headingRad,
    front: 0,
    speedMps: 0,
    accelerationMps2: 0,
    braking: false,
    headlights: spec.headlights ?? false,
  };
  return { spec, profile: null, fromS: Number.NEGATIVE_INFINITY, toS: Number.POSITIVE_INFINITY, at: () => state };
}

function walking(spec: WalkerSpec): MovingBody {
  const [dx, dz] = [spec.to[0] - spec.from[0], spec.to[1] - spec.from[1]];
  const toM = Math.hypot(dx, dz);
  const half = bodySize(spec.body).lengthM / 2;
  const path = new Path({ point: spec.from, headingRad: Math.atan2(-dz, dx) }, -half);
  const profile = new Profile({ t: spec.startS, s: 0, v: spec.speedMps }, [
    { durationS: toM / spec.speedMps, accelerationMps2: 0, jerkMps3: 0 },
  ]);
  return along({ spec, path, profile, toM, lane: null, headlights: false });
}

interface Along {
  readonly spec: ActorSpec;
  readonly path: Path;
  readonly profile: Profile;
  readonly toM: number;
  readonly lane: Lane | null;
  readonly headlights: boolean;
}

function along({ spec, path, profile, toM, lane, headlights }: Along): MovingBody {
  const who = identity(spec);
  const fromS = profile.startS;
  const toS = profile.timeAt(toM) ?? profile.endS;
  return {
    spec,
    profile,
    fromS,
    toS,
    at(tS) {
      if (tS < fromS || tS >= toS) return null;
      const { s, v, a } = profile.at(tS);
      const { point, headingRad } = path.at(s - who.lengthM / 2);
      // written out: this runs for every body in every frame, and copying objects is slow
      return {
        id: who.id,
        body: who.body,
        vehicle: who.vehicle,
        lane,
        colour: who.colour,
        lengthM: who.lengthM,
        widthM: who.widthM,
        heightM: who.heightM,
        center: point,
        heading: headingRad,
        front: s,
        speedMps: v,
        accelerationMps2: a,
        braking: lane !== null && (a < -0.05 || v === 0),
        headlights,
      };
    },
  };
}

function identity({ id, body, colour }: ActorSpec) {
  return { id, body, colour, vehicle: COCO[body], ...bodySizeOf(body) };
}

function bodySizeOf(body: BodyKind) {
  const { lengthM, widthM, heightM } = bodySize(body);
  return { lengthM, widthM, heightM };
}

const COCO: Readonly<Record<BodyKind, BodyState['vehicle']>> = {
  sedan: 'car',
  suv: 'car',
  hatch: 'car',
  van: 'car',
  bus: 'bus',
  cyclist: 'bicycle',
  pedestrian: null,
};

function onTime(timeS: number, plan: DrivePlan, reached: (drive: PlannedDrive) => number | null | undefined) {
  return planDrive(plan, timeS - (reached(planDrive(plan)) ?? 0));
}

function efforts({ brakeMps2, pullMps2, jerkMps3 }: Handling) {
  return {
    brake: { accelerationMps2: brakeMps2, jerkMps3 },
    pull: { accelerationMps2: pullMps2, jerkMps3 },
  };
}

function places(slowdowns: readonly Slowdown[]) {
  return slowdowns.map(({ beforeLineM, speedMps, standS }) => ({ atM: -beforeLineM, speedMps, standS }));
}
