/**
 * Local polynomial fits of a position over time: the smoother of the judge and the live speed. Weighted least squares
 * with tricube weights in time (Cleveland 1979), so irregular frames need no resampling. Pure.
 */
import { invert } from '../geometry/linear-algebra.ts';

/** Positions along the approach over time, ascending in time. `sigma` weighs the samples against each other. */
export interface Series {
  readonly t: readonly number[];
  readonly s: readonly number[];
  readonly sigma: readonly number[];
}

export interface LocalFit {
  readonly position: number;
  readonly speed: number;
  readonly acceleration: number;
  /** Variance of position and speed for a noise of sigma (multiply by the squared noise scale). */
  readonly positionVariance: number;
  readonly speedVariance: number;
  readonly samples: number;
}

/**
 * Polynomial of `degree` 1 or 2 around `at`, over the samples within `halfWidth` seconds (from `first` to `last`
 * index). null with fewer samples than the polynomial needs.
 */
export function localFit(
  series: Series,
  at: number,
  halfWidth: number,
  degree: 1 | 2,
  first = 0,
  last = series.t.length - 1,
): LocalFit | null {
  const n = degree + 1;
  const xtx = new Array<number>(n * n).fill(0);
  const xty = new Array<number>(n).fill(0);
  const spread = new Array<number>(n * n).fill(0);
  let samples = 0;
  for (let i = lowerBound(series.t, at - halfWidth, first); i <= last; i++) {
    const dt = (series.t[i] as number) - at;
    if (dt > halfWidth) break;
    const reach = Math.min(1, Math.abs(dt) / (halfWidth * 1.0001));
    const w = (1 - reach ** 3) ** 3 / (series.sigma[i] as number) ** 2;
    const noise = w * w * (series.sigma[i] as number) ** 2;
    samples++;
    for (let j = 0; j < n; j++) {
      const xj = dt ** j;
      xty[j] = (xty[j] as number) + w * xj * (series.s[i] as number);
      for (let k = 0; k < n; k++) {
        xtx[j * n + k] = (xtx[j * n + k] as number) + w * xj * dt ** k;
        spread[j * n + k] = (spread[j * n + k] as number) + noise * xj * dt ** k;
      }
    }
  }
  if (samples <= degree) return null;
  const inverse = invert(scaled(xtx, n), n);
  if (!inverse) return null;
  const back = unscaled(inverse, xtx, n);
  const coefficient = (j: number) => back.slice(j * n, j * n + n).reduce((sum, v, k) => sum + v * (xty[k] as number), 0);
  const variance = (j: number) => {
    let sum = 0;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        sum += (back[j * n + a] as number) * (spread[a * n + b] as number) * (back[j * n + b] as number);
      }
    }
    return sum;
  };
  return {
    position: coefficient(0),
    speed: coefficient(1),
    acceleration: degree === 2 ? 2 * coefficient(2) : 0,
    positionVariance: variance(0),
    speedVariance: variance(1),
    samples,
  };
}

/** First index ≥ `from` whose value is at least `value`. */
export function lowerBound(sorted: readonly number[], value: number, from = 0): number {
  let lo = from;
  let hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if ((sorted[middle] as number) < value) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}

/**
 * Noise scale of a series (1 = the sigmas are right): from how far each sample lies off the line through its two
 * neighbours, by the median of the absolute values, so that neither motion nor a few wild boxes enter.
 */
export function noiseScale(series: Series): number {
  const { t, s, sigma } = series;
  const off: number[] = [];
  for (let i = 1; i + 1 < t.length; i++) {
    const span = (t[i + 1] as number) - (t[i - 1] as number);
    if (!(span > 0) || span > 1) continue;
    const a = ((t[i + 1] as number) - (t[i] as number)) / span;
    const b = 1 - a;
    const miss = (s[i] as number) - a * (s[i - 1] as number) - b * (s[i + 1] as number);
    const expected = Math.sqrt(
      (sigma[i] as number) ** 2 + (a * (sigma[i - 1] as number)) ** 2 + (b * (sigma[i + 1] as number)) ** 2,
    );
    off.push(Math.abs(miss) / expected);
  }
  if (off.length < 3) return 1;
  off.sort((a, b) => a - b);
  return (off[off.length >> 1] as number) / 0.6745;
}

function scaled(m: readonly number[], n: number): number[] {
  return m.map((v, i) => v / Math.sqrt((m[((i / n) | 0) * (n + 1)] as number) * (m[(i % n) * (n + 1)] as number)));
}

function unscaled(inverse: readonly number[], m: readonly number[], n: number): number[] {
  return inverse.map(
    (v, i) => v / Math.sqrt((m[((i / n) | 0) * (n + 1)] as number) * (m[(i % n) * (n + 1)] as number)),
  );
}
