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
  /** Of the normalised equations: how much worse the worst-determined direction is than the best (1 is ideal). */
  readonly condition: number;
  /** What each point misses in the image, pixels, in the order given. */
  readonly missesPx: readonly number[];
  readonly uncertainty: MappingUncertainty;
}

/** Covariance of the nine entries of the normalised ground → image map (rank 8), see groundSigma. */
interface MappingUncertainty {
  readonly entries: Matrix3;
  readonly covariance: readonly number[];
  readonly groundNormal: Matrix3;
  readonly imageScale: number;
}

export type HomographyResult =
  | { readonly ok: true; readonly homography: Homography }
  | { readonly ok: false; readonly problem: string };

/** `pixel`: how large a pixel of a picture 720 pixels high is here. */
export function fitHomography(points: readonly CalibrationPoint[], pixel = 1): HomographyResult {
  if (points.length < 4) return refuse(`calibration has ${points.length} points: at least 4 are needed`);
  const image = normalise(points.map((p) => p.image));
  const ground = normalise(points.map((p) => p.ground));
  if (!image || !ground) return refuse('calibration points all lie in one place');
  const repeated = repeatedPair(points);
  if (repeated && points.length < 5) return refuse(repeated);
  if (onOneLine(image.points) || onOneLine(ground.points)) {
    return refuse('calibration points lie on one line: a plane needs points to both sides of it');
  }
  const collinear = points.length === 4 ? threeOnALine(image.points, ground.points) : null;
  if (collinear) return refuse(collinear);
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
  const misses = residuals(points, signed, back);
  const click = Math.max(CLICK_PX * pixel, misses.rmsPx);
  const mapping = uncertainty(back, image, ground, click);
  return { ok: true, homography: { toGround: signed, toImage: back, ...misses, ...mapping } };
}

/** A point of the picture is known to half a pixel at best. */
const CLICK_PX = 0.5;
/** Points nearer than this to the line through two others leave the plane undetermined; normalised units. */
const ON_A_LINE = 0.01;

function repeatedPair(points: readonly CalibrationPoint[]): string | null {
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [points[j] as CalibrationPoint, points[i] as CalibrationPoint];
      const isSameImage = Math.hypot(a.image[0] - b.image[0], a.image[1] - b.image[1]) < 1;
      const isSameGround = Math.hypot(a.ground[0] - b.ground[0], a.ground[1] - b.ground[1]) < 0.01;
      if (isSameImage || isSameGround) return `calibration points ${j + 1} and ${i + 1} are the same place`;
    }
  }
  return null;
}

function threeOnALine(image: readonly (readonly [number, number])[], ground: readonly (readonly [number, number])[]) {
  for (const [i, j, k] of [
    [0, 1, 2],
    [0, 1, 3],
    [0, 2, 3],
    [1, 2, 3],
  ] as const) {
    for (const points of [image, ground]) {
      const [a, b, c] = [points[i], points[j], points[k]] as (readonly [number, number])[] as [P2, P2, P2];
      const area = Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
      const longest = Math.max(
        Math.hypot(b[0] - a[0], b[1] - a[1]),
        Math.hypot(c[0] - a[0], c[1] - a[1]),
        Math.hypot(c[0] - b[0], c[1] - b[1]),
      );
      if (area / longest < ON_A_LINE) {
        return `calibration points ${i + 1}, ${j + 1} and ${k + 1} lie on one line: of four points no three may`;
      }
    }
  }
  return null;
}

type P2 = readonly [number, number];

/** First-order propagation of `clickPx` at every point through the least squares (Hartley & Zisserman, 5.2). */
function uncertainty(
  toImage: Matrix3,
  image: { readonly points: readonly P2[]; readonly matrix: Matrix3 },
  ground: { readonly points: readonly P2[]; readonly matrix: Matrix3 },
  clickPx: number,
): { condition: number; uncertainty: MappingUncertainty } {
  const groundBack = invert(ground.matrix, 3) as number[];
  const raw = multiply(multiply(image.matrix, toImage), groundBack);
  const size = Math.hypot(...raw);
  const entries = raw.map((v) => v / size);
  const information = new Array<number>(81).fill(0);
  for (const point of ground.points) for (const row of imageSlopes(entries, point)) accumulate(information, row);
  const { values, vectors } = symmetricEigen(information, 9);
  const imageScale = image.matrix[0] as number;
  const variance = (clickPx * imageScale) ** 2;
  const covariance = new Array<number>(81).fill(0);
  // The first eigenvector is the map itself: its length says nothing.
  for (let k = 1; k < 9; k++) {
    const vector = (vectors[k] as number[]).map((v) => v * Math.sqrt(variance / Math.max(1e-15, values[k] as number)));
    accumulate(covariance, vector);
  }
  return {
    condition: Math.sqrt((values[8] as number) / Math.max(1e-30, values[1] as number)),
    uncertainty: { entries, covariance, groundNormal: ground.matrix, imageScale },
  };
}

/** Derivatives of the image point by the nine entries. */
function imageSlopes(h: Matrix3, [x, y]: P2): [number[], number[]] {
  const w = depth([...h], [x, y]);
  const [u, v] = apply(h, x, y, w);
  const [a, b, c] = [x / w, y / w, 1 / w];
  return [
    [a, b, c, 0, 0, 0, -u * a, -u * b, -u * c],
    [0, 0, 0, a, b, c, -v * a, -v * b, -v * c],
  ];
}

/**
 * How uncertain a place on the ground is by the calibration alone: standard deviation in the worst direction, metres. To
 * first order: the spread of the point's image, taken back to the ground.
 */
export function groundSigma(h: Homography, place: Point<'ground'>): number {
  const cov = groundCovariance(h, place);
  if (!cov) return Number.POSITIVE_INFINITY;
  const [xx, xy, yy] = cov;
  return Math.sqrt((xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy));
}

/** [xx, xy, yy] in m²; null behind the camera. */
export function groundCovariance(h: Homography, place: Point<'ground'>): readonly [number, number, number] | null {
  const { entries, covariance, groundNormal, imageScale } = h.uncertainty;
  const pixel = groundToImage(h, place);
  if (!pixel) return null;
  const normal = apply(groundNormal, place[0], place[1], 1);
  const [ru, rv] = imageSlopes(entries, normal);
  const product = (a: readonly number[], b: readonly number[]) => {
    let sum = 0;
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 9; j++) {
        sum += (a[i] as number) * (covariance[i * 9 + j] as number) * (b[j] as number);
      }
    }
    return sum / (imageScale * imageScale);
  };
  const [uu, uv, vv] = [product(ru, ru), product(ru, rv), product(rv, rv)];
  // Image to ground, derivatives of the inverse map.
  const m = h.toGround;
  const w = depth(m, pixel);
  const [gx, gy] = place;
  const slope = (row: number, g: number, k: number) => ((m[row + k] as number) - g * (m[6 + k] as number)) / w;
  const [a, b, c, d] = [slope(0, gx, 0), slope(0, gx, 1), slope(3, gy, 0), slope(3, gy, 1)];
  return [
    a * a * uu + 2 * a * b * uv + b * b * vv,
    a * c * uu + (a * d + b * c) * uv + b * d * vv,
    c * c * uu + 2 * c * d * uv + d * d * vv,
  ];
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
  const missesPx: number[] = [];
  const cx = points.reduce((sum, p) => sum + p.ground[0], 0) / points.length;
  const cy = points.reduce((sum, p) => sum + p.ground[1], 0) / points.length;
  for (const p of points) {
    const g = apply(toGround, p.image[0], p.image[1], depth(toGround, p.image));
    const i = apply(toImage, p.ground[0], p.ground[1], depth(toImage, p.ground));
    ground += (g[0] - p.ground[0]) ** 2 + (g[1] - p.ground[1]) ** 2;
    const missPx = Math.hypot(i[0] - p.image[0], i[1] - p.image[1]);
    missesPx.push(missPx);
    pixels += missPx ** 2;
    spread += (p.ground[0] - cx) ** 2 + (p.ground[1] - cy) ** 2;
  }
  // Eight numbers are fitted, so four points always fit exactly: the spare equations tell the noise.
  const spare = Math.max(1, 2 * points.length - 8);
  const rmsM = Math.sqrt(ground / spare);
  return { rmsM, missesPx, rmsPx: Math.sqrt(pixels / spare), scaleSigma: Math.max(0.005, rmsM / Math.sqrt(spread)) };
}
