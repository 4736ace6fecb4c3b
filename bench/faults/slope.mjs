/** A straight line through measured points. */

/**
 * Least squares with a 95 % interval. Neighbouring samples are not independent: the residuals' first autocorrelation shrinks
 * the number of samples that count.
 * @param points [x, y]
 */
export function slope(points) {
  const n = points.length;
  if (n < 3) return null;
  const mean = (i) => points.reduce((sum, point) => sum + point[i], 0) / n;
  const [mx, my] = [mean(0), mean(1)];
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  if (sxx === 0) return null;
  const b = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx;
  const rest = points.map(([x, y]) => y - my - b * (x - mx));
  const ss = rest.reduce((sum, r) => sum + r * r, 0);
  const r1 = ss === 0 ? 0 : rest.slice(1).reduce((sum, r, i) => sum + r * rest[i], 0) / ss;
  const effective = Math.max(3, n * Math.min(1, Math.max(0, (1 - r1) / (1 + r1))));
  const error = Math.sqrt((ss / n / Math.max(1, effective - 2)) * (n / sxx));
  return { perX: b, low: b - 1.96 * error, high: b + 1.96 * error, mean: my, n, effective: Math.round(effective) };
}
