/**
 * One standstill, measured: the vehicle brakes evenly to rest at t0, stands, and pulls away evenly from t1. Fitting the
 * two moments to the positions themselves finds the time at rest without a speed threshold, which would count the last
 * metre of braking as standing. A t1 before t0 means that it never came to rest. Pure.
 */
import { fitCurve } from './least-squares.ts';
import { lowerBound, type Series } from './local-fit.ts';

export interface Stand {
  /** Came to rest, pulled away: seconds on the series' clock. */
  readonly from: number;
  readonly to: number;
  readonly duration: number;
  /** Standard deviation of the duration. */
  readonly sigma: number;
  /** Position at rest and its standard deviation. */
  readonly at: number;
  readonly atSigma: number;
  /** Speed left while standing (slope of the positions) and its standard deviation: indistinguishable from 0 or not. */
  readonly creep: number;
  readonly creepSigma: number;
  /** False when the track begins or ends while it stands: then the duration is what was seen. */
  readonly isArrivalSeen: boolean;
  readonly isDepartureSeen: boolean;
}

/** Ramps are used as far as they are slower than this and no longer than this. */
const RAMP_SPEED = 3;
const RAMP_S = 1.5;
const PLATEAU_S = 1.5;
const MIN_RAMP_SAMPLES = 3;
/** How far level, ln(brake), t0, ln(pull), t1 and drift may lie from the first guess; wide, against runaway fits only. */
const BELIEF_SIGMA = [1, 1, 0.7, 1, 0.7, 0.5];

/**
 * `guessFrom`, `guessTo`: where the smoothed speed is low. `speed` is the smoothed speed at each sample. null when the vehicle did not come to rest there.
 */
export function fitStand(series: Series, speed: readonly number[], guessFrom: number, guessTo: number): Stand | null {
  const { t } = series;
  const last = t.length - 1;
  let lo = lowerBound(t, guessFrom);
  while (lo > 0 && guessFrom - (t[lo - 1] as number) <= RAMP_S && (speed[lo - 1] as number) < RAMP_SPEED) lo--;
  let hi = Math.min(last, lowerBound(t, guessTo));
  while (hi < last && (t[hi + 1] as number) - guessTo <= RAMP_S && (speed[hi + 1] as number) < RAMP_SPEED) hi++;

  const isArrivalSeen = countWithin(t, lo, hi, (time) => time < guessFrom) >= MIN_RAMP_SAMPLES;
  const isDepartureSeen = countWithin(t, lo, hi, (time) => time > guessTo) >= MIN_RAMP_SAMPLES;
  const isLong = guessTo - guessFrom > 2 * PLATEAU_S;
  const ts: number[] = [];
  const ss: number[] = [];
  const sg: number[] = [];
  for (let i = lo; i <= hi; i++) {
    const time = t[i] as number;
    // Of a long stand only the two ends tell when it began and ended.
    if (isLong && time > guessFrom + PLATEAU_S && time < guessTo - PLATEAU_S) continue;
    ts.push(time);
    ss.push(series.s[i] as number);
    sg.push(series.sigma[i] as number);
  }
  if (ts.length < 4) return null;
  const seenFrom = ts[0] as number;
  const seenTo = ts[ts.length - 1] as number;
  const middle = (guessFrom + guessTo) / 2;
  const model = ([level, brake, t0, pull, t1, shift]: readonly number[], time: number): number => {
    const before = isArrivalSeen ? Math.max(0, (t0 as number) - time) : 0;
    const after = isDepartureSeen ? Math.max(0, time - (t1 as number)) : 0;
    const drift = isLong && time > middle ? (shift as number) : 0;
    return (
      (level as number) +
      drift -
      0.5 * Math.exp(brake as number) * before ** 2 +
      0.5 * Math.exp(pull as number) * after ** 2
    );
  };
  const plateau = ss.filter((_, i) => (ts[i] as number) >= guessFrom && (ts[i] as number) <= guessTo);
  const level = median(plateau.length > 0 ? plateau : ss);
  const start = [level, Math.log(2), guessFrom, Math.log(2), guessTo, 0];
  // Start with the brake and the pull that the ends of the window ask for.
  if (isArrivalSeen) start[1] = Math.log(acceleration(level - (ss[0] as number), guessFrom - seenFrom));
  if (isDepartureSeen) start[3] = Math.log(acceleration((ss[ss.length - 1] as number) - level, seenTo - guessTo));
  const beliefs = start.map((value, parameter) => ({ parameter, value, sigma: BELIEF_SIGMA[parameter] as number }));
  const fit = fitCurve(ts, ss, sg, model, start, [1e-3, 1e-2, 2e-3, 1e-2, 2e-3, 1e-3], beliefs);
  const p = fit.parameters;
  // Outside of what was looked at, the moments are inventions.
  if ((isArrivalSeen && (p[2] as number) < seenFrom) || (isDepartureSeen && (p[4] as number) > seenTo)) return null;
  const from = isArrivalSeen ? (p[2] as number) : seenFrom;
  const to = isDepartureSeen ? (p[4] as number) : seenTo;
  // What the model misses (a gentle last metre, boxes that wander) widens the intervals as noise would.
  const inflation = Math.sqrt(Math.max(1, fit.cost / Math.max(1, ts.length - 5)));
  const variance = (k: number) => Math.max(0, fit.covariance?.[k * 6 + k] ?? 0);
  const cross = fit.covariance?.[2 * 6 + 4] ?? 0;
  const sigma =
    inflation *
    Math.sqrt(
      Math.max(
        0,
        (isArrivalSeen ? variance(2) : 0) +
          (isDepartureSeen ? variance(4) : 0) -
          (isArrivalSeen && isDepartureSeen ? 2 * cross : 0),
      ),
    );
  const rest = slope(ts, ss, sg, from, to);
  return {
    from,
    to,
    duration: to - from,
    sigma,
    at: p[0] as number,
    atSigma: inflation * Math.sqrt(variance(0)),
    creep: rest.speed,
    creepSigma: rest.sigma * inflation,
    isArrivalSeen,
    isDepartureSeen,
  };
}

function acceleration(distance: number, time: number): number {
  return Math.min(8, Math.max(0.2, (2 * distance) / Math.max(0.01, time * time)));
}

function countWithin(t: readonly number[], lo: number, hi: number, test: (time: number) => boolean): number {
  let n = 0;
  for (let i = lo; i <= hi; i++) if (test(t[i] as number)) n++;
  return n;
}

/** Straight line through the samples of the stand; with fewer than three, nothing is known of the speed. */
function slope(t: readonly number[], s: readonly number[], sigma: readonly number[], from: number, to: number) {
  let n = 0;
  let w = 0;
  let wt = 0;
  let ws = 0;
  const inside = t.map((time) => time >= from && time <= to);
  t.forEach((time, i) => {
    if (!inside[i]) return;
    const weight = 1 / (sigma[i] as number) ** 2;
    n++;
    w += weight;
    wt += weight * time;
    ws += weight * (s[i] as number);
  });
  if (n < 3) return { speed: 0, sigma: Number.POSITIVE_INFINITY };
  let tt = 0;
  let ts = 0;
  t.forEach((time, i) => {
    if (!inside[i]) return;
    const weight = 1 / (sigma[i] as number) ** 2;
    tt += weight * (time - wt / w) ** 2;
    ts += weight * (time - wt / w) * ((s[i] as number) - ws / w);
  });
  return { speed: ts / tt, sigma: 1 / Math.sqrt(tt) };
}

export function median(values: readonly number[]): number {
  const sorted = values.slice().sort((a, b) => a - b);
  const n = sorted.length;
  return n === 0
    ? 0
    : n % 2 === 1
      ? (sorted[n >> 1] as number)
      : ((sorted[n / 2 - 1] as number) + (sorted[n / 2] as number)) / 2;
}
