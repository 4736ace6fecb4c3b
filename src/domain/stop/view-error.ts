/**
 * What a detector's boxes are off by along the way: drawn tighter or wider as the view of the vehicle turns, the same
 * each time at the same place, and unlike noise not to be averaged away. Taken for a random function of the place with
 * the covariance σ² exp(−Δ²/2ℓ²); near a place of interest it is the sum of few shapes, (x/ℓ)ᵏ exp(−x²/2ℓ²)/√k! with
 * independent amounts (the expansion of that covariance). How large it is: see DETECTOR_ERROR. Pure; called by the fits.
 */

/** What it may be at each sample of a series. */
export interface SlowError {
  /** Place, metres along the approach. */
  readonly s: readonly number[];
  /** Standard deviation, metres. */
  readonly sigma: readonly number[];
}

/** Its usual size: share of the box's longer side by which an edge lies wrong, standard deviation. */
export const DETECTOR_ERROR = 0.04;
/** It is another after so many metres of the way. */
export const ERROR_LENGTH_M = 5;
/** As many shapes describe it within two lengths to either side. */
const SHAPES = 5;

/**
 * The shapes at some samples, for an amount of one standard deviation, metres: by how much the error differs from what
 * it is around a place, which is nothing that motion could be mistaken for.
 */
export function slowShapes({ s, sigma }: SlowError, samples: readonly number[], around: number): Float64Array[] {
  const shapes = Array.from({ length: SHAPES }, () => new Float64Array(samples.length));
  let nearest = Number.POSITIVE_INFINITY;
  let atNearest = 0;
  for (const sample of samples) {
    const off = Math.abs((s[sample] as number) - around);
    if (off < nearest) {
      nearest = off;
      atNearest = sigma[sample] as number;
    }
  }
  samples.forEach((sample, i) => {
    const x = ((s[sample] as number) - around) / ERROR_LENGTH_M;
    let value = (sigma[sample] as number) * Math.exp((-x * x) / 2);
    for (let k = 0; k < SHAPES; k++) {
      (shapes[k] as Float64Array)[i] = k === 0 ? value - atNearest : value;
      value *= x / Math.sqrt(k + 1);
    }
  });
  return shapes;
}
