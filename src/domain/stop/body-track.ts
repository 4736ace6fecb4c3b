/**
 * The way of one body through all of its boxes: its length, width and height are the same in all of them and its
 * lateral place changes slowly, so neither can pose as motion. First the sizes are estimated from boxes spread over the
 * way (a Gauss–Newton step over the sizes, with each box's own place eliminated), then the places one by one. Pure;
 * called by trajectory.ts.
 */
import { invert, solve } from '../geometry/linear-algebra.ts';
import { type SiteGeometry, toRoad } from '../geometry/site-geometry.ts';
import type { Box } from '../types.ts';
import { BODY_UNKNOWNS, boxOfBody, newBoxOfBody, ROW } from './box-of-body.ts';
import { addEdge, contactPoint, edgeDoubt, edgeNoise, edgesSeen } from './footprint.ts';
import { localFit } from './local-fit.ts';
import type { Sample } from './sample.ts';
import type { VehicleSize } from './vehicle-size.ts';

export interface BodyPlace {
  readonly sample: Sample;
  /** Of the front, metres; and of the lateral place. */
  readonly along: number;
  readonly across: number;
  /** Standard deviation of `along` for a box noise of one pixel. */
  readonly sigma: number;
  /** What the edges miss, pixels; NaN where an edge is cut off. Left, top, right, bottom. */
  readonly misses: readonly number[];
}

export interface BodyTrack {
  readonly places: readonly BodyPlace[];
  readonly lengthM: number;
  /** Standard deviation of the front's place at a sample that all samples share: sizes and shape, metres. */
  frontSigma(place: BodyPlace): number;
}

/** So many boxes are enough for the sizes. */
const SIZE_BOXES = 16;
const SIZE_ROUNDS = 4;
/** Errors of shape are the same in neighbouring boxes: all of them together tell no more than so many. */
const INDEPENDENT_BOXES = 4;
const PLACE_ITERATIONS = 4;
const CLOSE_ENOUGH_M = 5e-4;
const ACROSS_SIGMA_M = 0.5;
const ACROSS_HALF_WIDTH_M = 8;
/** What the outline of an ordinary vehicle may be off by at an edge: share of the height of the box. */
const SHAPE_SHARE = 0.025;

/** null when too few boxes can be placed. */
export function trackBody(g: SiteGeometry, samples: readonly Sample[], size: VehicleSize): BodyTrack | null {
  const body = estimateSizes(g, samples, size);
  if (!body) return null;
  const { q, covariance } = body;
  const first = placeAll(g, samples, size, q, () => [body.across, ACROSS_SIGMA_M]);
  if (first.length < 4) return null;
  // Smoothed over the way, not over time: where it stands, all boxes speak of one place.
  const ordered = first.slice().sort((a, b) => a.along - b.along);
  const lateral = {
    t: ordered.map((place) => place.along),
    s: ordered.map((place) => place.across),
    sigma: ordered.map((place) => place.sigma),
  };
  const smooth = new Map(
    ordered.map(({ sample, along, across }) => {
      const fit = localFit(lateral, along, ACROSS_HALF_WIDTH_M, 1);
      return [sample, fit?.position ?? across] as const;
    }),
  );
  const places = placeAll(g, samples, size, q, (sample) => [smooth.get(sample) ?? body.across, 0.02]);
  if (places.length < 4) return null;
  return {
    places,
    lengthM: q[2] as number,
    frontSigma: (place) => sizeSigma(g, size, q, covariance, place),
  };
}

function estimateSizes(g: SiteGeometry, samples: readonly Sample[], size: VehicleSize) {
  const whole = samples.filter(({ box }) => edgesSeen(g, box).length >= (g.view?.upright ? 4 : 3));
  const usable = whole.length >= 4 ? whole : samples;
  const chosen = spread(usable, SIZE_BOXES);
  const q = [0, 0, size.lengthM, size.widthM, size.heightM];
  const starts = chosen.map((sample) => startOf(g, sample.box, size));
  const weight = Math.min(1, INDEPENDENT_BOXES / chosen.length);
  const model = newBoxOfBody();
  const n = BODY_UNKNOWNS;
  const held = [size.lengthSigmaM, size.widthSigmaM, size.heightSigmaM];
  let information: number[] = [];
  for (let round = 0; round < SIZE_ROUNDS; round++) {
    information = held.flatMap((sigma, i) => [0, 1, 2].map((j) => (i === j ? 1 / sigma ** 2 : 0)));
    const right = [size.lengthM, size.widthM, size.heightM].map(
      (mean, k) => (mean - (q[2 + k] as number)) / (held[k] as number) ** 2,
    );
    for (let b = 0; b < chosen.length; b++) {
      const start = starts[b];
      const { box } = chosen[b] as Sample;
      if (!start) continue;
      const placed = placeOne(g, box, size, [...start, ...q.slice(2)], start[1], 3, model);
      if (!placed) {
        starts[b] = null;
        continue;
      }
      starts[b] = [placed.q[0] as number, placed.q[1] as number];
      if (!boxOfBody(g, size.outline, placed.q, model)) continue;
      const normal = new Array<number>(n * n).fill(0);
      const own = new Array<number>(n).fill(0);
      const seen = g.straightBox(box);
      for (const edge of edgesSeen(g, box))
        addEdge(normal, own, n, model, edge, seen[edge] as number, edgeNoise(g, box));
      eliminatePlace(normal, own, information, right, weight);
    }
    const delta = solve(information, right);
    if (!delta) return null;
    for (let k = 0; k < 3; k++) q[2 + k] = Math.max(0.4, (q[2 + k] as number) + (delta[k] as number));
  }
  const covariance = invert(information, 3);
  const across = starts.filter((s) => s !== null).map((s) => s[1]);
  if (!covariance || across.length < Math.min(4, chosen.length)) return null;
  across.sort((a, b) => a - b);
  return { q, covariance, across: across[across.length >> 1] as number };
}

/** Adds what a box says of the sizes (unknowns 2 … 4), its place (0, 1) left open: the Schur complement. */
function eliminatePlace(normal: number[], own: number[], information: number[], right: number[], weight: number): void {
  const n = BODY_UNKNOWNS;
  const at = (i: number, j: number) => normal[i * n + j] as number;
  const [a, b, d] = [at(0, 0) + 1e-6, at(0, 1), at(1, 1) + 1 / 9];
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

function placeAll(
  g: SiteGeometry,
  samples: readonly Sample[],
  size: VehicleSize,
  body: readonly number[],
  lateral: (sample: Sample) => readonly [number, number],
): BodyPlace[] {
  const places: BodyPlace[] = [];
  const model = newBoxOfBody();
  let before: readonly number[] | null = null;
  for (const sample of samples) {
    const start: readonly number[] | null = before ?? startOf(g, sample.box, size);
    if (!start) continue;
    const [across, acrossSigma] = lateral(sample);
    const q = [start[0] as number, across, ...body.slice(2)];
    let placed = placeOne(g, sample.box, size, q, across, acrossSigma, model);
    if (!placed || !(placed.step < 0.5)) {
      const anew = startOf(g, sample.box, size);
      placed = anew
        ? placeOne(g, sample.box, size, [anew[0], across, ...body.slice(2)], across, acrossSigma, model)
        : null;
    }
    if (!placed) continue;
    before = placed.q;
    places.push({
      sample,
      along: placed.q[0] as number,
      across: placed.q[1] as number,
      sigma: placed.sigma,
      misses: [0, 1, 2, 3].map((edge) =>
        placed.edges.includes(edge) ? (placed.seen[edge] as number) - (model[edge * ROW] as number) : Number.NaN,
      ),
    });
  }
  return places;
}

function placeOne(
  g: SiteGeometry,
  box: Box,
  size: VehicleSize,
  q: number[],
  across: number,
  acrossSigma: number,
  model: Float64Array,
) {
  const noise = edgeNoise(g, box);
  const edges = edgesSeen(g, box);
  const seen = g.straightBox(box);
  if (edges.length === 0) return null;
  const held = 1 / acrossSigma ** 2;
  let a = 0;
  let b = 0;
  let d = 0;
  let step = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < PLACE_ITERATIONS; iteration++) {
    if (!boxOfBody(g, size.outline, q, model)) return null;
    a = 1e-6;
    b = 0;
    d = held;
    let r0 = 0;
    let r1 = held * (across - (q[1] as number));
    for (const edge of edges) {
      const base = edge * ROW;
      const weight = 1 / (noise * edgeDoubt(edge)) ** 2;
      const miss = ((seen[edge] as number) - (model[base] as number)) * weight;
      const byAlong = model[base + 1] as number;
      const byAcross = model[base + 2] as number;
      a += byAlong * byAlong * weight;
      b += byAlong * byAcross * weight;
      d += byAcross * byAcross * weight;
      r0 += byAlong * miss;
      r1 += byAcross * miss;
    }
    const det = a * d - b * b;
    if (!(det > 1e-12)) return null;
    const d0 = (d * r0 - b * r1) / det;
    const d1 = (a * r1 - b * r0) / det;
    const reach = Math.max(1, Math.abs(d0) / 5, Math.abs(d1) / 3);
    q[0] = (q[0] as number) + d0 / reach;
    q[1] = (q[1] as number) + d1 / reach;
    step = Math.abs(d0);
    if (step < CLOSE_ENOUGH_M && Math.abs(d1) < CLOSE_ENOUGH_M) break;
  }
  return { q, edges, seen, step, sigma: Math.sqrt(d / (a * d - b * b)) / noise };
}

function startOf(g: SiteGeometry, box: Box, size: VehicleSize): [number, number] | null {
  const contact = contactPoint(g, box);
  if (!contact) return null;
  const [along, across] = toRoad(g, contact);
  return [along + size.lengthM / 2, across];
}

/** How far off all fronts may lie together: by the sizes as estimated, and by an outline that is not quite that one. */
function sizeSigma(
  g: SiteGeometry,
  size: VehicleSize,
  body: readonly number[],
  covariance: readonly number[],
  { sample, along, across }: BodyPlace,
): number {
  const model = newBoxOfBody();
  if (!boxOfBody(g, size.outline, [along, across, ...body.slice(2)], model)) return Number.POSITIVE_INFINITY;
  let a = 1e-6;
  const cross = [0, 0, 0];
  for (const edge of edgesSeen(g, sample.box)) {
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

/** `count` of them, evenly over the whole way. */
function spread(samples: readonly Sample[], count: number): Sample[] {
  if (samples.length <= count) return samples.slice();
  return Array.from(
    { length: count },
    (_, i) => samples[Math.round((i * (samples.length - 1)) / (count - 1))] as Sample,
  );
}
