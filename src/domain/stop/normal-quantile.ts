/** The normal distribution's quantile; pure. Called by the judge for the policy's confidence. */

/** Two-sided quantile of the normal distribution for a confidence such as 0.95 (Acklam's approximation, 1e-9). */
export function normalQuantile(confidence: number): number {
  const p = (1 + confidence) / 2;
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const horner = (k: readonly number[], x: number) => k.reduce((sum, v) => sum * x + v, 0);
  if (p < 0.97575) {
    const q = p - 0.5;
    return (horner(a, q * q) * q) / horner(b, q * q);
  }
  const q = Math.sqrt(-2 * Math.log(1 - p));
  return -horner(c, q) / horner(d, q);
}
