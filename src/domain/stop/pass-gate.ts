/**
 * Opens a pass when a vehicle comes along the approach into the zone, and closes it when it is over the line, turns
 * away or is lost. Works on the live positions; the judge measures again from the whole trajectory. Pure.
 */
import { dot, minus, polygonContains, unit } from '../geometry/polygon.ts';
import { fromRoad, type SiteGeometry } from '../geometry/site-geometry.ts';
import type { PassEnding } from './judge-pass.ts';
import type { Sample } from './sample.ts';

export interface PassGate {
  state: 'closed' | 'open' | 'done';
  openedUtc: number;
  /** When the front was first over the line. */
  crossedUtc: number | null;
  lastInsideUtc: number;
}

export function newPassGate(): PassGate {
  return { state: 'closed', openedUtc: 0, crossedUtc: null, lastInsideUtc: 0 };
}

/** Way ahead that shows a direction: metres, or box heights in pixel mode. */
const PROGRESS_M = 0.6;
const PROGRESS_SHARE = 0.25;
const PROGRESS_WINDOW_S = 1.5;
/** Within 60° of the approach. */
const ALIGNED = 0.5;
/** A vehicle that turned behind the line never shows its whole length over it: enough after this long. */
const OVER_LINE_S = 4;
const OUTSIDE_S = 1.5;

/** Whether the front (in pixel mode: the contact point) is in the stop zone. */
export function isFrontInZone(g: SiteGeometry, sample: Sample): boolean {
  if (sample.along === null || sample.across === null) return false;
  if (g.mode === 'pixel') return sample.contact !== null && polygonContains(g.zone, sample.contact);
  return polygonContains(g.zone, fromRoad(g, [sample.along, sample.across]));
}

/** Returns what happened; 'crossed' and 'left' end the pass. */
export function updatePassGate(
  gate: PassGate,
  g: SiteGeometry,
  samples: readonly Sample[],
  isStanding: boolean,
): 'opened' | PassEnding | null {
  const now = samples.at(-1) as Sample;
  if (now.along === null) return null;
  const isInside = isFrontInZone(g, now);
  if (gate.state === 'closed') {
    if (!isInside || isStanding || !comesAlong(g, samples)) return null;
    gate.state = 'open';
    gate.openedUtc = now.tsUtc;
    gate.crossedUtc = null;
    gate.lastInsideUtc = now.tsUtc;
    return 'opened';
  }
  if (gate.state === 'done') return null;
  if (isInside || isStanding) gate.lastInsideUtc = now.tsUtc;
  if (now.along > 0) {
    gate.crossedUtc ??= now.tsUtc;
    const length = g.mode === 'pixel' ? now.box[3] - now.box[1] : now.length;
    const isOver = now.along > length + OVER_MARGIN_M || (now.tsUtc - gate.crossedUtc > OVER_LINE_S && !isStanding);
    if (!isOver) return null;
    gate.state = 'done';
    return 'crossed';
  }
  if (now.tsUtc - gate.lastInsideUtc <= OUTSIDE_S) return null;
  gate.state = 'closed';
  return 'left';
}

/** The judge's trajectory may differ a little from the live one: let it see the whole crossing. */
const OVER_MARGIN_M = 0.5;

function comesAlong(g: SiteGeometry, samples: readonly Sample[]): boolean {
  const now = samples.at(-1) as Sample;
  const scale = g.mode === 'pixel' ? PROGRESS_SHARE * (now.box[3] - now.box[1]) : PROGRESS_M;
  for (let i = samples.length - 2; i >= 0; i--) {
    const before = samples[i] as Sample;
    // The one before counts however long ago it was.
    if (i < samples.length - 2 && now.tsUtc - before.tsUtc > PROGRESS_WINDOW_S) break;
    if (before.along === null || before.contact === null || now.contact === null || now.along === null) continue;
    if (now.along - before.along < scale) continue;
    const heading = unit(minus(now.contact, before.contact));
    return heading !== null && dot(heading, g.axis) > ALIGNED;
  }
  return false;
}
