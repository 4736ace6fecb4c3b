/**
 * Image ↔ ground: the plane homography from four or more point pairs. Normalised direct linear transform (Hartley,
 * "In defense of the eight-point algorithm", 1997), least squares when there are more than four pairs. Called when a
 * site is loaded; a degenerate set of points is a value with a sentence, not an exception.
 */
import type { CalibrationPoint, Point } from '../types.ts';
import { invert, symmetricEigen } from './linear-algebra.ts';

/** Row-major 3 × 3. */
export type Matrix3 = readonly number[];

export interface Homography {
  readonly toGround: Matrix3;
  readonly toImage: Matrix3;
  /** Root mean square of what the points miss, on the ground (metres) and in the image (pixels). */
  readonly rmsM: number;
  readonly rmsPx: number;
  /** Relative uncertainty of lengths, from the residuals against the spread of the points; at least 0.005. */
  readonly scaleSigma: number;
}

export type HomographyResult =
  | { readonly ok: true; readonly homography: Homography }
  | { readonly ok: false; readonly problem: string };

export function fitHomography(points: readonly CalibrationPoint[]): HomographyResult {
  if (points.length < 4) return refuse(`calibration has ${points.length} points: at least 4 are needed`);
  const image = normalise(points.map((p) => p.image));
  const ground = normalise(points.map((p) => p.ground));
  if (!image || !ground) return refuse('calibration points all lie in one place');
  if (onOneLine(image.points) || onOneLine(ground.points)) {
    return refuse('calibration points lie on one line: a plane needs points to both sides of it');
  }
  const ata = new Array<number>(81).fill(0);
  image.points.forEach(([x, y], i) => {
    const [u, v] = ground.points[i] as readonly [number, number];
    accumulate(ata, [-x, -y, -1, 0, 0, 0, u * x, u * y, u]);
    accumulate(ata, [0, 0, 0, -x, -y, -1, v * x, v * y, v]);
  });
  const { values, vectors } = symmetricEigen(ata, 9);
  // One direction only may be (nearly) free; a second one means that the points do not determine the plane.
  if (!((values[1] as number) > 1e-9 * (values[8] as number))) {
    return refuse('calibration points do not determine the ground: three of the four lie on one line');
  }
  const h = vectors[0] as number[];
  const groundBack = invert(ground.matrix, 3);
  if (!groundBack) return refuse('calibration points all lie in one place');
  const toGround = multiply(multiply(groundBack, h), image.matrix);
  const toImage = invert(toGround, 3);
  if (!toImage) return refuse('calibration points do not determine the ground');
  const side = Math.sign(depth(toGround, (points[0] as CalibrationPoint).image));
  if (points.some((p) => Math.sign(depth(toGround, p.image)) !== side)) {
    return refuse('calibration points lie on both sides of the horizon: two of them are probably exchanged');
  }
  const signed = toGround.map((value) => value * side);
  const back = toImage.map((value) => value * side);
  return { ok: true, homography: { toGround: signed, toImage: back, ...residuals(points, signed, back) } };
}

/** Where a point of the image lies on the ground, metres; null at and above the horizon. */
export function imageToGround(h: Homography, [x, y]: Point<'image'>): Point<'ground'> | null {
  const w = depth(h.toGround, [x, y]);
  if (!(w > 1e-12)) return null;
  return apply(h.toGround, x, y, w) as Point<'ground'>;
}

/** Where a point of the ground is seen, pixels; null behind the camera. */
export function groundToImage(h: Homography, [x, y]: Point<'ground'>): Point<'image'> | null {
  const w = depth(h.toImage, [x, y]);
  if (!(w > 1e-12)) return null;
  return apply(h.toImage, x, y, w) as Point<'image'>;
}

const refuse = (problem: string): HomographyResult => ({ ok: false, problem });

function depth(m: Matrix3, [x, y]: readonly [number, number]): number {
  return (m[6] as number) * x + (m[7] as number) * y + (m[8] as number);
}

function apply(m: Matrix3, x: number, y: number, w: number): readonly [number, number] {
  return [
    ((m[0] as number) * x + (m[1] as number) * y + (m[2] as number)) / w,
    ((m[3] as number) * x + (m[4] as number) * y + (m[5] as number)) / w,
  ];
}

function multiply(a: Matrix3, b: Matrix3): number[] {
  const out = new Array<number>(9).fill(0);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 3; k++) {
        out[i * 3 + j] = (out[i * 3 + j] as number) + (a[i * 3 + k] as number) * (b[k * 3 + j] as number);
      }
    }
  }
  return out;
}

function accumulate(ata: number[], row: readonly number[]): void {
  for (let i = 0; i < 9; i++) {
    for (let j = 0; j < 9; j++) ata[i * 9 + j] = (ata[i * 9 + j] as number) + (row[i] as number) * (row[j] as number);
  }
}

/** Centroid to the origin, mean distance √2. */
function normalise(points: readonly (readonly [number, number])[]) {
  const n = points.length;
  const cx = points.reduce((sum, p) => sum + p[0], 0) / n;
  const cy = points.reduce((sum, p) => sum + p[1], 0) / n;
  const mean = points.reduce((sum, p) => sum + Math.hypot(p[0] - cx, p[1] - cy), 0) / n;
  if (!(mean > 1e-9)) return null;
  const s = Math.SQRT2 / mean;
  return {
    points: points.map((p) => [(p[0] - cx) * s, (p[1] - cy) * s] as const),
    matrix: [s, 0, -s * cx, 0, s, -s * cy, 0, 0, 1],
  };
}

function onOneLine(points: readonly (readonly [number, number])[]): boolean {
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const { values } = symmetricEigen([xx, xy, xy, yy], 2);
  return (values[0] as number) < 1e-6 * (values[1] as number);
}

function residuals(points: readonly CalibrationPoint[], toGround: Matrix3, toImage: Matrix3) {
  let ground = 0;
  let pixels = 0;
  let spread = 0;
  const cx = points.reduce((sum, p) => sum + p.ground[0], 0) / points.length;
  const cy = points.reduce((sum, p) => sum + p.ground[1], 0) / points.length;
  for (const p of points) {
    const g = apply(toGround, p.image[0], p.image[1], depth(toGround, p.image));
    const i = apply(toImage, p.ground[0], p.ground[1], depth(toImage, p.ground));
    ground += (g[0] - p.ground[0]) ** 2 + (g[1] - p.ground[1]) ** 2;
    pixels += (i[0] - p.image[0]) ** 2 + (i[1] - p.image[1]) ** 2;
    spread += (p.ground[0] - cx) ** 2 + (p.ground[1] - cy) ** 2;
  }
  // Eight numbers are fitted, so four points always fit exactly: the spare equations tell the noise.
  const spare = Math.max(1, 2 * points.length - 8);
  const rmsM = Math.sqrt(ground / spare);
  return { rmsM, rmsPx: Math.sqrt(pixels / spare), scaleSigma: Math.max(0.005, rmsM / Math.sqrt(spread)) };
}
