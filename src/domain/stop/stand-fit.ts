/**
 * One standstill, measured: the vehicle brakes to rest at t0, stands, and pulls away from t1. Fitting the two moments to
 * the positions themselves finds the time at rest without a speed threshold, which would count the last metre of braking
 * as standing. A t1 before t0 means that it never came to rest.
 *
 * How softly the driver lets go of the brake cannot be known beforehand, and how much of the noise drifts neither: each
 * pair of a softness and a drift is fitted, and what they say is averaged by its evidence (Laplace), so that the
 * interval holds the doubt between them. Pure; called by judge-pass.ts.
 */
import { FEET, type FootFit, fitFeet, SOFTNESS_SIGMA, weighFeet } from './feet.ts';
import { fitNoise } from './fit-noise.ts';
import { lowerBound, median, type Series } from './local-fit.ts';
import { type Component, mixtureMean, mixtureQuantile, mixtureSigma } from './mixture.ts';
import { type Belief, type FitData, fitMotion, type Motion } from './model-fit.ts';
import { type RampPoint, softRamp } from './soft-ramp.ts';
import { type TrackNoise, WHITE_NOISE } from './track-noise.ts';
import { type SlowError, slowShapes } from './view-error.ts';

export interface Stand {
  /** Came to rest, pulled away: seconds on the series' clock (means; `duration` is the median of what is believed). */
  readonly from: number;
  readonly to: number;
  readonly duration: number;
  /** Standard deviation of the duration. */
  readonly sigma: number;
  /** The whole belief about the duration; below 0: it never stood. */
  readonly durations: readonly Component[];
  /** The same by somebody who thinks soft feet as usual as even ones: how short it may have been. */
  readonly cautious: readonly Component[];
  /** Position at rest and its standard deviation. */
  readonly at: number;
  readonly atSigma: number;
  /** Speed left while standing (slope of the positions) and its standard deviation: indistinguishable from 0 or not. */
  readonly creep: number;
  readonly creepSigma: number;
  /** False when the track begins or ends while it stands: then the duration is what was seen. */
  readonly isArrivalSeen: boolean;
  readonly isDepartureSeen: boolean;
  /** Even braking into the stand and pull out of it, m/s², with standard deviations; null when not seen. */
  readonly brake: { readonly value: number; readonly sigma: number } | null;
}

/** Ramps are used as far as they are slower than this and no longer (in seconds seen) than this. */
const RAMP_SPEED = 3.5;
const RAMP_S = 1.6;
const PLATEAU_S = 1.5;
const MIN_RAMP_SAMPLES = 3;
/** A time without samples longer than this does not count towards RAMP_S. */
const HOLE_S = 0.3;
/** Of what is hidden of a ramp, so much may have happened otherwise than evenly. */
const HIDDEN_DOUBT = 0.1;
/** How far level, ln(brake), t0, ln(pull), t1 and drift may lie from the first guess; wide, against runaway fits only. */
const BELIEF_SIGMA = [1, 0.8, 0.7, 0.8, 0.7, 0.5];
/**
 * `guessFrom`, `guessTo`: where the smoothed speed is low. `speed` is the smoothed speed at each sample. null when the
 * vehicle did not come to rest there.
 */
export function fitStand(
  series: Series,
  speed: readonly number[],
  guessFrom: number,
  guessTo: number,
  noise: readonly TrackNoise[] = WHITE_NOISE,
  slow: SlowError | null = null,
): Stand | null {
  const { t } = series;
  const last = t.length - 1;
  let lo = lowerBound(t, guessFrom);
  lo = rampEnd(t, speed, lo, -1);
  const hi = rampEnd(t, speed, Math.min(last, lowerBound(t, guessTo)), 1);
  const isArrivalSeen = lowerBound(t, guessFrom) - lo >= MIN_RAMP_SAMPLES;
  const isDepartureSeen = hi + 1 - lowerBound(t, guessTo + 1e-9) >= MIN_RAMP_SAMPLES;
  const isLong = guessTo - guessFrom > 2 * PLATEAU_S;
  const chosen: number[] = [];
  for (let i = lo; i <= hi; i++) {
    const time = t[i] as number;
    // Of a long stand only the two ends tell when it began and ended.
    if (!isLong || time <= guessFrom + PLATEAU_S || time >= guessTo - PLATEAU_S) chosen.push(i);
  }
  const n = chosen.length;
  if (n < 4) return null;
  const origin = t[chosen[0] as number] as number;
  const data = {
    t: Float64Array.from(chosen, (i) => (t[i] as number) - origin),
    s: Float64Array.from(chosen, (i) => series.s[i] as number),
    sigma: Float64Array.from(chosen, (i) => series.sigma[i] as number),
  };
  const seenTo = data.t[n - 1] as number;
  const [guess0, guess1] = [guessFrom - origin, guessTo - origin];
  const plateau = Array.from(data.s).filter(
    (_, i) => (data.t[i] as number) >= guess0 && (data.t[i] as number) <= guess1,
  );
  const level = plateau.length > 0 ? median(plateau) : hiddenLevel(data, guess0);
  // Start with the brake and the pull that the ends of the window ask for.
  const start = [level, Math.log(2), guess0, Math.log(2), guess1, 0];
  if (isArrivalSeen) start[1] = Math.log(acceleration(level - (data.s[0] as number), guess0));
  if (isDepartureSeen) start[3] = Math.log(acceleration((data.s[n - 1] as number) - level, seenTo - guess1));
  const beliefs: Belief[] = start.map((mean, k) => ({ mean, sigma: BELIEF_SIGMA[k] as number }));
  const shape = { isArrivalSeen, isDepartureSeen, middle: isLong ? (guess0 + guess1) / 2 : Number.POSITIVE_INFINITY };

  const shapes = slow ? slowShapes(slow, chosen, level) : [];
  const fits = fitAll(data, noise, shapes, shape, start, beliefs);
  const best = fits[0];
  if (!best) return null;
  const mean = (k: number) => mixtureMean(fits.map(({ weight, fit }) => part(weight, fit.p[k] as number, 0)));
  const spread = (k: number) =>
    mixtureSigma(fits.map((f) => part(f.weight, f.fit.p[k] as number, Math.sqrt(variance(f, k)))));
  // Outside of what was looked at, the moments are inventions.
  if ((isArrivalSeen && (best.fit.p[2] as number) < 0) || (isDepartureSeen && (best.fit.p[4] as number) > seenTo)) {
    return null;
  }
  const from = origin + (isArrivalSeen ? mean(2) : 0);
  const to = origin + (isDepartureSeen ? mean(4) : seenTo);
  const [hole0, hole1] = [isArrivalSeen ? holeAt(t, from) : null, isDepartureSeen ? holeAt(t, to) : null];
  const isOneHole = hole0 !== null && hole0.next === hole1?.next;
  const hidden = HIDDEN_DOUBT * Math.hypot(hole0?.gap ?? 0, isOneHole ? 0 : (hole1?.gap ?? 0));
  const durations = fits.map((f) => {
    const begin = isArrivalSeen ? (f.fit.p[2] as number) : 0;
    const end = isDepartureSeen ? (f.fit.p[4] as number) : seenTo;
    const both = isArrivalSeen && isDepartureSeen ? 2 * (f.fit.covariance[2 * 6 + 4] as number) * f.inflation : 0;
    const own = (isArrivalSeen ? variance(f, 2) : 0) + (isDepartureSeen ? variance(f, 4) : 0) - both;
    const feet =
      (isArrivalSeen ? Math.exp(f.fit.p[1] as number) : 0) + (isDepartureSeen ? Math.exp(f.fit.p[3] as number) : 0);
    const between = f.softness > 0 ? (SOFTNESS_SIGMA * feet) / 2 : 0;
    return part(f.weight, end - begin, Math.sqrt(Math.max(0, own) + hidden * hidden + between * between));
  });
  const cautious = durations.map((d, i) => ({ ...d, weight: (fits[i] as FootFit).cautiousWeight }));
  const rest = restSlope(data, noise, best.inflation, from - origin, to - origin);
  return {
    from,
    to,
    duration: mixtureQuantile(durations, 0.5),
    sigma: mixtureSigma(durations),
    durations,
    cautious,
    at: mean(0),
    atSigma: spread(0),
    ...rest,
    isArrivalSeen,
    isDepartureSeen,
    brake: isArrivalSeen ? { value: Math.exp(mean(1)), sigma: Math.exp(mean(1)) * spread(1) } : null,
  };
}

const part = (weight: number, mean: number, sigma: number): Component => ({ weight, mean, sigma });
const variance = ({ fit, inflation }: FootFit, k: number) =>
  Math.max(0, fit.covariance[k * 6 + k] as number) * inflation;

interface Shape {
  readonly isArrivalSeen: boolean;
  readonly isDepartureSeen: boolean;
  readonly middle: number;
}

/** Best first. */
function fitAll(
  data: FitData,
  noise: readonly TrackNoise[],
  shapes: readonly Float64Array[],
  shape: Shape,
  start: readonly number[],
  beliefs: readonly Belief[],
): FootFit[] {
  const motions = new Map(FEET.map((foot) => [foot, standMotion(foot.softness, shape)]));
  const noises = noise.map((own) => fitNoise(data, own, shapes));
  const found = fitFeet(FEET, noises, (foot, known, { own, neighbour }) => {
    const from = own ?? (neighbour ? softened(neighbour.p, foot.softness - neighbour.softness) : start);
    return fitMotion(motions.get(foot) as Motion, data, known, from, beliefs);
  });
  return weighFeet(found, data.t.length);
}

/** A softer foot comes to rest later and goes earlier, for the same ramps. */
function softened(p: readonly number[], more: number): number[] {
  const out = p.slice();
  out[2] = (p[2] as number) + (Math.exp(p[1] as number) * more) / 2;
  out[4] = (p[4] as number) - (Math.exp(p[3] as number) * more) / 2;
  return out;
}

/** Parameters: level, ln(brake), t0, ln(pull), t1, shift of the box during a long stand. */
function standMotion(softness: number, { isArrivalSeen, isDepartureSeen, middle }: Shape): Motion {
  const before: RampPoint = { way: 0, speed: 0, byAcceleration: 0 };
  const after: RampPoint = { way: 0, speed: 0, byAcceleration: 0 };
  return {
    size: 6,
    at(p, t, slope) {
      const brake = Math.exp(p[1] as number);
      const pull = Math.exp(p[3] as number);
      softRamp(before, isArrivalSeen ? (p[2] as number) - t : 0, brake, softness);
      softRamp(after, isDepartureSeen ? t - (p[4] as number) : 0, pull, softness);
      const isLate = t > middle;
      slope[0] = 1;
      slope[1] = -before.byAcceleration * brake;
      slope[2] = -before.speed;
      slope[3] = after.byAcceleration * pull;
      slope[4] = -after.speed;
      slope[5] = isLate ? 1 : 0;
      return (p[0] as number) + (isLate ? (p[5] as number) : 0) - before.way + after.way;
    },
  };
}

const LINE: Motion = {
  size: 2,
  isLinear: true,
  at(p, t, slope) {
    slope[0] = 1;
    slope[1] = t;
    return (p[0] as number) + (p[1] as number) * t;
  },
};
const NO_BELIEF: readonly Belief[] = [
  { mean: 0, sigma: 1e6 },
  { mean: 0, sigma: 1e6 },
];

/** Straight line through the samples of the stand; with fewer than three, nothing is known of the speed. */
function restSlope(
  data: FitData,
  noise: readonly TrackNoise[],
  inflation: number,
  from: number,
  to: number,
): { creep: number; creepSigma: number } {
  const unknown = { creep: 0, creepSigma: Number.POSITIVE_INFINITY };
  const first = lowerBound(data.t, from);
  const end = lowerBound(data.t, to + 1e-9);
  if (end - first < 3) return unknown;
  const inside = {
    t: data.t.slice(first, end).map((time) => time - from),
    s: data.s.slice(first, end),
    sigma: data.sigma.slice(first, end),
  };
  const fit = fitMotion(LINE, inside, fitNoise(inside, noise[0] as TrackNoise), [inside.s[0] as number, 0], NO_BELIEF);
  if (!fit) return unknown;
  return { creep: fit.p[1] as number, creepSigma: Math.sqrt((fit.covariance[3] as number) * inflation) };
}

function acceleration(distance: number, time: number): number {
  return Math.min(8, Math.max(0.2, (2 * distance) / Math.max(0.01, time * time)));
}

/** Nothing is seen of the stand: the place that lies half an even braking further. */
function hiddenLevel({ t, s }: { readonly t: Float64Array; readonly s: Float64Array }, rest: number): number {
  const before = Math.min(t.length - 2, Math.max(1, lowerBound(t, rest) - 1));
  const [a, b] = [s[before - 1] as number, s[before] as number];
  const speed = Math.max(0, (b - a) / Math.max(1e-3, (t[before] as number) - (t[before - 1] as number)));
  const next = s[before + 1] as number;
  return Math.min(next, b + (speed * Math.max(0, rest - (t[before] as number))) / 2);
}

/** How far outwards from `from` the speed keeps growing: where it falls again, another event begins. */
function rampEnd(t: readonly number[], speed: readonly number[], from: number, step: 1 | -1): number {
  let end = from;
  let top = 0;
  let peak = from;
  for (let seen = 0; seen <= RAMP_S; end += step) {
    const next = speed[end + step];
    if (next === undefined || next >= RAMP_SPEED) break;
    if (next < top - Math.max(TURN_MPS, 0.15 * top)) return peak;
    if (next > top) {
      top = next;
      peak = end + step;
    }
    seen += seenBetween(t, Math.min(end, end + step), Math.max(end, end + step));
  }
  return end;
}

/** A fall of the smoothed speed by less is noise. */
const TURN_MPS = 0.35;

function seenBetween(t: readonly number[], i: number, j: number): number {
  const gap = (t[j] as number) - (t[i] as number);
  return gap > HOLE_S ? 0 : gap;
}

/** The time without samples around a moment; null when it is an ordinary one. */
function holeAt(t: readonly number[], moment: number): { readonly next: number; readonly gap: number } | null {
  const next = lowerBound(t, moment);
  if (next === 0 || next >= t.length) return null;
  const gap = (t[next] as number) - (t[next - 1] as number);
  return gap > HOLE_S ? { next, gap } : null;
}
