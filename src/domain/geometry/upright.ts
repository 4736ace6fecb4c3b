/**
 * What a ground homography knows about heights: with square pixels and a known principal point (without a lens calibration the middle of the picture)
 * the focal length follows from the two columns of a rotation that the homography contains (Zhang, "A flexible new
 * technique for camera calibration", 2000), and with it the column for the direction up. Pure; called by
 * site-geometry.ts.
 */
import type { Matrix3 } from './homography.ts';

export interface Upright {
  /** Homogeneous pixels of (x, y, height) are toImage · (x, y, 1) + height · up. */
  readonly up: readonly [number, number, number];
  readonly focalPx: number;
  readonly cameraHeightM: number;
  /** Relative misfit of the two conditions; 0 is perfect. */
  readonly misfit: number;
}

const LEAST_FOCAL = 0.2;
const MOST_FOCAL = 8;
const HEIGHT_M = [1, 80] as const;
const MOST_MISFIT = 0.25;

/** null where the homography belongs to no plausible camera (a cropped picture, a coarse calibration). */
export function uprightOf(
  toImage: Matrix3,
  { cx, cy }: { readonly cx: number; readonly cy: number },
  width: number,
): Upright | null {
  const m = toImage as readonly number[] as Nine;
  const column = (u: number, v: number, w: number): V3 => [u - cx * w, v - cy * w, w];
  const [a, b, t] = [column(m[0], m[3], m[6]), column(m[1], m[4], m[7]), column(m[2], m[5], m[8])];
  // w = 1/f²: w·c = d, once for "at right angles", once for "equally long".
  const c1 = a[0] * b[0] + a[1] * b[1];
  const d1 = -a[2] * b[2];
  const c2 = (a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2) / 2;
  const d2 = (b[2] ** 2 - a[2] ** 2) / 2;
  const w = (c1 * d1 + c2 * d2) / (c1 * c1 + c2 * c2);
  if (!(w > 0)) return null;
  const focalPx = 1 / Math.sqrt(w);
  if (focalPx < LEAST_FOCAL * width || focalPx > MOST_FOCAL * width) return null;
  const ray = ([x, y, z]: V3): V3 => [x / focalPx, y / focalPx, z];
  const [r1, r2, shift] = [ray(a), ray(b), ray(t)];
  const size = Math.sqrt(Math.hypot(...r1) * Math.hypot(...r2));
  const misfit = Math.hypot(w * c1 - d1, w * c2 - d2) / (size * size);
  if (!(misfit < MOST_MISFIT)) return null;
  const cross: V3 = [
    (r1[1] * r2[2] - r1[2] * r2[1]) / size,
    (r1[2] * r2[0] - r1[0] * r2[2]) / size,
    (r1[0] * r2[1] - r1[1] * r2[0]) / size,
  ];
  const cameraHeight = -(cross[0] * shift[0] + cross[1] * shift[1] + cross[2] * shift[2]) / (size * size);
  // The camera is above the ground, whichever way the ground's axes turn.
  const side = Math.sign(cameraHeight);
  const cameraHeightM = Math.abs(cameraHeight);
  if (cameraHeightM < HEIGHT_M[0] || cameraHeightM > HEIGHT_M[1]) return null;
  const [x, y, z] = cross;
  return {
    up: [side * (focalPx * x + cx * z), side * (focalPx * y + cy * z), side * z],
    focalPx,
    cameraHeightM,
    misfit,
  };
}

type V3 = readonly [number, number, number];
type Nine = readonly [number, number, number, number, number, number, number, number, number];
