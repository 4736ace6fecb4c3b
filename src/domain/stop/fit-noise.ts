/**
 * What stands between the places of a series and the motion that is fitted to them: noise that is white or drifts in
 * time (drift-noise.ts), and errors that vary slowly along the way and come again at the same place (view-error.ts).
 * The second are a sum of few shapes with unknown amounts: those are eliminated exactly (Woodbury), so a fit pays for
 * them with some more dot products and with honest variances. Pure; called by model-fit.ts and the fits themselves.
 */
import { type Whitening, whiten, whitening } from './drift-noise.ts';
import type { FitData } from './model-fit.ts';
import type { TrackNoise } from './track-noise.ts';

export interface FitNoise {
  /** 1 / standard deviation of each sample. */
  readonly weight: Float64Array;
  readonly white: Whitening;
  /** Orthogonal directions of the slow errors among the whitened samples, each scaled to what of it is noise; flat. */
  readonly slow: Float64Array;
  readonly slowCount: number;
  /** Slow errors that only widen the answer, whitened; flat. */
  readonly widening: Float64Array;
  /** ln of the determinant of the covariance of the samples. */
  readonly logDeterminant: number;
  /** ln of how likely this noise is before the fit. */
  readonly logOdds: number;
}

/**
 * @param shapes slow errors at the samples for an amount of one standard deviation, metres
 * @param isEliminated the fit looks for what they cannot explain; otherwise it is the one without them, and they widen
 *   its covariance (what they are exactly like is not known well enough to lean on, where motion looks alike)
 */
export function fitNoise(
  data: FitData,
  own: TrackNoise,
  shapes: readonly Float64Array[] = [],
  isEliminated = true,
): FitNoise {
  const n = data.t.length;
  const weight = new Float64Array(n);
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) {
    const sigma = own.scale * (data.sigma[i] as number);
    weight[i] = 1 / sigma;
    logDeterminant += 2 * Math.log(sigma);
  }
  const white = whitening(data.t, own.share);
  logDeterminant += white.logDeterminant;
  const m = shapes.length;
  const slow = new Float64Array(m * n);
  shapes.forEach((shape, c) => {
    for (let i = 0; i < n; i++) slow[c * n + i] = (shape[i] as number) * (weight[i] as number);
  });
  for (let c = 0; c < m; c++) whiten(white, slow, c * n);
  const known = { weight, white, logOdds: own.logOdds };
  if (!isEliminated) return { ...known, slow: NONE, slowCount: 0, widening: slow, logDeterminant };
  logDeterminant += orthogonalise(slow, m, n);
  return { ...known, slow, slowCount: m, widening: NONE, logDeterminant };
}

const NONE = new Float64Array(0);

/**
 * Whitens `count` columns in place and writes, behind them, what of each lies in the direction of each slow error.
 * `columns` holds count · (n + slowCount) numbers.
 */
export function decorrelate({ weight, white, slow, slowCount }: FitNoise, columns: Float64Array, count: number): void {
  const n = weight.length;
  for (let c = 0; c < count; c++) {
    whiten(white, columns, c * n);
    for (let m = 0; m < slowCount; m++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (slow[m * n + i] as number) * (columns[c * n + i] as number);
      columns[count * n + c * slowCount + m] = sum;
    }
  }
}

/** The product of two decorrelated columns, without what slow errors explain of it. */
export function product(noise: FitNoise, columns: Float64Array, count: number, a: number, b: number): number {
  const n = noise.weight.length;
  const m = noise.slowCount;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (columns[a * n + i] as number) * (columns[b * n + i] as number);
  const [tailA, tailB] = [count * n + a * m, count * n + b * m];
  for (let c = 0; c < m; c++) sum -= (columns[tailA + c] as number) * (columns[tailB + c] as number);
  return sum;
}

/**
 * The covariance I + Σ φφᵀ is inverted one φ after the other (Sherman and Morrison): with v = A⁻¹φ of those before,
 * A⁻¹ − v vᵀ / (1 + φᵀv). Leaves v / √(1 + φᵀv) in place of φ; returns ln of the determinant.
 */
function orthogonalise(slow: Float64Array, m: number, n: number): number {
  let logDeterminant = 0;
  const v = new Float64Array(n);
  for (let c = 0; c < m; c++) {
    const base = c * n;
    v.set(slow.subarray(base, base + n));
    for (let before = 0; before < c; before++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += (slow[before * n + i] as number) * (slow[base + i] as number);
      for (let i = 0; i < n; i++) v[i] = (v[i] as number) - dot * (slow[before * n + i] as number);
    }
    let own = 1;
    for (let i = 0; i < n; i++) own += (slow[base + i] as number) * (v[i] as number);
    logDeterminant += Math.log(own);
    const scale = 1 / Math.sqrt(own);
    for (let i = 0; i < n; i++) slow[base + i] = (v[i] as number) * scale;
  }
  return logDeterminant;
}
