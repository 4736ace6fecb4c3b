/**
 * Length, width and height of one body from boxes spread over its way: a Gauss–Newton step over the sizes with each
 * box's own place eliminated, from what data sheets say. Pure; called by body-track.ts.
 */
import { invert, solve } from '../geometry/linear-algebra.ts';
import type { RoadView, SiteGeometry } from '../geometry/site-geometry.ts';
import { BODY_UNKNOWNS, bodyInView, boxOfBody, newBoxOfBody, ROW } from './box-of-body.ts';
import { addEdge, edgeDoubt } from './footprint.ts';
import { firstPlace, placeBody, type SeenBox } from './place-body.ts';
import type { VehicleSize } from './vehicle-size.ts';

export interface BodySize {
  readonly lengthM: number;
  readonly widthM: number;
  readonly heightM: number;
  /** Of the three, row-major. */
  readonly covariance: readonly number[];
  /** Median of the lateral places, metres. */
  readonly across: number;
}

/** So many boxes are enough. */
const BOXES = 16;
const ROUNDS = 4;
/** Sizes that change by less are found, metres. */
const SETTLED_M = 2e-3;
/** Errors of shape are the same in neighbouring boxes: all of them together tell no more than so many. */
const INDEPENDENT_BOXES = 4;
const LATERAL_SIGMA_M = 3;
const LEAST_M = 0.4;
/** What the outline of an ordinary vehicle may be off by at an edge: share of the height of the box. */
const SHAPE_SHARE = 0.025;

/** null when too few boxes can be placed. */
export function estimateSize(
  g: SiteGeometry,
  view: RoadView,
  boxes: readonly SeenBox[],
  size: VehicleSize,
): BodySize | null {
  const whole = boxes.filter(({ edges }) => edges.length >= (view.upright ? 4 : 3));
  const chosen = spread(whole.length >= 4 ? whole : boxes, BOXES);
  const means = [size.lengthM, size.widthM, size.heightM];
  const held = [size.lengthSigmaM, size.widthSigmaM, size.heightSigmaM];
  const q = means.slice() as [number, number, number];
  const starts = chosen.map(({ sample }) => firstPlace(g, sample.box, size.lengthM));
  const weight = Math.min(1, INDEPENDENT_BOXES / chosen.length);
  const model = newBoxOfBody();
  const corners = new Float64Array(6 * size.outline.length);
  const n = BODY_UNKNOWNS;
  let information: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    information = held.flatMap((sigma, i) => [0, 1, 2].map((j) => (i === j ? 1 / sigma ** 2 : 0)));
    const right = means.map((mean, k) => (mean - (q[k] as number)) / (held[k] as number) ** 2);
    const body = bodyInView(view, size.outline, ...q, corners);
    for (let b = 0; b < chosen.length; b++) {
      const start = starts[b];
      const box = chosen[b] as SeenBox;
      if (!start) continue;
      const placed = placeBody(body, box, start[0], start[1], start[1], LATERAL_SIGMA_M, model);
      if (!placed) {
        starts[b] = null;
        continue;
      }
      starts[b] = [placed.along, placed.across];
      if (!boxOfBody(body, placed.along, placed.across, model)) continue;
      const normal = new Array<number>(n * n).fill(0);
      const own = new Array<number>(n).fill(0);
      for (const edge of box.edges) addEdge(normal, own, n, model, edge, box.straight[edge] as number, box.noise);
      eliminatePlace(normal, own, information, right, weight);
    }
    const delta = solve(information, right);
    if (!delta) return null;
    for (let k = 0; k < 3; k++) q[k] = Math.max(LEAST_M, (q[k] as number) + (delta[k] as number));
    if (delta.every((d) => Math.abs(d) < SETTLED_M)) break;
  }
  const covariance = invert(information, 3);
  const across = starts.filter((s) => s !== null).map((s) => s[1]);
  if (!covariance || across.length < Math.min(4, chosen.length)) return null;
  across.sort((a, b) => a - b);
  return {
    lengthM: q[0],
    widthM: q[1],
    heightM: q[2],
    covariance,
    across: across[across.length >> 1] as number,
  };
}

/** How far off all fronts may lie together: by the sizes as estimated, and by an outline that is not quite that one. */
export function frontSigma(
  view: RoadView,
  size: VehicleSize,
  { lengthM, widthM, heightM, covariance }: BodySize,
  { sample, edges }: SeenBox,
  along: number,
  across: number,
): number {
  const model = newBoxOfBody();
  const body = bodyInView(view, size.outline, lengthM, widthM, heightM);
  if (!boxOfBody(body, along, across, model)) return Number.POSITIVE_INFINITY;
  let a = 1e-6;
  const cross = [0, 0, 0];
  for (const edge of edges) {
    const weight = 1 / edgeDoubt(edge) ** 2;
    const byAlong = model[edge * ROW + 1] as number;
    a += byAlong * byAlong * weight;
    for (let k = 0; k < 3; k++) {
      cross[k] = (cross[k] as number) + byAlong * (model[edge * ROW + 3 + k] as number) * weight;
    }
  }
  let variance = (SHAPE_SHARE * (sample.box[3] - sample.box[1])) ** 2 / a;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      variance += (((cross[i] as number) * (cross[j] as number)) / (a * a)) * (covariance[i * 3 + j] as number);
    }
  }
  return Math.sqrt(variance);
}

/** Adds what a box says of the sizes (unknowns 2 … 4), its place (0, 1) left open: the Schur complement. */
function eliminatePlace(normal: number[], own: number[], information: number[], right: number[], weight: number): void {
  const n = BODY_UNKNOWNS;
  const at = (i: number, j: number) => normal[i * n + j] as number;
  const [a, b, d] = [at(0, 0) + 1e-6, at(0, 1), at(1, 1) + 1 / LATERAL_SIGMA_M ** 2];
  const det = a * d - b * b;
  for (let i = 0; i < 3; i++) {
    const x = (d * at(2 + i, 0) - b * at(2 + i, 1)) / det;
    const y = (a * at(2 + i, 1) - b * at(2 + i, 0)) / det;
    right[i] =
      (right[i] as number) + weight * ((own[2 + i] as number) - x * (own[0] as number) - y * (own[1] as number));
    for (let j = 0; j < 3; j++) {
      information[i * 3 + j] =
        (information[i * 3 + j] as number) + weight * (at(2 + i, 2 + j) - x * at(0, 2 + j) - y * at(1, 2 + j));
    }
  }
}

/** `count` of them, evenly over the whole way. */
function spread(boxes: readonly SeenBox[], count: number): SeenBox[] {
  if (boxes.length <= count) return boxes.slice();
  return Array.from({ length: count }, (_, i) => boxes[Math.round((i * (boxes.length - 1)) / (count - 1))] as SeenBox);
}
