/**
 * Local polynomial fits of a position over time: the smoother of the judge and the live speed. Weighted least squares
 * with tricube weights in time (Cleveland 1979), so irregular frames need no resampling. Pure.
 */

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
 * Polynomial of `degree` 1 or 2 around `at`, over the samples within `halfWidth` seconds. null with fewer samples (or
 * fewer distinct times) than the polynomial needs.
 */
export function localFit(series: Series, at: number, halfWidth: number, degree: 1 | 2): LocalFit | null {
  const { t, s, sigma } = series;
  // Sums of w·xᵏ, w·xᵏ·s and w²σ²·xᵏ, with x in half widths so that the powers stay near 1.
  let m0 = 0;
  let m1 = 0;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  let y0 = 0;
  let y1 = 0;
  let y2 = 0;
  let v0 = 0;
  let v1 = 0;
  let v2 = 0;
  let v3 = 0;
  let v4 = 0;
  let samples = 0;
  let origin = 0;
  for (let i = lowerBound(t, at - halfWidth); i < t.length; i++) {
    const x = ((t[i] as number) - at) / halfWidth;
    if (x > 1) break;
    if (samples++ === 0) origin = s[i] as number;
    const reach = Math.abs(x) / 1.0001;
    const tricube = 1 - reach * reach * reach;
    const own = sigma[i] as number;
    const w = (tricube * tricube * tricube) / (own * own);
    const noise = w * w * own * own;
    const y = w * ((s[i] as number) - origin);
    const x2 = x * x;
    m0 += w;
    m1 += w * x;
    m2 += w * x2;
    m3 += w * x2 * x;
    m4 += w * x2 * x2;
    y0 += y;
    y1 += y * x;
    y2 += y * x2;
    v0 += noise;
    v1 += noise * x;
    v2 += noise * x2;
    v3 += noise * x2 * x;
    v4 += noise * x2 * x2;
  }
  if (samples <= degree) return null;
  if (degree === 1) {
    const det = m0 * m2 - m1 * m1;
    if (!(det > 1e-9 * m0 * m2)) return null;
    const variance = (a: number, b: number) => a * a * v0 + 2 * a * b * v1 + b * b * v2;
    return {
      position: origin + (m2 * y0 - m1 * y1) / det,
      speed: (m0 * y1 - m1 * y0) / det / halfWidth,
      acceleration: 0,
      positionVariance: variance(m2 / det, -m1 / det),
      speedVariance: variance(-m1 / det, m0 / det) / halfWidth ** 2,
      samples,
    };
  }
  // Adjugate of the symmetric 3 × 3 matrix of moments.
  const a00 = m2 * m4 - m3 * m3;
  const a01 = m2 * m3 - m1 * m4;
  const a02 = m1 * m3 - m2 * m2;
  const a11 = m0 * m4 - m2 * m2;
  const a12 = m1 * m2 - m0 * m3;
  const a22 = m0 * m2 - m1 * m1;
  const det = m0 * a00 + m1 * a01 + m2 * a02;
  if (!(det > 1e-12 * m0 * m2 * m4)) return null;
  const variance = (a: number, b: number, c: number) =>
    (a * a * v0 + b * b * v2 + c * c * v4 + 2 * (a * b * v1 + a * c * v2 + b * c * v3)) / (det * det);
  return {
    position: origin + (a00 * y0 + a01 * y1 + a02 * y2) / det,
    speed: (a01 * y0 + a11 * y1 + a12 * y2) / det / halfWidth,
    acceleration: (2 * (a02 * y0 + a12 * y1 + a22 * y2)) / det / halfWidth ** 2,
    positionVariance: variance(a00, a01, a02),
    speedVariance: variance(a01, a11, a12) / halfWidth ** 2,
    samples,
  };
}

/** The position alone, by the parabola of localFit or, where that cannot be had, a line over twice the width. */
export function localPosition({ t, s, sigma }: Series, at: number, halfWidth: number): number | null {
  let m0 = 0;
  let m1 = 0;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  let y0 = 0;
  let y1 = 0;
  let y2 = 0;
  let samples = 0;
  const first = lowerBound(t, at - halfWidth);
  const origin = s[first] as number;
  for (let i = first; i < t.length; i++) {
    const x = ((t[i] as number) - at) / halfWidth;
    if (x > 1) break;
    samples++;
    const reach = Math.abs(x) / 1.0001;
    const tricube = 1 - reach * reach * reach;
    const own = sigma[i] as number;
    const w = (tricube * tricube * tricube) / (own * own);
    const y = w * ((s[i] as number) - origin);
    const x2 = x * x;
    m0 += w;
    m1 += w * x;
    m2 += w * x2;
    m3 += w * x2 * x;
    m4 += w * x2 * x2;
    y0 += y;
    y1 += y * x;
    y2 += y * x2;
  }
  const a00 = m2 * m4 - m3 * m3;
  const a01 = m2 * m3 - m1 * m4;
  const a02 = m1 * m3 - m2 * m2;
  const det = m0 * a00 + m1 * a01 + m2 * a02;
  if (samples > 2 && det > 1e-12 * m0 * m2 * m4) return origin + (a00 * y0 + a01 * y1 + a02 * y2) / det;
  return localFit({ t, s, sigma }, at, 2 * halfWidth, 1)?.position ?? null;
}

/** First index ≥ `from` whose value is at least `value`. */
export function lowerBound(sorted: ArrayLike<number>, value: number, from = 0): number {
  let lo = from;
  let hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if ((sorted[middle] as number) < value) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}

export function median(values: readonly number[]): number {
  const sorted = values.slice();
  sortNumbers(sorted);
  const n = sorted.length;
  return n === 0
    ? 0
    : n % 2 === 1
      ? (sorted[n >> 1] as number)
      : ((sorted[n / 2 - 1] as number) + (sorted[n / 2] as number)) / 2;
}

/** Medians of some ten numbers are taken several times for each vehicle and frame: those are sorted by insertion. */
const FEW = 32;

function sortNumbers(values: number[]): void {
  if (values.length > FEW) {
    values.sort((a, b) => a - b);
    return;
  }
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number;
    let k = i - 1;
    for (; k >= 0 && (values[k] as number) > value; k--) values[k + 1] = values[k] as number;
    values[k + 1] = value;
  }
}
