/** The measured quantities of a pass as intervals of the policy's confidence. Pure; called by judge-pass.ts. */
import type { Interval } from '../types.ts';
import type { Dip } from './dip-fit.ts';
import { localFit } from './local-fit.ts';
import { type Component, mixtureBelow, mixtureMean, mixtureQuantile, mixtureSigma } from './mixture.ts';
import { motionAt } from './motion-at.ts';
import { fitStand, type Stand } from './stand-fit.ts';
import type { Trajectory } from './trajectory.ts';

/** A slowest moment faster than this was no stand, whatever a fit could make of it. */
const NEARLY_STANDING_MPS = 1.2;
const APPROACH_HALF_WIDTH_S = 0.5;
/** The place of a front is off by another hundredth of the way along the way (see body-size.ts). */
const VIEW_SCALE_SIGMA = 0.015;
/** Brakes may begin within the window in which the approach speed is measured, m/s. */
const APPROACH_KINK_SIGMA_MPS = 0.07;
const BRAKE_HALF_WIDTH_S = 0.45;
const BRAKE_STEP_S = 0.15;
/** The end of the brake may be seen no nearer than this to rest: there it lets go. */
const LEAST_BRAKING_MPS = 1;

/**
 * How long it stood at the line. Standing less than no time is impossible, so the interval begins at 0 wherever no stand
 * at all is as likely as (1 − confidence), and never reaches below (the ordering of Feldman and Cousins, 1998, for a
 * normal quantity near its limit, to a few hundredths). Without a stand it says how long it may have stood unseen.
 */
export function stoppedTime(
  trajectory: Trajectory,
  atLine: readonly Stand[],
  lowest: number,
  confidence: number,
  limitS: number,
): StoppedTime {
  let belief = totalOf(atLine.map((stand) => stand.durations));
  let cautious = totalOf(atLine.map((stand) => stand.cautious));
  if (!belief || !cautious) {
    const at = trajectory.t[lowest] as number;
    if ((trajectory.speed[lowest] as number) > NEARLY_STANDING_MPS) return NEVER;
    const stand = fitStand(trajectory, trajectory.speed, at, at, trajectory.noise, trajectory.slow);
    if (!stand) return NEVER;
    belief = stand.durations;
    cautious = stand.cautious;
  }
  return { interval: durationInterval(belief, cautious, confidence), isLongEnough: 1 - mixtureBelow(belief, limitS) };
}

export interface StoppedTime {
  readonly interval: Interval;
  /** Probability that it was at least the limit. */
  readonly isLongEnough: number;
}

/**
 * The lower end is the cautious one, which even braking hardly ever falls below; so the upper end may take most of what
 * the confidence leaves.
 */
function durationInterval(belief: readonly Component[], cautious: readonly Component[], confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const lo = mixtureQuantile(cautious, 2 * tail) <= 0 ? 0 : Math.max(0, mixtureQuantile(cautious, tail));
  const hi = Math.max(0, mixtureQuantile(belief, 1 - UPPER_SHARE * 2 * tail));
  return { value: Math.min(hi, Math.max(lo, mixtureQuantile(belief, 0.5))), lo, hi };
}

const UPPER_SHARE = 0.6;

const NEVER: StoppedTime = { interval: { value: 0, lo: 0, hi: 0 }, isLongEnough: 0 };

export interface MinimumSpeed {
  readonly speed: Interval;
  readonly at: number;
  /** Probability that it was slower than the limit. */
  readonly isSlowEnough: number;
  /** What it may have slowed to between two samples far apart; null when there are none, or when it stood anyway. */
  readonly unseen: number | null;
}

/** The slowest speed: 0 when it stood, with what the stand's slope leaves open. Metres per second, and when. */
export function minimumSpeed(
  trajectory: Trajectory,
  first: number,
  last: number,
  stands: readonly Stand[],
  dip: Dip | null,
  z: number,
  confidence: number,
  scaleSigma: number,
  limitMps: number,
): MinimumSpeed | null {
  if (stands.length > 0) {
    const longest = stands.reduce((best, stand) => (stand.duration > best.duration ? stand : best));
    const hi = Math.min(MOST_CREEP_MPS, ...stands.map((stand) => Math.abs(stand.creep) + z * stand.creepSigma));
    return { speed: { value: 0, lo: 0, hi }, at: (longest.from + longest.to) / 2, isSlowEnough: 1, unseen: null };
  }
  if (!dip) return null;
  const hole = slowestHole(trajectory, first, last);
  const wide = (c: Component) => ({ ...c, sigma: Math.hypot(c.sigma, c.mean * scaleSigma) });
  const wider = dip.speeds.map(wide);
  const seen = slowestInterval(wider, dip.cautious.map(wide), confidence);
  const isSlowEnough = mixtureBelow(wider, limitMps);
  const unseen = hole?.least ?? null;
  if (!hole || hole.least > seen.lo) return { speed: seen, at: dip.at, isSlowEnough, unseen };
  const value = Math.min(seen.value, hole.mean);
  const speed = { value, lo: hole.least, hi: Math.max(value, seen.hi) };
  // It was slower than its mean at some moment: that much is certain of what is hidden.
  const at = value < seen.value ? hole.at : dip.at;
  return { speed, at, isSlowEnough: hole.mean < limitMps ? 1 : isSlowEnough, unseen };
}

/**
 * How long of the stands it was seen to stand, sample by sample: a stand of which hardly a sample tells may be none. Infinite
 * where samples lie close together.
 */
export function watchedStand({ t, s }: Trajectory, stands: readonly Stand[], stopSpeed: number): number {
  let watched = 0;
  let isRare = false;
  for (let i = 1; i < t.length; i++) {
    const [from, to] = [t[i - 1] as number, t[i] as number];
    if (!stands.some((stand) => stand.from < to && stand.to > from)) continue;
    if (to - from >= HOLE_S) isRare = true;
    if (Math.abs((s[i] as number) - (s[i - 1] as number)) < stopSpeed * (to - from)) watched += to - from;
  }
  return isRare ? watched : Number.POSITIVE_INFINITY;
}

const HOLE_S = 0.28;
/** Places may be off by so many standard deviations, where a hole is that short that it matters. */
const HOLE_SIGMAS = 2;
/** Brake and pull that a driver may have used unseen, m/s². */
const UNSEEN_MPS2 = 3;

/** The time without samples in which it may have been slowest: its mean speed, and the least it can have been. */
function slowestHole({ t, s, sigma }: Trajectory, first: number, last: number) {
  let slowest: { mean: number; least: number; at: number } | null = null;
  for (let i = first + 1; i <= last; i++) {
    const gap = (t[i] as number) - (t[i - 1] as number);
    if (gap < HOLE_S) continue;
    const mean = Math.max(0, (s[i] as number) - (s[i - 1] as number)) / gap;
    const error = (HOLE_SIGMAS * Math.hypot(sigma[i] as number, sigma[i - 1] as number)) / gap;
    const least = Math.max(0, mean - error - (UNSEEN_MPS2 * gap) / 4);
    if (!slowest || least < slowest.least) slowest = { mean, least, at: (t[i] as number) - gap / 2 };
  }
  return slowest;
}

/** Too few boxes for a slope: it stood by its ramps, and was slower than a man walks. */
const MOST_CREEP_MPS = 1;

/** The upper end is the cautious one (compare durationInterval): who slows softly is read too slow, never too fast. */
function slowestInterval(belief: readonly Component[], cautious: readonly Component[], confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const low = mixtureQuantile(belief, 2 * tail) <= 0 ? 0 : mixtureQuantile(belief, UPPER_SHARE * 2 * tail);
  const hi = Math.max(0, mixtureQuantile(cautious, 1 - tail));
  const lo = Math.min(Math.max(0, low), hi);
  return { value: Math.min(hi, Math.max(lo, mixtureQuantile(belief, 0.5))), lo, hi };
}

/** The sum of several independent stands. */
function totalOf(stands: readonly (readonly Component[])[]): readonly Component[] | null {
  const [first, ...others] = stands;
  if (!first) return null;
  return others.reduce<readonly Component[]>((sum, stand) => {
    const one = { weight: 1, mean: mixtureMean(stand), sigma: mixtureSigma(stand) };
    return sum.map((c) => ({ weight: c.weight, mean: c.mean + one.mean, sigma: Math.hypot(c.sigma, one.sigma) }));
  }, first);
}

/** Metres per second where the front enters the zone. */
export function approachSpeed(trajectory: Trajectory, entry: number, z: number, scaleSigma: number): Interval | null {
  const motion =
    motionAt(trajectory, entry, APPROACH_HALF_WIDTH_S) ?? motionAt(trajectory, entry, 2 * APPROACH_HALF_WIDTH_S);
  if (!motion) return null;
  const speed = Math.max(0, motion.speed);
  const half =
    z * Math.hypot(motion.speedSigma, speed * Math.hypot(scaleSigma, VIEW_SCALE_SIGMA), APPROACH_KINK_SIGMA_MPS);
  return around(speed, half, 0);
}

export interface Deceleration {
  /** Mean from the zone's begin to the slowest moment, and the strongest over about a second; m/s², braking positive. */
  readonly mean: Interval;
  readonly peak: Interval;
}

/** null when it hardly slowed. `until`: the slowest moment or the begin of the (first) stand. */
export function deceleration(trajectory: Trajectory, from: number, until: number, z: number): Deceleration | null {
  const begin = motionAt(trajectory, from, APPROACH_HALF_WIDTH_S);
  if (!begin || !(until - from > BRAKE_HALF_WIDTH_S)) return null;
  const end = slowSpeed(trajectory, until);
  const lost = begin.speed - end;
  if (lost < LEAST_BRAKING_MPS) return null;
  let strongest: { at: number; braking: number } | null = null;
  for (let at = from; at <= until - BRAKE_HALF_WIDTH_S / 2; at += BRAKE_STEP_S) {
    const fit = localFit(trajectory, at, BRAKE_HALF_WIDTH_S, 2);
    if (fit && (!strongest || -fit.acceleration > strongest.braking)) strongest = { at, braking: -fit.acceleration };
  }
  const motion = strongest && motionAt(trajectory, strongest.at, BRAKE_HALF_WIDTH_S);
  if (!motion) return null;
  const peak = { value: -motion.acceleration, sigma: motion.accelerationSigma };
  const mean = lost / (until - from);
  const meanSigma = Math.hypot(begin.speedSigma, 0.1) / (until - from);
  return {
    mean: around(mean, z * meanSigma, 0),
    peak: around(Math.max(peak.value, mean), z * peak.sigma, 0),
  };
}

function slowSpeed({ t, speed }: Trajectory, at: number): number {
  let best = 0;
  for (let i = 1; i < t.length; i++) {
    if (Math.abs((t[i] as number) - at) < Math.abs((t[best] as number) - at)) best = i;
  }
  return Math.max(0, speed[best] as number);
}

export function around(value: number, half: number, floor = Number.NEGATIVE_INFINITY): Interval {
  return { value: Math.max(floor, value), lo: Math.max(floor, value - half), hi: value + half };
}

export function scaled({ value, lo, hi }: Interval, factor: number): Interval {
  return { value: value * factor, lo: lo * factor, hi: hi * factor };
}
