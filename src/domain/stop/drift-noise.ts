/**
 * The noise of boxes: partly white, partly a drift that forgets itself within DRIFT_S (a pole that hides a bumper hides
 * it for many frames, and detectors shake less from frame to frame than they are wrong). Taking neighbouring boxes for
 * independent makes intervals far too narrow. A Kalman filter over the drift turns such noise into white noise of
 * variance 1 in linear time, also at uneven times. Pure; called by the fits of the judge.
 */

/** Correlation time of the drift, seconds; `share` below is its share of the variance. */
export const DRIFT_S = 0.5;

export interface Whitening {
  readonly share: number;
  /** −2 ln of the density's normalisation: Σ ln of the innovations' variances. */
  readonly logDeterminant: number;
  readonly keep: Float64Array;
  readonly gain: Float64Array;
  readonly scale: Float64Array;
}

/** For noise of variance 1 at ascending times `t`, seconds. */
export function whitening(t: ArrayLike<number>, share: number): Whitening {
  const n = t.length;
  const keep = new Float64Array(n);
  const gain = new Float64Array(n);
  const scale = new Float64Array(n);
  const white = 1 - share;
  let variance = share;
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) {
    const memory = i === 0 ? 0 : Math.exp(((t[i - 1] as number) - (t[i] as number)) / DRIFT_S);
    if (i > 0) variance = memory * memory * variance + share * (1 - memory * memory);
    const innovation = variance + white;
    keep[i] = memory;
    gain[i] = variance / innovation;
    scale[i] = 1 / Math.sqrt(innovation);
    logDeterminant += Math.log(innovation);
    variance *= 1 - (gain[i] as number);
  }
  return { share, logDeterminant, keep, gain, scale };
}

/** In place: the column of `keep.length` residuals or derivatives that begins at `from`, in units of its deviation. */
export function whiten({ share, keep, gain, scale }: Whitening, columns: Float64Array, from = 0): void {
  if (share === 0) return;
  let drift = 0;
  for (let i = 0; i < keep.length; i++) {
    drift *= keep[i] as number;
    const off = (columns[from + i] as number) - drift;
    drift += (gain[i] as number) * off;
    columns[from + i] = off * (scale[i] as number);
  }
}
