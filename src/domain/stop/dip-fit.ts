/**
 * The slowest moment of a vehicle that did not stand, measured. A smoother rounds a sharp dip of the speed off and reads
 * it too high, so brake and pull are fitted to the positions around it, with feet of several softnesses (see
 * soft-ramp.ts) and shares of drifting noise, averaged by their evidence. Pure; called by judge-pass.ts.
 */
import { type FootFit, fitFeet, ROLLING_FEET, SOFTNESS_SIGMA, weighFeet } from './feet.ts';
import { fitNoise } from './fit-noise.ts';
import { lowerBound, type Series } from './local-fit.ts';
import { type Component, mixtureMean, mixtureSigma } from './mixture.ts';
import { type Belief, fitMotion, type Motion } from './model-fit.ts';
import { motionAt } from './motion-at.ts';
import { type RampPoint, softRamp } from './soft-ramp.ts';
import { type TrackNoise, WHITE_NOISE } from './track-noise.ts';
import { type SlowError, slowShapes } from './view-error.ts';

export interface Dip {
  readonly speed: number;
  readonly sigma: number;
  readonly at: number;
  /** The whole belief about the speed. */
  readonly speeds: readonly Component[];
  /** The same by somebody who thinks soft feet more usual: how fast it may still have been. */
  readonly cautious: readonly Component[];
}

const REACH_S = 1.2;
const REACH_SPEED = 3;

/** `around` is the index of the lowest smoothed speed between indices `first` and `last`. */
export function fitDip(
  series: Series,
  speed: readonly number[],
  around: number,
  first: number,
  last: number,
  halfWidth: number,
  noise: readonly TrackNoise[] = WHITE_NOISE,
  slow: SlowError | null = null,
): Dip | null {
  const at = series.t[around] as number;
  const lowest = speed[around] as number;
  const fallback = (): Dip | null => {
    const plain = motionAt({ ...series, noise, slow }, at, halfWidth);
    if (!plain) return null;
    const speeds = [{ weight: 1, mean: plain.speed, sigma: plain.speedSigma }];
    return { speed: plain.speed, sigma: plain.speedSigma, at, speeds, cautious: speeds };
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
  const indices = Array.from({ length: n }, (_, i) => lo + i);
  const shapes = slow ? slowShapes(slow, indices, series.s[around] as number) : [];
  const motions = new Map(ROLLING_FEET.map((foot) => [foot, dipMotion(foot.softness)]));
  const noises = noise.map((own) => fitNoise(data, own, shapes, false));
  const found = fitFeet(ROLLING_FEET, noises, (foot, known, { own, neighbour }) =>
    fitMotion(motions.get(foot) as Motion, data, known, own ?? neighbour?.p ?? start, beliefs),
  ).filter(
    ({ fit }) => (fit.p[2] as number) >= (data.t[0] as number) && (fit.p[2] as number) <= (data.t[n - 1] as number),
  );
  const fits = weighFeet(found, n);
  if (fits.length === 0) return fallback();
  const speeds = fits.map(({ weight, softness, fit, inflation }) => {
    // Of two softnesses the softer one leaves its V the higher above the point.
    const point = (Math.exp(2 * (fit.p[3] as number)) + Math.exp(2 * (fit.p[4] as number))) / 4;
    const between = softness > 0 ? SOFTNESS_SIGMA * point : 0;
    const variance = Math.max(0, fit.covariance[6] as number) * Math.max(1, inflation) + between * between;
    return { weight, mean: fit.p[1] as number, sigma: Math.sqrt(variance) };
  });
  const cautious = speeds.map((c, i) => ({ ...c, weight: (fits[i] as FootFit).cautiousWeight }));
  const moments = fits.map(({ weight, fit }) => ({ weight, mean: fit.p[2] as number, sigma: 0 }));
  return { speed: mixtureMean(speeds), sigma: mixtureSigma(speeds), at: at + mixtureMean(moments), speeds, cautious };
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
