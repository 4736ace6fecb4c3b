/**
 * Where a vehicle stands on the road, from its box: the middle of its front edge, and its length. The box that a body of
 * a believed size would show (box-of-body.ts) is fitted to the edges seen, by Gauss–Newton. An edge that the picture
 * cuts off says nothing and is left out. Called once per vehicle and frame, and again by the judge.
 */
import { solve } from '../geometry/linear-algebra.ts';
import { type SiteGeometry, toRoad } from '../geometry/site-geometry.ts';
import type { Box } from '../types.ts';
import { BODY_UNKNOWNS, type BoxOfBody, bodyInView, boxOfBody, newBoxOfBody, ROW } from './box-of-body.ts';
import type { VehicleSize } from './vehicle-size.ts';

/** In road coordinates (see site-geometry.ts). */
export interface Footprint {
  /** Of the front edge's middle; negative before the stop line, positive beyond. */
  readonly along: number;
  readonly across: number;
  readonly length: number;
  /** Standard deviation of `along` for a box noise of one pixel; relative weight of this sample. */
  readonly sigma: number;
}

/** What is known before the box is looked at. */
export interface FootprintPrior extends VehicleSize {
  /** Lateral place and its standard deviation. */
  readonly across: number;
  readonly acrossSigma: number;
}

const ITERATIONS = 5;
/** Metres; a smaller step ends the search. */
const CLOSE_ENOUGH_M = 1e-3;
const EDGE_PX = 2;
/** Pixels (of a picture 720 high) that a box edge is believed to be off by, at least, and as a share of the box height. */
const NOISE_PX = 1;
const NOISE_SHARE = 0.015;
/** Roofs differ more than bumpers: the upper edge is believed less by this factor. */
const TOP_DOUBT = 2;

/** null when the box lies (partly) above the horizon. In pixel mode the contact point itself, with length 0. */
export function footprint(g: SiteGeometry, box: Box, prior: FootprintPrior): Footprint | null {
  const contact = contactPoint(g, box);
  if (!contact) return null;
  const [u0, d0] = toRoad(g, contact);
  if (g.mode === 'pixel') return { along: u0, across: d0, length: 0, sigma: 1 };
  const q = [
    u0 + prior.lengthM / 2,
    prior.acrossSigma < 2 ? prior.across : d0,
    prior.lengthM,
    prior.widthM,
    prior.heightM,
  ];
  const mean = [0, prior.across, prior.lengthM, prior.widthM, prior.heightM];
  const sigma = [1e3, prior.acrossSigma, prior.lengthSigmaM, prior.widthSigmaM, prior.heightSigmaM];
  const noise = edgeNoise(g, box);
  const edges = edgesSeen(g, box);
  const seen = g.straightBox(box);
  if (edges.length === 0 || !g.view) return null;
  const n = BODY_UNKNOWNS;
  const corners = new Float64Array(6 * prior.outline.length);
  let normal: number[] = [];
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const [along, across, length, width, height] = q as [number, number, number, number, number];
    if (!boxOfBody(bodyInView(g.view, prior.outline, length, width, height, corners), along, across, rows)) return null;
    normal = new Array<number>(n * n).fill(0);
    const right = new Array<number>(n).fill(0);
    for (const edge of edges) addEdge(normal, right, n, rows, edge, seen[edge] as number, noise);
    for (let k = 0; k < n; k++) {
      const weight = 1 / (sigma[k] as number) ** 2;
      normal[k * n + k] = (normal[k * n + k] as number) + weight;
      right[k] = (right[k] as number) + weight * (k === 0 ? 0 : (mean[k] as number) - (q[k] as number));
    }
    const delta = solve(normal, right);
    if (!delta) return null;
    // A step of more than a vehicle is a sign of the kinks between the points of the outline: go part of the way.
    const reach = Math.max(1, Math.abs(delta[0] as number) / 5, Math.abs(delta[1] as number) / 3);
    for (let k = 0; k < n; k++) q[k] = (q[k] as number) + (delta[k] as number) / reach;
    q[2] = Math.max(0.5, q[2] as number);
    if (Math.abs(delta[0] as number) < CLOSE_ENOUGH_M && Math.abs(delta[1] as number) < CLOSE_ENOUGH_M) break;
  }
  const variance = solve(normal, [1, 0, 0, 0, 0])?.[0];
  if (variance === undefined || !(variance > 0)) return null;
  return { along: q[0] as number, across: q[1] as number, length: q[2] as number, sigma: Math.sqrt(variance) / noise };
}

const rows: BoxOfBody = newBoxOfBody();

/** Indices of the box's edges that say something. */
export function edgesSeen(g: SiteGeometry, box: Box): number[] {
  const edges: number[] = [];
  const border = EDGE_PX * g.pixel;
  if (box[0] > border) edges.push(0);
  if (box[1] > border && g.view?.upright) edges.push(1);
  if (box[2] < g.imageWidth - border) edges.push(2);
  if (box[3] < g.imageHeight - border) edges.push(3);
  return edges;
}

export function edgeNoise(g: SiteGeometry, box: Box): number {
  return Math.hypot(NOISE_PX * g.pixel, NOISE_SHARE * (box[3] - box[1]));
}

export const edgeDoubt = (edge: number): number => (edge === 1 ? TOP_DOUBT : 1);

/** One edge's part of the normal equations of the first `n` unknowns. */
export function addEdge(
  normal: number[],
  right: number[],
  n: number,
  model: BoxOfBody,
  edge: number,
  seen: number,
  noise: number,
): void {
  const base = edge * ROW;
  const weight = 1 / (noise * edgeDoubt(edge)) ** 2;
  const miss = (seen - (model[base] as number)) * weight;
  for (let i = 0; i < n; i++) {
    const slope = model[base + 1 + i] as number;
    right[i] = (right[i] as number) + slope * miss;
    for (let j = 0; j < n; j++) {
      normal[i * n + j] = (normal[i * n + j] as number) + slope * (model[base + 1 + j] as number) * weight;
    }
  }
}

/** The bottom centre of the box, in the plane. */
export function contactPoint(g: SiteGeometry, box: Box): readonly [number, number] | null {
  return g.toPlane([(box[0] + box[2]) / 2, box[3]]);
}
