/**
 * The slowest moment of a vehicle that did not stand, measured. A smoother rounds a sharp dip of the speed off and
 * reads it too high, so two shapes are fitted to the positions around it: an even brake turning into an even pull (the
 * speed is a V), and a gentle dip (the speed is a parabola), and averaged by how well they fit. Pure.
 */
import { fitCurve } from './least-squares.ts';
import { localFit, lowerBound, type Series } from './local-fit.ts';

export interface Dip {
  readonly speed: number;
  readonly sigma: number;
  readonly at: number;
}

const REACH_S = 1.0;
const REACH_SPEED = 2.5;
/** Odds of 3 : 1 beforehand for the sharp one: a foot goes from the brake to the other pedal in a few tenths. */
const GENTLE_DOUBT = 2 * Math.log(3);

/** `around` is the index of the lowest smoothed speed between indices `first` and `last`. */
export function fitDip(
  series: Series,
  speed: readonly number[],
  around: number,
  first: number,
  last: number,
  halfWidth: number,
): Dip | null {
  const at = series.t[around] as number;
  const lowest = speed[around] as number;
  const plain = localFit(series, at, halfWidth, 2);
  const fallback: Dip | null = plain ? { speed: plain.speed, sigma: Math.sqrt(plain.speedVariance), at } : null;
  // At the end of what is judged the speed is on its way up or down: there is no dip to fit.
  if (around - first < 3 || last - around < 3) return fallback;
  let lo = lowerBound(series.t, at - REACH_S);
  let hi = Math.min(series.t.length, lowerBound(series.t, at + REACH_S)) - 1;
  while (lo < around && (speed[lo] as number) > lowest + REACH_SPEED) lo++;
  while (hi > around && (speed[hi] as number) > lowest + REACH_SPEED) hi--;
  if (around - lo < 3 || hi - around < 3) return fallback;
  const t = series.t.slice(lo, hi + 1).map((time) => time - at);
  const s = series.s.slice(lo, hi + 1);
  const sigma = series.sigma.slice(lo, hi + 1);
  const middle = series.s[around] as number;

  const sharp = fitCurve(
    t,
    s,
    sigma,
    ([p0, v, t0, brake, pull]: readonly number[], time) => {
      const d = time - (t0 as number);
      return (p0 as number) + (v as number) * d + 0.5 * (d < 0 ? -(brake as number) : (pull as number)) * d * d;
    },
    [middle, lowest, 0, 1, 1],
    [1e-3, 1e-3, 2e-3, 1e-2, 1e-2],
  );
  const gentle = fitCurve(
    t,
    s,
    sigma,
    ([p0, v, t0, c]: readonly number[], time) => {
      const d = time - (t0 as number);
      return (p0 as number) + (v as number) * d + ((c as number) / 3) * d ** 3;
    },
    [middle, lowest, 0, 1],
    [1e-3, 1e-3, 2e-3, 1e-2],
  );
  const n = t.length;
  const candidates = [
    { fit: sharp, k: 5, doubt: 0, isDip: (sharp.parameters[3] as number) > 0 && (sharp.parameters[4] as number) > 0 },
    { fit: gentle, k: 4, doubt: GENTLE_DOUBT, isDip: (gentle.parameters[3] as number) > 0 },
  ]
    .map((c) => ({ ...c, score: c.fit.cost + c.doubt }))
    .filter(({ fit, isDip }) => {
      const t0 = fit.parameters[2] as number;
      return isDip && t0 > (t[0] as number) && t0 < (t[n - 1] as number);
    });
  const best = Math.min(...candidates.map((c) => c.score));
  if (candidates.length === 0) return fallback;
  let total = 0;
  let mean = 0;
  let square = 0;
  let moment = 0;
  for (const { fit, k, score } of candidates) {
    // Both shapes speak, each with the weight of its evidence: where the noise hides which it was, the
    // difference between them belongs into the uncertainty.
    const weight = Math.exp((best - score) / 2);
    const size = fit.parameters.length;
    const inflation = Math.max(1, fit.cost / Math.max(1, n - k));
    const value = fit.parameters[1] as number;
    total += weight;
    mean += weight * value;
    square += weight * (value * value + inflation * Math.max(0, fit.covariance?.[size + 1] ?? 0));
    moment += weight * (fit.parameters[2] as number);
  }
  mean /= total;
  return { speed: mean, sigma: Math.sqrt(Math.max(0, square / total - mean * mean)), at: at + moment / total };
}
