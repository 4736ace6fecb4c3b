/** A weighted sum of normal distributions: what several models together say of a quantity. Pure. */

export interface Component {
  readonly weight: number;
  readonly mean: number;
  readonly sigma: number;
}

export function mixtureMean(parts: readonly Component[]): number {
  let total = 0;
  let sum = 0;
  for (const { weight, mean } of parts) {
    total += weight;
    sum += weight * mean;
  }
  return sum / total;
}

export function mixtureSigma(parts: readonly Component[]): number {
  const middle = mixtureMean(parts);
  let total = 0;
  let sum = 0;
  for (const { weight, mean, sigma } of parts) {
    total += weight;
    sum += weight * (sigma * sigma + (mean - middle) ** 2);
  }
  return Math.sqrt(sum / total);
}

/** Probability of being below x. */
export function mixtureBelow(parts: readonly Component[], x: number): number {
  let total = 0;
  let sum = 0;
  for (const { weight, mean, sigma } of parts) {
    total += weight;
    sum += weight * normalBelow((x - mean) / Math.max(1e-9, sigma));
  }
  return sum / total;
}

/** By bisection, to a hundred-thousandth of the spread. */
export function mixtureQuantile(parts: readonly Component[], q: number): number {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const { mean, sigma } of parts) {
    lo = Math.min(lo, mean - 8 * sigma);
    hi = Math.max(hi, mean + 8 * sigma);
  }
  for (let i = 0; i < 22; i++) {
    const middle = (lo + hi) / 2;
    if (mixtureBelow(parts, middle) < q) lo = middle;
    else hi = middle;
  }
  return (lo + hi) / 2;
}

/** Φ(z), by the complementary error function (Numerical Recipes' erfcc, 1.2e-7). */
export function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const u = 1 / (1 + 0.5 * x);
  const tail =
    u *
    Math.exp(
      -x * x -
        1.26551223 +
        u *
          (1.00002368 +
            u *
              (0.37409196 +
                u *
                  (0.09678418 +
                    u *
                      (-0.18628806 +
                        u *
                          (0.27886807 + u * (-1.13520398 + u * (1.48851587 + u * (-0.82215223 + u * 0.17087277)))))))),
    );
  return z >= 0 ? 1 - tail / 2 : tail / 2;
}
