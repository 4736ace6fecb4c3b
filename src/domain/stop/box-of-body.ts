/**
 * The box that a body of a certain size shows at a certain place, and how it changes with both: the model that the
 * judge inverts. The body is upright and aligned with the approach; see vehicle-size.ts for its outline. Pure; called
 * several times per vehicle and frame, hence the plain arithmetic.
 *
 * Why not the bottom centre of the box: it slides along the vehicle as the view angle changes, which reads as speed.
 * And why with heights: seen from the front the lower edge is the bumper's lip, a hand's breadth above the ground, which
 * the ground homography would place the further behind the vehicle the flatter the view.
 */
import type { RoadView } from '../geometry/site-geometry.ts';
import type { Outline } from './vehicle-size.ts';

/** along (of the front), across, length, width, height; metres. */
export const BODY_UNKNOWNS = 5;

/** Left, top, right and lower edge, each with its derivatives by the five: rows of 6. */
export type BoxOfBody = Float64Array;
export const ROW = 6;

export function newBoxOfBody(): BoxOfBody {
  return new Float64Array(4 * ROW);
}

/** A body of fixed sizes as a view shows it, made once for all places it is tried at. */
export interface BodyInView {
  readonly view: RoadView;
  readonly outline: Outline;
  readonly width: number;
  readonly length: number;
  readonly height: number;
  /** Homogeneous pixels from the front's middle to each point of the outline: its right side, then its left. */
  readonly corners: Float64Array;
}

export function bodyInView(
  view: RoadView,
  outline: Outline,
  length: number,
  width: number,
  height: number,
  corners: Float64Array = new Float64Array(6 * outline.length),
): BodyInView {
  const { ahead, side, up } = view;
  for (let i = 0; i < outline.length; i++) {
    const point = outline[i] as Outline[number];
    const x = -point.back - point.backShare * length;
    const half = (point.side * width) / 2;
    const z = point.up + point.upShare * height;
    for (let c = 0; c < 3; c++) {
      const middle = (ahead[c] as number) * x + (up[c] as number) * z;
      corners[6 * i + c] = middle + (side[c] as number) * half;
      corners[6 * i + 3 + c] = middle - (side[c] as number) * half;
    }
  }
  return { view, outline, width, length, height, corners };
}

/** Writes the box of the body at a place; false when the body would reach behind the camera. */
export function boxOfBody(body: BodyInView, along: number, across: number, out: BoxOfBody): boolean {
  const { view, corners } = body;
  const { origin, ahead, side, skew } = view;
  const u = along - across * skew;
  const b0 = origin[0] + ahead[0] * u + side[0] * across;
  const b1 = origin[1] + ahead[1] * u + side[1] * across;
  const b2 = origin[2] + ahead[2] * u + side[2] * across;
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  let iLeft = 0;
  let iTop = 0;
  let iRight = 0;
  let iBottom = 0;
  for (let i = 0; i < corners.length; i += 3) {
    const depth = b2 + (corners[i + 2] as number);
    if (!(depth > 1e-12)) return false;
    const inverse = 1 / depth;
    const px = (b0 + (corners[i] as number)) * inverse;
    const py = (b1 + (corners[i + 1] as number)) * inverse;
    if (px < left) {
      left = px;
      iLeft = i;
    }
    if (px > right) {
      right = px;
      iRight = i;
    }
    if (py < top) {
      top = py;
      iTop = i;
    }
    if (py > bottom) {
      bottom = py;
      iBottom = i;
    }
  }
  writeEdge(body, b2, out, 0, left, iLeft, 0);
  writeEdge(body, b2, out, 1, top, iTop, 1);
  writeEdge(body, b2, out, 2, right, iRight, 0);
  writeEdge(body, b2, out, 3, bottom, iBottom, 1);
  return true;
}

/** The derivative of an extent is that of the point which makes it. */
function writeEdge(
  { view, outline, corners }: BodyInView,
  depthOfFront: number,
  row: BoxOfBody,
  edge: number,
  value: number,
  corner: number,
  axis: 0 | 1,
): void {
  const { ahead, side, up, skew } = view;
  const point = outline[Math.floor(corner / 6)] as Outline[number];
  const sign = corner % 6 === 0 ? 1 : -1;
  const depth = depthOfFront + (corners[corner + 2] as number);
  const byAhead = (ahead[axis] - value * ahead[2]) / depth;
  const bySide = (side[axis] - value * side[2]) / depth;
  const byUp = (up[axis] - value * up[2]) / depth;
  const base = edge * ROW;
  row[base] = value;
  row[base + 1] = byAhead;
  row[base + 2] = bySide - skew * byAhead;
  row[base + 3] = -byAhead * point.backShare;
  row[base + 4] = (bySide * point.side * sign) / 2;
  row[base + 5] = byUp * point.upShare;
}
