/**
 * The slowest moment of a vehicle that did not stand, measured. A smoother rounds a sharp dip of the speed off and reads
 * it too high, so brake and pull are fitted to the positions around it, with feet of several softnesses (see
 * soft-ramp.ts) and shares of drifting noise, averaged by their evidence. Pure; called by judge-pass.ts.
 */
import { whitening } from './drift-noise.ts';
import { localFit, lowerBound, type Series } from './local-fit.ts';
import { type Component, mixtureMean, mixtureSigma } from './mixture.ts';
import { type Belief, fitMotion, type Motion } from './model-fit.ts';
import { type RampPoint, softRamp } from './soft-ramp.ts';
import { SOFTNESS } from './stand-fit.ts';
import { type TrackNoise, WHITE_NOISE } from './track-noise.ts';

export interface Dip {
  readonly speed: number;
  readonly sigma: number;
  readonly at: number;
  /** The whole belief about the speed. */
  readonly speeds: readonly Component[];
}

/** Who only rolls may change from brake to pull more gently than anybody stops. */
const FEET = [...SOFTNESS, { value: 0.42, odds: 0.03 }];
const REACH_S = 1.2;
const REACH_SPEED = 3;
const NEGLIGIBLE = 12;
const PRIOR_COUNT = 40;

/** `around` is the index of the lowest smoothed speed between indices `first` and `last`. */
export function fitDip(
  series: Series,
  speed: readonly number[],
  around: number,
  first: number,
  last: number,
  halfWidth: number,
  noise: readonly TrackNoise[] = WHITE_NOISE,
): Dip | null {
  const at = series.t[around] as number;
  const lowest = speed[around] as number;
  const plain = localFit(series, at, halfWidth, 2);
  const fallback = (): Dip | null => {
    if (!plain) return null;
    const sigma = Math.sqrt(plain.speedVariance);
    return { speed: plain.speed, sigma, at, speeds: [{ weight: 1, mean: plain.speed, sigma }] };
  };
  // At the end of what is judged the speed is on its way up or down: there is no dip to fit.
  if (around - first < 3 || last - around < 3) return fallback();
  let lo = lowerBound(series.t, at - REACH_S);
  let hi = Math.min(series.t.length, lowerBound(series.t, at + REACH_S)) - 1;
  while (lo < around && (speed[lo] as number) > lowest + REACH_SPEED) lo++;
  while (hi > around && (speed[hi] as number) > lowest + REACH_SPEED) hi--;
  if (around - lo < 3 || hi - around < 3) return fallback();
  const data = {
    t: Float64Array.from(series.t.slice(lo, hi + 1), (time) => time - at),
    s: Float64Array.from(series.s.slice(lo, hi + 1)),
    sigma: Float64Array.from(series.sigma.slice(lo, hi + 1)),
  };
  const n = data.t.length;
  const start = [series.s[around] as number, lowest, 0, Math.log(1.5), Math.log(1.5)];
  const beliefs: Belief[] = start.map((mean, k) => ({ mean, sigma: [1, 3, 0.6, 1, 1][k] as number }));
  const found: { p: readonly number[]; evidence: number; sigma: number; cost: number }[] = [];
  let from: readonly number[] = start;
  for (const own of noise) {
    const white = whitening(data.t, own.share);
    for (const { value, odds } of FEET) {
      const fit = fitMotion(dipMotion(value), data, white, own.scale, from, beliefs);
      if (!fit) continue;
      from = fit.p;
      const t0 = fit.p[2] as number;
      if (t0 < (data.t[0] as number) || t0 > (data.t[n - 1] as number)) continue;
      const evidence =
        Math.log(odds) +
        own.logOdds -
        fit.cost / 2 -
        white.logDeterminant / 2 -
        n * Math.log(own.scale) +
        fit.logVolume / 2;
      found.push({
        p: fit.p,
        evidence,
        sigma: Math.sqrt(Math.max(0, fit.covariance[6] as number)),
        cost: fit.dataCost,
      });
    }
  }
  const best = found.reduce<(typeof found)[number] | null>(
    (top, f) => (top && top.evidence >= f.evidence ? top : f),
    null,
  );
  if (!best) return fallback();
  const inflation = Math.max(1, (best.cost + PRIOR_COUNT) / (Math.max(1, n - 5) + PRIOR_COUNT));
  const kept = found.filter((f) => best.evidence - f.evidence < NEGLIGIBLE);
  const weight = (f: (typeof found)[number]) => Math.exp((f.evidence - best.evidence) / inflation);
  const speeds = kept.map((f) => ({
    weight: weight(f),
    mean: f.p[1] as number,
    sigma: f.sigma * Math.sqrt(inflation),
  }));
  const moments = kept.map((f) => ({ weight: weight(f), mean: f.p[2] as number, sigma: 0 }));
  return { speed: mixtureMean(speeds), sigma: mixtureSigma(speeds), at: at + mixtureMean(moments), speeds };
}

/** Parameters: place, slowest speed, its moment, ln(brake), ln(pull). */
function dipMotion(softness: number): Motion {
  const before: RampPoint = { way: 0, speed: 0, byAcceleration: 0 };
  const after: RampPoint = { way: 0, speed: 0, byAcceleration: 0 };
  return {
    size: 5,
    at(p, t, slope) {
      const d = t - (p[2] as number);
      const v = p[1] as number;
      const brake = Math.exp(p[3] as number);
      const pull = Math.exp(p[4] as number);
      softRamp(before, -d, brake, softness);
      softRamp(after, d, pull, softness);
      slope[0] = 1;
      slope[1] = d;
      slope[2] = -v - before.speed - after.speed;
      slope[3] = -before.byAcceleration * brake;
      slope[4] = after.byAcceleration * pull;
      return (p[0] as number) + v * d - before.way + after.way;
    },
  };
}
