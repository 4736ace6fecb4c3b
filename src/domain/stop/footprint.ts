/**
 * Where a vehicle stands on the road, from its box: the middle of its front edge, and its length. The vehicle is a
 * rectangle on the ground, aligned with the approach; seen by the camera, its corners span the box's left, right and
 * lower edges. Three edges and the beliefs about its size determine front, lateral place and length by Gauss-Newton.
 * An edge that the picture cuts off says nothing and is left out. Called once per vehicle and frame.
 *
 * Why not the bottom centre: it slides along the vehicle as the view angle changes, which reads as speed. The box's
 * leading edge does not, and it is the front that the stop line is about.
 */
import { solve } from '../geometry/linear-algebra.ts';
import { fromRoad, type SiteGeometry, toRoad } from '../geometry/site-geometry.ts';
import type { Box } from '../types.ts';
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
/** Pixels that a box edge is believed to be off by, at least, and as a share of the box height. */
const NOISE_PX = 1;
const NOISE_SHARE = 0.015;

/** null when the box lies (partly) above the horizon. In pixel mode the contact point itself, with length 0. */
export function footprint(g: SiteGeometry, box: Box, prior: FootprintPrior): Footprint | null {
  const contact = contactPoint(g, box);
  if (!contact) return null;
  const [u0, d0] = toRoad(g, contact);
  if (g.mode === 'pixel') return { along: u0, across: d0, length: 0, sigma: 1 };

  const noise = Math.max(NOISE_PX, NOISE_SHARE * (box[3] - box[1]));
  const edges: { readonly value: number; readonly of: (q: Span) => number }[] = [];
  if (box[0] > EDGE_PX) edges.push({ value: box[0], of: (q) => q.left });
  if (box[2] < g.imageWidth - EDGE_PX) edges.push({ value: box[2], of: (q) => q.right });
  if (box[3] < g.imageHeight - EDGE_PX) edges.push({ value: box[3], of: (q) => q.bottom });
  if (edges.length === 0) return null;

  let p: readonly number[] = [u0 + prior.lengthM / 2, d0, prior.lengthM];
  let jtj: number[] = [];
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const here = span(g, p, prior.widthM);
    if (!here) return null;
    const there = [0, 1, 2].map((k) => span(g, nudge(p, k), prior.widthM));
    jtj = new Array<number>(9).fill(0);
    const jtr = [0, 0, 0];
    const add = (row: readonly number[], miss: number, sigma: number) => {
      for (let i = 0; i < 3; i++) {
        jtr[i] = (jtr[i] as number) + ((row[i] as number) * miss) / sigma ** 2;
        for (let j = 0; j < 3; j++) {
          jtj[i * 3 + j] = (jtj[i * 3 + j] as number) + ((row[i] as number) * (row[j] as number)) / sigma ** 2;
        }
      }
    };
    for (const edge of edges) {
      const at = edge.of(here);
      add(
        there.map((q) => (q ? (edge.of(q) - at) / NUDGE : 0)),
        edge.value - at,
        noise,
      );
    }
    add([0, 1, 0], prior.across - (p[1] as number), prior.acrossSigma);
    add([0, 0, 1], prior.lengthM - (p[2] as number), prior.lengthSigmaM);
    const delta = solve(jtj, jtr);
    if (!delta) return null;
    // A step of more than a vehicle is a sign of the kinks between corners: go part of the way.
    const reach = Math.max(1, Math.abs(delta[0] as number) / 5, Math.abs(delta[1] as number) / 3);
    p = p.map((value, k) => value + (delta[k] as number) / reach);
    p = [p[0] as number, p[1] as number, Math.max(0.5, p[2] as number)];
    if (delta.every((value) => Math.abs(value) < CLOSE_ENOUGH_M)) break;
  }
  const column = solve(jtj, [1, 0, 0]);
  const variance = column?.[0];
  if (variance === undefined || !(variance > 0)) return null;
  return {
    along: p[0] as number,
    across: p[1] as number,
    length: p[2] as number,
    sigma: Math.sqrt(variance) / noise,
  };
}

/** The bottom centre of the box, in the plane. */
export function contactPoint(g: SiteGeometry, box: Box): readonly [number, number] | null {
  return g.toPlane([(box[0] + box[2]) / 2, box[3]]);
}

const NUDGE = 0.02;
/** Bumpers are round and wheels sit inside: the corners of the rectangle are cut off by this share of its width. */
const CORNER_CUT = 0.25;

function nudge(p: readonly number[], k: number): readonly number[] {
  return p.map((value, i) => (i === k ? value + NUDGE : value));
}

type Nine = readonly [number, number, number, number, number, number, number, number, number];

interface Span {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

function span(g: SiteGeometry, [along, across, length]: readonly number[], width: number): Span | null {
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  const front = fromRoad(g, [along as number, across as number]);
  const l = length as number;
  const cut = Math.min(width, l) * CORNER_CUT;
  const m = g.homography?.toImage;
  if (!m) return null;
  const [h0, h1, h2, h3, h4, h5, h6, h7, h8] = m as unknown as Nine;
  for (let corner = 0; corner < 8; corner++) {
    const isRear = corner >= 4;
    const isOnSide = (corner & 2) !== 0;
    const back = isRear ? (isOnSide ? l - cut : l) : isOnSide ? cut : 0;
    const half = (isOnSide ? width / 2 : width / 2 - cut) * (corner & 1 ? 1 : -1);
    const x = front[0] - g.axis[0] * back + g.side[0] * half;
    const y = front[1] - g.axis[1] * back + g.side[1] * half;
    const depth = h6 * x + h7 * y + h8;
    if (!(depth > 1e-12)) return null;
    const px = (h0 * x + h1 * y + h2) / depth;
    const py = (h3 * x + h4 * y + h5) / depth;
    if (px < left) left = px;
    if (px > right) right = px;
    if (py > bottom) bottom = py;
  }
  return { left, right, bottom };
}
