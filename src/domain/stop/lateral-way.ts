/**
 * The lateral place of a vehicle, smoothed over its way: where it stands, all boxes speak of one place. Boxes within
 * half a metre of the way are one point of the fit, so that a stand of ten minutes costs no more than one of a
 * second. Pure; called by body-track.ts.
 */
import { localFit } from './local-fit.ts';

/** A box somewhere on the way: metres, and the standard deviation that weighs it. */
export interface LateralPlace {
  readonly along: number;
  readonly across: number;
  readonly sigma: number;
}

/** Short against the width of the fit: within it the lateral place is a straight line. */
const BUCKET_M = 0.5;
const HALF_WIDTH_M = 8;

/** The smoothed lateral place of each, in their order. */
export function smoothLateral(places: readonly LateralPlace[]): number[] {
  const alongOf = (i: number) => (places[i] as LateralPlace).along;
  const order = places.map((_, i) => i).sort((i, j) => alongOf(i) - alongOf(j));
  const buckets: number[][] = [];
  let begin = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    if (alongOf(i) - begin > BUCKET_M) {
      begin = alongOf(i);
      buckets.push([]);
    }
    (buckets.at(-1) as number[]).push(i);
  }
  const points = buckets.map((bucket) => merged(bucket.map((i) => places[i] as LateralPlace)));
  const series = {
    t: points.map((point) => point.along),
    s: points.map((point) => point.across),
    sigma: points.map((point) => point.sigma),
  };
  const smooth = new Array<number>(places.length);
  buckets.forEach((bucket, b) => {
    const { along, across } = points[b] as LateralPlace;
    const fit = localFit(series, along, HALF_WIDTH_M, 1);
    for (const i of bucket) smooth[i] = fit ? fit.position + fit.speed * (alongOf(i) - along) : across;
  });
  return smooth;
}

/** Their mean, each with the weight of its certainty. */
function merged(places: readonly LateralPlace[]): LateralPlace {
  let total = 0;
  let along = 0;
  let across = 0;
  for (const place of places) {
    const weight = 1 / place.sigma ** 2;
    total += weight;
    along += weight * place.along;
    across += weight * place.across;
  }
  return { along: along / total, across: across / total, sigma: 1 / Math.sqrt(total) };
}
