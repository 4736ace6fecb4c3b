/**
 * Where a body of known sizes is, from one box of it: Gauss–Newton over its place along and across the road, with the
 * lateral place held where it is believed to be. Pure; the inner loop of body-size.ts and body-track.ts.
 */
import { type SiteGeometry, toRoad } from '../geometry/site-geometry.ts';
import type { Box } from '../types.ts';
import { type BodyInView, type BoxOfBody, boxOfBody, ROW } from './box-of-body.ts';
import { contactPoint, edgeDoubt, edgeNoise, edgesSeen } from './footprint.ts';
import type { Sample } from './sample.ts';

/** A sample's box as the fits need it, worked out once. */
export interface SeenBox {
  readonly sample: Sample;
  readonly edges: readonly number[];
  /** In the picture of a straight lens. */
  readonly straight: Box;
  /** What an edge is believed to be off by, pixels. */
  readonly noise: number;
}

export interface Placement {
  readonly along: number;
  readonly across: number;
  /** Standard deviation of `along` for a box noise of one pixel. */
  readonly sigma: number;
  /** Length of the last step: how well it settled, metres. */
  readonly step: number;
}

const ITERATIONS = 4;
const CLOSE_ENOUGH_M = 5e-4;

export function seeBox(g: SiteGeometry, sample: Sample): SeenBox {
  const { box } = sample;
  return { sample, edges: edgesSeen(g, box), straight: g.straightBox(box), noise: edgeNoise(g, box) };
}

/** A first guess by the lower middle of the box; null above the horizon. */
export function firstPlace(g: SiteGeometry, box: Box, lengthM: number): readonly [number, number] | null {
  const contact = contactPoint(g, box);
  if (!contact) return null;
  const [along, across] = toRoad(g, contact);
  return [along + lengthM / 2, across];
}

/**
 * @param held what is believed of the lateral place, and its standard deviation
 * @param model receives the box of the body one step before the place returned
 */
export function placeBody(
  body: BodyInView,
  { edges, straight, noise }: SeenBox,
  along: number,
  across: number,
  held: number,
  heldSigma: number,
  model: BoxOfBody,
): Placement | null {
  if (edges.length === 0) return null;
  const belief = 1 / heldSigma ** 2;
  let a = 0;
  let b = 0;
  let d = 0;
  let step = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    if (!boxOfBody(body, along, across, model)) return null;
    a = 1e-6;
    b = 0;
    d = belief;
    let r0 = 0;
    let r1 = belief * (held - across);
    for (let e = 0; e < edges.length; e++) {
      const edge = edges[e] as number;
      const base = edge * ROW;
      const weight = 1 / (noise * edgeDoubt(edge)) ** 2;
      const miss = ((straight[edge] as number) - (model[base] as number)) * weight;
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
    along += d0 / reach;
    across += d1 / reach;
    step = Math.abs(d0);
    if (step < CLOSE_ENOUGH_M && Math.abs(d1) < CLOSE_ENOUGH_M) break;
  }
  return { along, across, step, sigma: Math.sqrt(d / (a * d - b * b)) / noise };
}
