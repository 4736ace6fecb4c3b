/** Points, segments and polygons in the plane. Pure; the same code serves image and ground. */

export type Xy = readonly [x: number, y: number];

/** Even-odd rule; a point on the edge may fall to either side. */
export function polygonContains(polygon: readonly Xy[], [x, y]: Xy): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as Xy;
    const [xj, yj] = polygon[j] as Xy;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Positive when the corners run counter-clockwise in a frame with y up. */
export function signedArea(polygon: readonly Xy[]): number {
  let sum = 0;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as Xy;
    const [xj, yj] = polygon[j] as Xy;
    sum += xj * yi - xi * yj;
  }
  return sum / 2;
}

export function centroid(points: readonly Xy[]): Xy {
  const n = points.length;
  return [points.reduce((s, p) => s + p[0], 0) / n, points.reduce((s, p) => s + p[1], 0) / n];
}

/** Positive to the left of a → b in a frame with y up (to the right on the screen). */
export function signedDistance([a, b]: readonly [Xy, Xy], p: Xy): number {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  return ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])) / length;
}

/** Where segment p → q meets segment a → b, as a fraction 0 … 1 of p → q; null when they do not meet or are parallel. */
export function segmentCrossing(p: Xy, q: Xy, a: Xy, b: Xy): number | null {
  const rx = q[0] - p[0];
  const ry = q[1] - p[1];
  const sx = b[0] - a[0];
  const sy = b[1] - a[1];
  const denominator = rx * sy - ry * sx;
  if (Math.abs(denominator) < 1e-12) return null;
  const t = ((a[0] - p[0]) * sy - (a[1] - p[1]) * sx) / denominator;
  const u = ((a[0] - p[0]) * ry - (a[1] - p[1]) * rx) / denominator;
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? t : null;
}

/** True when two of its edges cross. */
export function isSelfCrossing(polygon: readonly Xy[]): boolean {
  const n = polygon.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const corner = (k: number) => polygon[k % n] as Xy;
      if (segmentCrossing(corner(i), corner(i + 1), corner(j), corner(j + 1)) !== null) return true;
    }
  }
  return false;
}

export const minus = (a: Xy, b: Xy): Xy => [a[0] - b[0], a[1] - b[1]];
export const dot = (a: Xy, b: Xy): number => a[0] * b[0] + a[1] * b[1];

/** Unit vector, or null for the zero vector. */
export function unit([x, y]: Xy): Xy | null {
  const length = Math.hypot(x, y);
  return length > 1e-9 ? [x / length, y / length] : null;
}
