/**
 * The box that a body of a certain size shows at a certain place, and how it changes with both: the model that the
 * judge inverts. The body is upright and aligned with the approach; see vehicle-size.ts for its outline. Pure; called
 * several times per vehicle and frame, hence the plain arithmetic.
 *
 * Why not the bottom centre of the box: it slides along the vehicle as the view angle changes, which reads as speed.
 * And why with heights: seen from the front the lower edge is the bumper's lip, a hand's breadth above the ground, which
 * the ground homography would place the further behind the vehicle the flatter the view.
 */
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import type { Outline } from './vehicle-size.ts';

/** along (of the front), across, length, width, height; metres. */
export const BODY_UNKNOWNS = 5;

/** Left, top, right and lower edge, each with its derivatives by the five: rows of 6. */
export type BoxOfBody = Float64Array;
export const ROW = 6;

export function newBoxOfBody(): BoxOfBody {
  return new Float64Array(4 * ROW);
}

/** False when the body would reach behind the camera. */
export function boxOfBody(g: SiteGeometry, outline: Outline, q: ArrayLike<number>, out: BoxOfBody): boolean {
  const view = g.view;
  if (!view) return false;
  const { origin, ahead, side, up, skew } = view;
  const [along, across, length, width, height] = q as unknown as readonly [number, number, number, number, number];
  const [o0, o1, o2] = origin;
  const [a0, a1, a2] = ahead;
  const [s0, s1, s2] = side;
  const [u0, u1, u2] = up;
  const u = along - across * skew;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  let [iLeft, iTop, iRight, iBottom] = [0, 0, 0, 0];
  for (let i = 0; i < outline.length; i++) {
    const point = outline[i] as Outline[number];
    const x = u - point.back - point.backShare * length;
    const half = (point.side * width) / 2;
    const z = point.up + point.upShare * height;
    const p0 = o0 + a0 * x + s0 * across + u0 * z;
    const p1 = o1 + a1 * x + s1 * across + u1 * z;
    const p2 = o2 + a2 * x + s2 * across + u2 * z;
    for (let k = 1; k >= -1; k -= 2) {
      const depth = p2 + s2 * half * k;
      if (!(depth > 1e-12)) return false;
      const px = (p0 + s0 * half * k) / depth;
      const py = (p1 + s1 * half * k) / depth;
      if (px < left) {
        left = px;
        iLeft = k * (i + 1);
      }
      if (px > right) {
        right = px;
        iRight = k * (i + 1);
      }
      if (py < top) {
        top = py;
        iTop = k * (i + 1);
      }
      if (py > bottom) {
        bottom = py;
        iBottom = k * (i + 1);
      }
    }
  }
  writeEdge(out, 0, left, iLeft, 0);
  writeEdge(out, 1, top, iTop, 1);
  writeEdge(out, 2, right, iRight, 0);
  writeEdge(out, 3, bottom, iBottom, 1);
  return true;

  /** The derivative of an extent is that of the point which makes it. */
  function writeEdge(row: BoxOfBody, edge: number, value: number, which: number, axis: 0 | 1): void {
    const k = Math.sign(which);
    const point = outline[Math.abs(which) - 1] as Outline[number];
    const x = u - point.back - point.backShare * length;
    const lateral = across + ((point.side * width) / 2) * k;
    const z = point.up + point.upShare * height;
    const depth = o2 + a2 * x + s2 * lateral + u2 * z;
    const byAhead = ((axis === 0 ? a0 : a1) - value * a2) / depth;
    const bySide = ((axis === 0 ? s0 : s1) - value * s2) / depth;
    const byUp = ((axis === 0 ? u0 : u1) - value * u2) / depth;
    const base = edge * ROW;
    row[base] = value;
    row[base + 1] = byAhead;
    row[base + 2] = bySide - skew * byAhead;
    row[base + 3] = -byAhead * point.backShare;
    row[base + 4] = (bySide * point.side * k) / 2;
    row[base + 5] = byUp * point.upShare;
  }
}
