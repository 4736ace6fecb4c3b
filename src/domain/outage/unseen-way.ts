/**
 * Passes that an outage hid in part, so that the gate (stop/pass-gate.ts) cannot see them open: who drove up and was gone
 * after it, and who is over the line when frames come again. Nobody is accused of a pass who merely stands there, or who
 * cannot have come through in the time. Pure; called by site-analyzer.ts.
 */
import { dot, minus, unit } from '../geometry/polygon.ts';
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import { isFrontInZone, type PassGate } from '../stop/pass-gate.ts';
import type { Sample } from '../stop/sample.ts';
import { AT_EDGE_S, type Outage } from './outage-watch.ts';
import { isInLane, metresPerUnit, speedAlong, speedBetween, zoneBegin } from './road-place.ts';

/** Way ahead since the outage that shows that it drives, and where to. */
const PROGRESS_M = 0.6;
/** Within 60° of the approach. */
const ALIGNED = 0.5;
/** Who comes in sight standing at the line may stand on for a while. */
const LONGEST_STAND_S = 60;
const DRIVES_MPS = 1;
/** It may have been so much faster while nobody looked. */
const FASTER = 1.5;

/**
 * Whether a vehicle that is beyond the line now came through the zone in `outage`. `samples`: all of it, the newest now;
 * those before the outage may be missing.
 */
export function cameThrough(g: SiteGeometry, samples: readonly Sample[], { fromUtc, toUtc, isUsual }: Outage): boolean {
  const now = samples.at(-1) as Sample;
  if (now.along === null || now.along <= 0 || now.tsUtc - toUtc > LONGEST_STAND_S) return false;
  const since = samples.findIndex(({ tsUtc, along }) => tsUtc >= toUtc && along !== null);
  const first = samples[since];
  if (!first || !isInLane(g, first) || !getsAhead(g, first, now)) return false;
  const before = samples.slice(0, since).findLast(({ along }) => along !== null);
  if (before) return (before.along as number) < 0 && isInLane(g, before);
  if (isFrontInZone(g, first)) return true;
  // While frames come rarely anyway, most come from the cross street: it must be on the line still.
  if (isUsual && (first.along as number) > first.length) return false;
  const speed = speedAlong(g, samples.slice(since), 'first') ?? speedBetween(g, first, now) ?? 0;
  const way = ((first.along as number) - zoneBegin(g)) * metresPerUnit(g, first);
  return (first.along as number) <= 0 || way <= FASTER * speed * (toUtc - fromUtc);
}

/**
 * Whether a vehicle that will not be seen again was on its way into the zone when `outage` began, can have come through,
 * and was beyond the line after it, if it was seen at all.
 */
export function wentThrough(g: SiteGeometry, samples: readonly Sample[], { fromUtc, toUtc }: Outage): boolean {
  const known = samples.filter(({ along }) => along !== null);
  const before = known.filter(({ tsUtc }) => tsUtc <= fromUtc);
  const last = before.at(-1);
  if (!last || fromUtc - last.tsUtc > AT_EDGE_S || (last.along as number) >= 0 || !isInLane(g, last)) return false;
  const end = known.at(-1) as Sample;
  if (end !== last && (end.along as number) <= 0) return false;
  // A glimpse after an outage before this one shows no speed, but how far it had come.
  const speed = speedAlong(g, before, 'last') ?? speedBetween(g, before.at(-2), last) ?? 0;
  if (speed < DRIVES_MPS) return false;
  const way = (zoneBegin(g) - (last.along as number)) * metresPerUnit(g, last);
  return way <= FASTER * speed * (toUtc - last.tsUtc);
}

/** As if it had been seen to come into the zone now. */
export function openUnseen(gate: PassGate, tsUtc: number): void {
  gate.state = 'open';
  gate.openedUtc = tsUtc;
  gate.crossedUtc = null;
  gate.lastInsideUtc = tsUtc;
}

function getsAhead(g: SiteGeometry, first: Sample, now: Sample): boolean {
  if (!first.contact || !now.contact) return false;
  const ahead = ((now.along as number) - (first.along as number)) * metresPerUnit(g, now);
  const heading = unit(minus(now.contact, first.contact));
  return ahead >= PROGRESS_M && heading !== null && dot(heading, g.axis) > ALIGNED;
}
