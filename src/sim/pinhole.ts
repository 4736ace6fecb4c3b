/**
 * three.js' PerspectiveCamera in a few lines: world metres to pixels of the picture. Pure; used by the truth and by the
 * generated site configuration.
 */
import type { SimCamera, Vec3 } from './scenario.ts';

export type Pixel = readonly [x: number, y: number];

export interface Pinhole {
  readonly width: number;
  readonly height: number;
  readonly position: Vec3;
  /** Distance along the viewing direction; what is nearer than the near plane (or behind) cannot be seen. */
  depth(point: Vec3): number;
  /** null in front of the near plane. */
  project(point: Vec3): Pixel | null;
  /** Without the check: for points known to be in view. */
  projectXyz(x: number, y: number, z: number): Pixel;
  /** Row-major 3 × 4 of the homogeneous projection: (x, y, z, 1) → (px · depth, py · depth, depth). */
  readonly matrix: readonly number[];
  /** Where the ray through a pixel meets the ground, [x, z]; null at and above the horizon. */
  groundAt(pixel: Pixel): readonly [number, number] | null;
}

/** three.js: `near` of the renderer's camera. */
export const NEAR_M = 0.5;

/** Square pixels, the middle of the picture is the principal point. */
export function pinhole(camera: SimCamera, size: { readonly width: number; readonly height: number }): Pinhole {
  const { width, height } = size;
  const [px, py, pz] = camera.position;
  const [fx, fy, fz] = unit(minus(camera.lookAt, camera.position));
  const [rx, ry, rz] = unit(cross([fx, fy, fz], [0, 1, 0]));
  const [ux, uy, uz] = cross([rx, ry, rz], [fx, fy, fz]);
  const focal = height / 2 / Math.tan((camera.fovDeg * Math.PI) / 360);
  const projectXyz = (x: number, y: number, z: number): Pixel => {
    const [dx, dy, dz] = [x - px, y - py, z - pz];
    const scale = focal / (dx * fx + dy * fy + dz * fz);
    return [width / 2 + scale * (dx * rx + dy * ry + dz * rz), height / 2 - scale * (dx * ux + dy * uy + dz * uz)];
  };
  const right = [rx, ry, rz, -(px * rx + py * ry + pz * rz)] as const;
  const up = [ux, uy, uz, -(px * ux + py * uy + pz * uz)] as const;
  const ahead = [fx, fy, fz, -(px * fx + py * fy + pz * fz)] as const;
  const matrix = [
    ...ahead.map((f, i) => (width / 2) * f + focal * (right[i] as number)),
    ...ahead.map((f, i) => (height / 2) * f - focal * (up[i] as number)),
    ...ahead,
  ];
  const depth = ([x, y, z]: Vec3) => (x - px) * fx + (y - py) * fy + (z - pz) * fz;
  return {
    width,
    height,
    position: camera.position,
    depth,
    project: (point) => (depth(point) < NEAR_M ? null : projectXyz(...point)),
    projectXyz,
    matrix,
    groundAt: ([u, v]) => {
      const [a, b] = [(u - width / 2) / focal, (height / 2 - v) / focal];
      const dy = fy + a * ry + b * uy;
      if (dy >= -1e-9) return null;
      const reach = -py / dy;
      return [px + reach * (fx + a * rx + b * ux), pz + reach * (fz + a * rz + b * uz)];
    },
  };
}

function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Vec3): Vec3 {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}
