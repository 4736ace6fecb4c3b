/** Whether something grows: a straight line by least squares, and how sure its slope is. */

/**
 * Neighbouring looks at memory are alike, so that a naive interval is far too narrow: the points are averaged in blocks of
 * about a minute first, and the residuals' autocorrelation at lag 1 widens what is left (effective sample size).
 * @param points [seconds, value]
 * @param ofBlock what stands for a block: its mean, or its lowest value (a heap between two collections is a saw's tooth)
 * @returns per hour, with a 95 % interval; null for fewer than six blocks
 */
export function slopePerHour(points, blockSeconds = 60, ofBlock = mean) {
  const blocks = blocksOf(points, blockSeconds, ofBlock);
  const n = blocks.length;
  if (n < 6) return null;
  const [mx, my] = [0, 1].map((which) => mean(blocks.map((point) => point[which])));
  const sxx = blocks.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const slope = blocks.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx;
  const residuals = blocks.map(([x, y]) => y - my - slope * (x - mx));
  const squares = residuals.reduce((sum, r) => sum + r * r, 0);
  const lagged = residuals.slice(1).reduce((sum, r, i) => sum + r * residuals[i], 0);
  const rho = Math.min(0.95, Math.max(0, squares > 0 ? lagged / squares : 0));
  const inflation = Math.sqrt((1 + rho) / (1 - rho));
  const half = student95(n - 2) * Math.sqrt(squares / (n - 2) / sxx) * inflation;
  const hourly = (value) => Number((value * 3_600).toFixed(2));
  return { value: hourly(slope), lo: hourly(slope - half), hi: hourly(slope + half), blocks: n };
}

export function lowest(values) {
  return Math.min(...values);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function blocksOf(points, blockSeconds, ofBlock) {
  const blocks = new Map();
  for (const point of points) {
    const key = Math.floor(point[0] / blockSeconds);
    blocks.set(key, [...(blocks.get(key) ?? []), point]);
  }
  return [...blocks.values()].map((block) => [mean(block.map(([x]) => x)), ofBlock(block.map(([, y]) => y))]);
}

/** Two-sided 95 % point of Student's t; the expansion is good to 1 % from 4 degrees on. */
function student95(degrees) {
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}
