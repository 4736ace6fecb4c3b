/**
 * The way of one body through all of its boxes: its length, width and height are the same in all of them and its
 * lateral place changes slowly, so neither can pose as motion. First the sizes (body-size.ts), then the places one by
 * one, twice: with the lateral place open, and with it as smoothed over the way. Pure; called by trajectory.ts.
 */
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import { estimateSize, frontSigma } from './body-size.ts';
import { type BodyInView, bodyInView, newBoxOfBody, ROW } from './box-of-body.ts';
import { smoothLateral } from './lateral-way.ts';
import { firstPlace, type Placement, placeBody, type SeenBox, seeBox } from './place-body.ts';
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
  /** Standard deviation of the front's place at place `i` that all samples share: sizes and shape, metres. */
  frontSigma(i: number): number;
}

const OPEN_SIGMA_M = 0.5;
const SMOOTHED_SIGMA_M = 0.02;
const LEAST_PLACES = 4;
/** A last step longer than this has not settled: from elsewhere again. */
const SETTLED_M = 0.5;

/** null when too few boxes can be placed. */
export function trackBody(g: SiteGeometry, samples: readonly Sample[], size: VehicleSize): BodyTrack | null {
  const { view } = g;
  if (!view) return null;
  const boxes = samples.map((sample) => seeBox(g, sample));
  const own = estimateSize(g, view, boxes, size);
  if (!own) return null;
  const body = bodyInView(view, size.outline, own.lengthM, own.widthM, own.heightM);
  const model = newBoxOfBody();

  const first: { readonly box: SeenBox; readonly place: Placement }[] = [];
  let before: Placement | null = null;
  for (const box of boxes) {
    let place: Placement | null =
      before && placeBody(body, box, before.along, own.across, own.across, OPEN_SIGMA_M, model);
    if (!hasSettled(place)) place = placeAnew(g, body, box, size, own.across, OPEN_SIGMA_M);
    if (!place) continue;
    before = place;
    first.push({ box, place });
  }
  if (first.length < LEAST_PLACES) return null;

  const lateral = smoothLateral(first.map(({ place }) => place));
  const places: BodyPlace[] = [];
  const kept: SeenBox[] = [];
  first.forEach(({ box, place: { along } }, i) => {
    const across = lateral[i] as number;
    let place = placeBody(body, box, along, across, across, SMOOTHED_SIGMA_M, model);
    if (!hasSettled(place)) place = placeAnew(g, body, box, size, across, SMOOTHED_SIGMA_M, model);
    if (!place) return;
    const misses = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
    for (const edge of box.edges) misses[edge] = (box.straight[edge] as number) - (model[edge * ROW] as number);
    places.push({ sample: box.sample, along: place.along, across: place.across, sigma: place.sigma, misses });
    kept.push(box);
  });
  if (places.length < LEAST_PLACES) return null;
  return {
    places,
    lengthM: own.lengthM,
    frontSigma: (i) => {
      const { along, across } = places[i] as BodyPlace;
      return frontSigma(view, size, own, kept[i] as SeenBox, along, across);
    },
  };
}

const hasSettled = (place: Placement | null): place is Placement => place !== null && place.step < SETTLED_M;

function placeAnew(
  g: SiteGeometry,
  body: BodyInView,
  box: SeenBox,
  size: VehicleSize,
  across: number,
  acrossSigma: number,
  model = newBoxOfBody(),
): Placement | null {
  const start = firstPlace(g, box.sample.box, size.lengthM);
  return start && placeBody(body, box, start[0], across, across, acrossSigma, model);
}
