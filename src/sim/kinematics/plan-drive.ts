/**
 * From what a driver means to do (come along, slow down here, stand there, go on) to pieces of constant jerk. Between
 * two places it goes as fast as it can without exceeding its speed: accelerate, keep, brake, or only the first and last
 * when the way is short. Pure.
 */
import { type Piece, Profile } from './profile.ts';
import { changePieces, changeWay, type Effort } from './speed-change.ts';

export interface DrivePlan {
  readonly fromM: number;
  readonly toM: number;
  readonly approachMps: number;
  /** The speed aimed at after each place. */
  readonly leaveMps: number;
  readonly brake: Effort;
  readonly pull: Effort;
  /** Ascending places with the speed there and how long it stands (only where the speed is 0). */
  readonly places: readonly { readonly atM: number; readonly speedMps: number; readonly standS: number }[];
}

export interface PlannedDrive {
  readonly profile: Profile;
  /** When each place is reached. */
  readonly reachedS: readonly number[];
}

/** What makes a plan impossible, in words for the scenario's author; the place by its index. */
export class ImpossiblePlan extends Error {
  readonly place: number;

  constructor(place: number, message: string) {
    super(message);
    this.place = place;
  }
}

/** @param startS when the front is at fromM. Throws ImpossiblePlan when a way is too short for its braking. */
export function planDrive(plan: DrivePlan, startS = 0): PlannedDrive {
  const pieces: Piece[] = [];
  const reached: number[] = [];
  let at = plan.fromM;
  let speed = plan.approachMps;
  let t = startS;
  const add = (more: readonly Piece[]) => {
    for (const piece of more) {
      pieces.push(piece);
      t += piece.durationS;
    }
  };
  plan.places.forEach((place, index) => {
    const aim = index === 0 ? plan.approachMps : plan.leaveMps;
    add(between(plan, { way: place.atM - at, from: speed, to: place.speedMps, aim, index }));
    reached.push(t);
    if (place.standS > 0) add([{ durationS: place.standS, accelerationMps2: 0, jerkMps3: 0 }]);
    at = place.atM;
    speed = place.speedMps;
  });
  if (plan.places.length > 0) add(changePieces(speed, plan.leaveMps, plan.pull));
  const rest = plan.toM - at - (plan.places.length > 0 ? changeWay(speed, plan.leaveMps, plan.pull) : 0);
  const final = plan.places.length > 0 ? plan.leaveMps : speed;
  if (rest > 0 && final > 0) add([{ durationS: rest / final, accelerationMps2: 0, jerkMps3: 0 }]);
  return { profile: new Profile({ t: startS, s: plan.fromM, v: plan.approachMps }, pieces), reachedS: reached };
}

function between(
  plan: DrivePlan,
  { way, from, to, aim, index }: { way: number; from: number; to: number; aim: number; index: number },
): Piece[] {
  const needed = (peak: number) => changeWay(from, peak, plan.pull) + changeWay(peak, to, plan.brake);
  const lowest = Math.max(from, to);
  if (needed(lowest) > way + 1e-9) {
    throw new ImpossiblePlan(
      index,
      `needs ${needed(lowest).toFixed(1)} m to come from ${from.toFixed(1)} to ${to.toFixed(1)} m/s, there are ${way.toFixed(1)} m`,
    );
  }
  let peak = Math.max(aim, lowest);
  if (needed(peak) > way) {
    let lo = lowest;
    let hi = peak;
    for (let i = 0; i < 100; i++) {
      const middle = (lo + hi) / 2;
      if (needed(middle) > way) hi = middle;
      else lo = middle;
    }
    peak = lo;
  }
  const keep = Math.max(0, way - needed(peak));
  return [
    ...changePieces(from, peak, plan.pull),
    ...(keep > 1e-12 && peak > 0 ? [{ durationS: keep / peak, accelerationMps2: 0, jerkMps3: 0 }] : []),
    ...changePieces(peak, to, plan.brake),
  ];
}
