/**
 * The shapes of the bodies, shared by the renderer (which lofts them) and the truth (which projects their hull), so
 * that both speak of the same car. Pure. Body frame: x forward, y up, z to the right, the origin on the ground in the
 * middle of the footprint; metres.
 */
import type { BodyKind, Vec3 } from './scenario.ts';

export interface BodySize {
  readonly lengthM: number;
  readonly widthM: number;
  readonly heightM: number;
}

/** A car as a side profile and a few numbers; x from the rear bumper here. */
export interface CarProfile extends BodySize {
  readonly wheelRadiusM: number;
  readonly axlesM: readonly [rear: number, front: number];
  /** Height of the belt line at the rear and at the front bumper. */
  readonly beltM: readonly [number, number];
  /** Top outline from the rear bumper's underside over the roof to the front bumper's underside: [x from the rear, y]. */
  readonly top: readonly (readonly [number, number])[];
}

export type CarKind = 'sedan' | 'suv' | 'hatch' | 'van';

// biome-ignore format: one profile a paragraph
export const CAR_PROFILES: Readonly<Record<CarKind, CarProfile>> = {
  sedan: {
    lengthM: 4.65, widthM: 1.83, heightM: 1.46, wheelRadiusM: 0.325, axlesM: [0.98, 3.7], beltM: [0.98, 0.9],
    top: [[0.06, 0.38], [0, 0.5], [0, 0.72], [0.03, 0.95], [0.1, 1.045], [0.35, 1.08], [0.72, 1.1], [0.95, 1.18],
      [1.45, 1.385], [1.8, 1.44], [2.3, 1.46], [2.7, 1.435], [2.95, 1.375], [3.35, 1.16], [3.62, 1.01], [3.8, 0.965],
      [4.2, 0.9], [4.48, 0.8], [4.6, 0.7], [4.65, 0.55], [4.64, 0.42], [4.58, 0.32]],
  },
  suv: {
    lengthM: 4.6, widthM: 1.88, heightM: 1.71, wheelRadiusM: 0.365, axlesM: [0.92, 3.62], beltM: [1.1, 1.02],
    top: [[0.08, 0.42], [0, 0.55], [0, 0.8], [0.03, 1.05], [0.08, 1.16], [0.2, 1.42], [0.3, 1.6], [0.48, 1.665],
      [1, 1.695], [1.7, 1.71], [2.3, 1.69], [2.65, 1.63], [2.95, 1.47], [3.28, 1.23], [3.5, 1.12], [3.7, 1.085],
      [4.15, 1.02], [4.42, 0.92], [4.55, 0.8], [4.6, 0.62], [4.59, 0.48], [4.52, 0.36]],
  },
  hatch: {
    lengthM: 4.05, widthM: 1.76, heightM: 1.49, wheelRadiusM: 0.305, axlesM: [0.72, 3.25], beltM: [0.99, 0.91],
    top: [[0.07, 0.38], [0, 0.52], [0, 0.74], [0.04, 0.97], [0.1, 1.06], [0.3, 1.27], [0.5, 1.41], [0.72, 1.455],
      [1.2, 1.485], [1.7, 1.49], [2.15, 1.46], [2.42, 1.39], [2.8, 1.18], [3.08, 1.02], [3.25, 0.97], [3.62, 0.9],
      [3.88, 0.8], [4, 0.69], [4.05, 0.55], [4.04, 0.42], [3.98, 0.32]],
  },
  van: {
    lengthM: 4.95, widthM: 1.92, heightM: 1.9, wheelRadiusM: 0.335, axlesM: [0.95, 3.95], beltM: [1.12, 1.05],
    top: [[0.06, 0.38], [0, 0.55], [0, 0.85], [0.02, 1.2], [0.05, 1.45], [0.1, 1.72], [0.22, 1.85], [0.6, 1.885],
      [1.4, 1.9], [2.4, 1.9], [3, 1.87], [3.35, 1.78], [3.75, 1.45], [4.1, 1.15], [4.3, 1.06], [4.62, 0.96],
      [4.83, 0.84], [4.92, 0.68], [4.95, 0.52], [4.93, 0.4], [4.86, 0.32]],
  },
};

export const BUS_SIZE: BodySize = { lengthM: 11.5, widthM: 2.52, heightM: 3.05 };
export const CYCLIST_SIZE: BodySize = { lengthM: 1.75, widthM: 0.6, heightM: 1.72 };
export const PEDESTRIAN_SIZE: BodySize = { lengthM: 0.65, widthM: 0.5, heightM: 1.74 };

export function bodySize(body: BodyKind): BodySize {
  if (body === 'bus') return BUS_SIZE;
  if (body === 'cyclist') return CYCLIST_SIZE;
  if (body === 'pedestrian') return PEDESTRIAN_SIZE;
  return CAR_PROFILES[body];
}

const cache = new Map<BodyKind, readonly Vec3[]>();

const flat = new Map<BodyKind, Float64Array>();

/** hullPoints as x, y, z, x, y, z …: for those who project many. */
export function flatHull(body: BodyKind): Float64Array {
  let points = flat.get(body);
  if (!points) {
    points = Float64Array.from(hullPoints(body).flat());
    flat.set(body, points);
  }
  return points;
}

/** Points whose projections span the body's silhouette. */
export function hullPoints(body: BodyKind): readonly Vec3[] {
  let points = cache.get(body);
  if (!points) {
    points = outermost(makeHull(body));
    cache.set(body, points);
  }
  return points;
}

const DIRECTIONS = 4000;

/** Those that are furthest out in one of many directions (a Fibonacci sphere): the corners of the convex hull. */
function outermost(points: readonly Vec3[]): Vec3[] {
  const kept = new Set<Vec3>();
  for (let i = 0; i < DIRECTIONS; i++) {
    const up = 1 - (2 * i + 1) / DIRECTIONS;
    const level = Math.sqrt(1 - up * up);
    const angle = i * Math.PI * (3 - Math.sqrt(5));
    const [dx, dz] = [level * Math.cos(angle), level * Math.sin(angle)];
    let best = points[0] as Vec3;
    let most = Number.NEGATIVE_INFINITY;
    for (const point of points) {
      const out = point[0] * dx + point[1] * up + point[2] * dz;
      if (out > most) {
        most = out;
        best = point;
      }
    }
    kept.add(best);
  }
  return [...kept];
}

function makeHull(body: BodyKind): Vec3[] {
  if (body === 'bus')
    return slab(
      BUS_SIZE,
      [
        [0, 0.3],
        [0.06, 0.8],
        [0.06, 2.6],
        [0.3, 2.98],
      ],
      2.6,
      3.3,
    );
  if (body === 'cyclist') return cyclist();
  if (body === 'pedestrian') return pedestrian();
  return car(CAR_PROFILES[body]);
}

/** The widest and the highest points of the loft's cross-sections (see the renderer's car), and the tyres' feet. */
function car(profile: CarProfile): Vec3[] {
  const { lengthM, widthM, beltM, top, axlesM } = profile;
  const points: Vec3[] = [];
  const put = (x: number, y: number, z: number) => {
    // bumpers are curved in plan view
    const middle = x - lengthM / 2;
    const k = clamp01((Math.abs(middle) - lengthM / 2 + 0.9) / 0.9) ** 2;
    const bent = middle - Math.sign(middle) * 0.17 * k * (z / (widthM / 2)) ** 2;
    points.push([bent, y, z], [bent, y, -z]);
  };
  for (const [x, y] of top) {
    const end = Math.min(x, lengthM - x);
    const bottom = Math.min(y - 0.04, 0.2 + 0.14 * (1 - clamp01(end / 0.55)) ** 2);
    const half = (widthM / 2) * (0.9 + 0.1 * Math.sqrt(1 - (1 - clamp01(end / 0.75)) ** 2));
    const belt0 = beltM[0] + ((beltM[1] - beltM[0]) * x) / lengthM;
    const belt = Math.min(belt0, y - 0.05);
    const above = Math.max(0, y - belt0);
    const roof = half * 0.985 - 0.05 * clamp01(above / 0.1) - 0.36 * above;
    put(x, bottom, half * 0.84);
    put(x, bottom + (belt - bottom) * 0.35, half * 0.995);
    put(x, bottom + (belt - bottom) * 0.68, half);
    put(x, belt - 0.01, half * 0.985);
    put(x, y - 0.05, above > 0.1 ? roof : half * 0.86);
    put(x, y, above > 0.1 ? roof - 0.1 : half * 0.7);
    put(x, y + 0.012, roof * 0.45);
    put(x, y, 0);
  }
  for (const x of axlesM) for (const z of [-1, 1]) points.push([x - lengthM / 2, 0, z * (widthM / 2 - 0.01)]);
  return points;
}

/** A box with a profile of [inset at both ends, height], tyres at `axleRear` and `axleFront` metres from its ends. */
function slab(size: BodySize, rings: readonly (readonly [number, number])[], axleRear: number, axleFront: number) {
  const points: Vec3[] = [];
  const [halfL, halfW] = [size.lengthM / 2, size.widthM / 2];
  for (const [inset, y] of rings) {
    for (const x of [-1, 1])
      for (const z of [-1, 1]) {
        points.push([x * (halfL - inset), y, z * (halfW - 0.22)], [x * (halfL - inset - 0.25), y, z * halfW]);
      }
  }
  for (const x of [-1, 1]) for (const z of [-1, 1]) points.push([x * (halfL - 0.6), size.heightM, z * (halfW - 0.25)]);
  for (const x of [-halfL + axleRear, halfL - axleFront])
    for (const z of [-1, 1]) points.push([x, 0, z * (halfW - 0.02)]);
  return points as Vec3[];
}

function cyclist(): Vec3[] {
  const points: Vec3[] = [];
  for (const wheel of [-0.53, 0.53]) {
    for (let i = 0; i < 12; i++) {
      const angle = (i * Math.PI) / 6;
      points.push([wheel + 0.345 * Math.cos(angle), 0.345 + 0.345 * Math.sin(angle), 0]);
    }
  }
  for (const z of [-0.3, 0.3]) points.push([0.42, 1.02, z]);
  for (const z of [-0.22, 0.22]) points.push([-0.05, 1.4, z], [-0.25, 0.95, z * 0.8]);
  for (const z of [-0.1, 0.1]) points.push([0.06, 1.7, z], [0.16, 1.58, z], [-0.06, 1.6, z]);
  return points;
}

/** The walking figure's reach over a stride. */
function pedestrian(): Vec3[] {
  const points: Vec3[] = [];
  for (const z of [-0.1, 0.1]) points.push([-0.3, 0, z], [0.35, 0, z], [-0.1, 1.74, z * 0.8], [0.12, 1.72, z * 0.8]);
  for (const z of [-0.25, 0.25]) points.push([-0.22, 0.8, z], [0.25, 0.8, z], [-0.12, 1.42, z], [0.12, 1.42, z]);
  return points;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
