/** Places and speeds on the road for questions about outages, in metres in both modes (guessed from heights without a calibration). Pure. */
import { type SiteGeometry, toRoad } from '../geometry/site-geometry.ts';
import type { Sample } from '../stop/sample.ts';

/** Height of a car: the only length at hand without a calibration. */
const CAR_HEIGHT_M = 1.5;
const SPEED_WINDOW_S = 0.7;
const LEAST_SPEED_WINDOW_S = 0.1;
const BESIDE_ZONE_M = 0.5;

/** Metres for a unit of road coordinates near this sample. */
export function metresPerUnit(g: SiteGeometry, { box }: Sample): number {
  return g.mode === 'ground' ? 1 : CAR_HEIGHT_M / Math.max(1, box[3] - box[1]);
}

/** Metres per second along the approach over the first or the last moments of `samples`; null when too few. */
export function speedAlong(g: SiteGeometry, samples: readonly Sample[], end: 'first' | 'last'): number | null {
  const known = samples.filter(({ along }) => along !== null);
  const at = end === 'first' ? known[0] : known.at(-1);
  if (!at) return null;
  const near = known.filter(({ tsUtc }) => Math.abs(tsUtc - at.tsUtc) <= SPEED_WINDOW_S);
  const [a, b] = [near[0] as Sample, near.at(-1) as Sample];
  const elapsed = b.tsUtc - a.tsUtc;
  if (elapsed < LEAST_SPEED_WINDOW_S) return null;
  return (((b.along as number) - (a.along as number)) * metresPerUnit(g, at)) / elapsed;
}

/** The same between two samples, however long apart. */
export function speedBetween(g: SiteGeometry, a: Sample | undefined, b: Sample): number | null {
  if (a?.along == null || b.along === null || b.tsUtc - a.tsUtc < LEAST_SPEED_WINDOW_S) return null;
  return ((b.along - a.along) * metresPerUnit(g, b)) / (b.tsUtc - a.tsUtc);
}

/** Where the stop zone begins, in road coordinates (negative: before the line). */
export function zoneBegin(g: SiteGeometry): number {
  return Math.min(...g.zone.map((corner) => toRoad(g, corner)[0]));
}

/** Whether it drives in the lane of the zone, before, in or behind it. */
export function isInLane(g: SiteGeometry, sample: Sample, besideM = BESIDE_ZONE_M): boolean {
  if (sample.across === null) return false;
  const edges = g.zone.map((corner) => toRoad(g, corner)[1]);
  const margin = besideM / metresPerUnit(g, sample);
  return sample.across >= Math.min(...edges) - margin && sample.across <= Math.max(...edges) + margin;
}
