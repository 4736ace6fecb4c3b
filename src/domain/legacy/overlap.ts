/**
 * Whether a box overlaps a polygon with area, as the predecessor asked it (in single precision). The polygon is clipped
 * by the box's four sides (Sutherland and Hodgman, "Reentrant Polygon Clipping", CACM 1974), which is exact for every
 * simple polygon; the predecessor's own routine knew convex ones only. Pure; called by score-rows.ts.
 */
export type Corner = readonly [x: number, y: number];

/** Touching along an edge or at a corner is no overlap. */
export function overlapsWithArea(polygon: readonly Corner[], box: readonly [number, number, number, number]): boolean {
  const [x1, y1, x2, y2] = box.map(Math.fround) as [number, number, number, number];
  const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)];
  const [top, bottom] = [Math.min(y1, y2), Math.max(y1, y2)];
  let rest: Corner[] = polygon.map(([x, y]) => [Math.fround(x), Math.fround(y)]);
  rest = clip(rest, 0, left, 1);
  rest = clip(rest, 0, right, -1);
  rest = clip(rest, 1, top, 1);
  rest = clip(rest, 1, bottom, -1);
  return Math.abs(twiceArea(rest)) > 0;
}

/** What lies at coordinate ≥ limit (sign 1) or ≤ limit (sign −1). */
function clip(polygon: readonly Corner[], axis: 0 | 1, limit: number, sign: 1 | -1): Corner[] {
  const out: Corner[] = [];
  polygon.forEach((here, i) => {
    const before = polygon[(i + polygon.length - 1) % polygon.length] as Corner;
    const depth = sign * (here[axis] - limit);
    const depthBefore = sign * (before[axis] - limit);
    if (depth >= 0 !== depthBefore >= 0) {
      const share = depthBefore / (depthBefore - depth);
      const other = axis === 0 ? 1 : 0;
      const across = before[other] + share * (here[other] - before[other]);
      out.push(axis === 0 ? [limit, across] : [across, limit]);
    }
    if (depth >= 0) out.push(here);
  });
  return out;
}

/** About the first corner, so that large coordinates cost no digits. */
function twiceArea(polygon: readonly Corner[]): number {
  const [x0, y0] = polygon[0] ?? [0, 0];
  let sum = 0;
  for (let i = 2; i < polygon.length; i++) {
    const [ax, ay] = polygon[i - 1] as Corner;
    const [bx, by] = polygon[i] as Corner;
    sum += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return sum;
}
