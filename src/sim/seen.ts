/**
 * What the camera sees of the bodies: exact boxes, where they touch the ground, how much is hidden. Pure; called for
 * every frame of the truth and of synthetic detections.
 *
 * Hidden share: a grid of points inside the convex outline of the body; a point is hidden when it lies inside the convex
 * outline of a body that is in front. In front is whoever shares the camera's side of a line on the ground that keeps the
 * two footprints apart, which is exact for bodies that do not overlap. Trees, poles and the sign hide nothing here.
 */
import type { Box } from '../domain/types.ts';
import { flatHull } from './body-shape.ts';
import type { Pinhole, Pixel } from './pinhole.ts';
import { NEAR_M } from './pinhole.ts';
import type { BodyState } from './scenario.ts';

export interface SeenBody {
  readonly state: BodyState;
  /** Clipped to the picture. */
  readonly box: Box;
  /** Not clipped. */
  readonly fullBox: Box;
  /** Share of fullBox that lies inside the picture, 0 … 1. */
  readonly inside: number;
  /** Share of what lies inside the picture that other bodies hide, 0 … 1. */
  readonly occluded: number;
  /** Where the middle of the footprint is in the picture. */
  readonly middlePx: Pixel;
  /** Where the judge looks for the ground: the bottom centre of fullBox. */
  readonly contactPx: Pixel;
}

interface Outline {
  readonly state: BodyState;
  readonly fullBox: Box;
  /** x, y, x, y … */
  readonly pixels: Float64Array;
  hull: readonly Pixel[] | null;
}

/** Bodies with at least a pixel in the picture; a body that reaches behind the camera's near plane is not seen. */
export function seenBodies(
  camera: Pinhole,
  states: readonly BodyState[],
  shiftPx: readonly [number, number] = [0, 0],
): SeenBody[] {
  const outlines: Outline[] = [];
  for (const state of states) {
    const outline = outlineOf(camera, state, shiftPx);
    if (outline) outlines.push(outline);
  }
  const seen: SeenBody[] = [];
  for (const outline of outlines) {
    const { state, fullBox } = outline;
    const box: Box = [
      Math.max(0, fullBox[0]),
      Math.max(0, fullBox[1]),
      Math.min(camera.width, fullBox[2]),
      Math.min(camera.height, fullBox[3]),
    ];
    if (box[2] - box[0] < 1 || box[3] - box[1] < 1) continue;
    const [x, y] = camera.projectXyz(state.center[0], 0, state.center[1]);
    seen.push({
      state,
      box,
      fullBox,
      inside: area(box) / area(fullBox),
      occluded: hiddenShare(camera, outline, box, outlines),
      middlePx: [x + shiftPx[0], y + shiftPx[1]],
      contactPx: [(fullBox[0] + fullBox[2]) / 2, fullBox[3]],
    });
  }
  return seen;
}

/** The hull in the body's frame through one matrix (body → world → picture): this runs for every body in every frame. */
function outlineOf(camera: Pinhole, state: BodyState, shiftPx: readonly [number, number]): Outline | null {
  const m = bodyToPicture(camera, state);
  const points = flatHull(state.body);
  const pixels = new Float64Array((points.length / 3) * 2);
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0, o = 0; i < points.length; i += 3, o += 2) {
    const [x, y, z] = [points[i] as number, points[i + 1] as number, points[i + 2] as number];
    const depth = m[8] * x + m[9] * y + m[10] * z + m[11];
    if (depth < NEAR_M) return null;
    const u = (m[0] * x + m[1] * y + m[2] * z + m[3]) / depth + shiftPx[0];
    const v = (m[4] * x + m[5] * y + m[6] * z + m[7]) / depth + shiftPx[1];
    pixels[o] = u;
    pixels[o + 1] = v;
    if (u < x1) x1 = u;
    if (u > x2) x2 = u;
    if (v < y1) y1 = v;
    if (v > y2) y2 = v;
  }
  return { state, fullBox: [x1, y1, x2, y2], pixels, hull: null };
}

type Twelve = [number, number, number, number, number, number, number, number, number, number, number, number];

function bodyToPicture({ matrix }: Pinhole, { center, heading }: BodyState): Twelve {
  const [cos, sin] = [Math.cos(heading), Math.sin(heading)];
  const out: number[] = [];
  for (let row = 0; row < 12; row += 4) {
    const [a, b, c, d] = matrix.slice(row, row + 4) as [number, number, number, number];
    out.push(a * cos - c * sin, b, a * sin + c * cos, a * center[0] + c * center[1] + d);
  }
  return out as Twelve;
}

const GRID = 10;

function hiddenShare(camera: Pinhole, self: Outline, box: Box, all: readonly Outline[]): number {
  const before = all.filter(
    (other) => other !== self && overlaps(other.fullBox, box) && isInFront(camera, other.state, self.state),
  );
  if (before.length === 0) return 0;
  const own = hullOf(self);
  const others = before.map(hullOf);
  let points = 0;
  let hidden = 0;
  for (let i = 0; i < GRID; i++) {
    for (let j = 0; j < GRID; j++) {
      const point: Pixel = [
        box[0] + ((i + 0.5) / GRID) * (box[2] - box[0]),
        box[1] + ((j + 0.5) / GRID) * (box[3] - box[1]),
      ];
      if (!isInside(own, point)) continue;
      points++;
      if (others.some((hull) => isInside(hull, point))) hidden++;
    }
  }
  return points === 0 ? 0 : hidden / points;
}

/** Whether `a` may hide something of `b` (and not the other way round). */
export function isInFront(camera: Pinhole, a: BodyState, b: BodyState): boolean {
  const [cx, , cz] = camera.position;
  let widest = Number.NEGATIVE_INFINITY;
  let answer = false;
  for (const { heading } of [a, b]) {
    for (const [nx, nz] of [
      [Math.cos(heading), -Math.sin(heading)],
      [Math.sin(heading), Math.cos(heading)],
    ] as const) {
      const [a1, a2] = extent(a, nx, nz);
      const [b1, b2] = extent(b, nx, nz);
      const c = cx * nx + cz * nz;
      const gap = Math.max(b1 - a2, a1 - b2);
      if (gap <= widest) continue;
      widest = gap;
      answer = b1 - a2 >= a1 - b2 ? c < (a2 + b1) / 2 : c > (a1 + b2) / 2;
    }
  }
  return answer;
}

/** How far apart two footprints are at least along one direction; negative: they overlap by that much. */
export function footprintGap(a: BodyState, b: BodyState): number {
  let widest = Number.NEGATIVE_INFINITY;
  for (const { heading } of [a, b]) {
    for (const [nx, nz] of [
      [Math.cos(heading), -Math.sin(heading)],
      [Math.sin(heading), Math.cos(heading)],
    ] as const) {
      const [a1, a2] = extent(a, nx, nz);
      const [b1, b2] = extent(b, nx, nz);
      widest = Math.max(widest, b1 - a2, a1 - b2);
    }
  }
  return widest;
}

function extent({ center, heading, lengthM, widthM }: BodyState, nx: number, nz: number): [number, number] {
  const middle = center[0] * nx + center[1] * nz;
  const half =
    (lengthM / 2) * Math.abs(Math.cos(heading) * nx - Math.sin(heading) * nz) +
    (widthM / 2) * Math.abs(Math.sin(heading) * nx + Math.cos(heading) * nz);
  return [middle - half, middle + half];
}

function hullOf(outline: Outline): readonly Pixel[] {
  outline.hull ??= convexHull(
    Array.from(
      { length: outline.pixels.length / 2 },
      (_, i): Pixel => [outline.pixels[2 * i] as number, outline.pixels[2 * i + 1] as number],
    ),
  );
  return outline.hull;
}

/** Andrew's monotone chain. */
function convexHull(points: readonly Pixel[]): Pixel[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (list: readonly Pixel[]) => {
    const out: Pixel[] = [];
    for (const p of list) {
      while (out.length >= 2 && turn(out[out.length - 2] as Pixel, out[out.length - 1] as Pixel, p) <= 0) out.pop();
      out.push(p);
    }
    return out.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

function turn(a: Pixel, b: Pixel, c: Pixel): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function isInside(hull: readonly Pixel[], point: Pixel): boolean {
  for (let i = 0; i < hull.length; i++) {
    if (turn(hull[i] as Pixel, hull[(i + 1) % hull.length] as Pixel, point) < 0) return false;
  }
  return hull.length > 2;
}

function overlaps(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function area(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}
