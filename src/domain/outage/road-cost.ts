/**
 * How well a box fits to a vehicle seen before, when so much time lies between that their boxes need not overlap: by the way
 * on the road, which nobody can drive faster, brake harder or turn round on than cars can. Pure; the analyzer gives it to
 * the tracker for frames that come rarely (analyzer/rare-frame.ts).
 */
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import { edgesSeen } from '../stop/footprint.ts';
import type { Sample } from '../stop/sample.ts';
import { dawdles } from './rejoin.ts';
import { isInLane, metresPerUnit, speedAlong, speedBetween } from './road-place.ts';

/** Faster than anybody whose speed is not known yet. */
const FASTEST_MPS = 20;
const PULL_MPS2 = 4;
/** Harder than anybody brakes at a stop sign. */
const BRAKE_MPS2 = 7;
/** Places are off by this, and by the noise of a box of so many pixels. */
const SLACK_M = 0.6;
const SLACK_PX = 3;
const MOST_SLACK_M = 3;
const BESIDE_M = 1.2;
/** So far from the edges of the lane it is surely not the oncoming one. */
export const IN_LANE_M = -0.3;
/** Nobody goes aside without going ahead. */
const ASIDE_SHARE = 0.3;
/** Beyond the line it may turn: so much aside for a metre ahead. */
const TURN_SHARE = 1;
/** Later it is gone, and somebody else drives there. */
const TURN_S = 3;
/** Heights of one vehicle in metres, as seen from near and far. */
const LEAST_SIZE_RATIO = 0.6;
const ALL_EDGES = 4;
/** Of two that could have a box, who was seen to drive has the first claim. */
const UNKNOWN_COST = 0.2;
/** It is no surprise that somebody brakes before the line. */
const TO_BRAKE_COST = 0.4;
/** First as many as possible find a next box, then each the likeliest: three that hardly fit cost less than one left over. */
const MOST_COST = 0.3;

/**
 * 0 = where it was expected … 0.3 = at the edge of what is possible; above 1: another one; null without places on the road.
 * @param before all that was seen of the vehicle, the newest last; at least one
 */
export function roadCost(g: SiteGeometry, before: readonly Sample[], now: Sample): number | null {
  const last = before.at(-1) as Sample;
  if (last.along === null || last.across === null || now.along === null || now.across === null) return null;
  const gap = now.tsUtc - last.tsUtc;
  if (gap <= 0 || !isAsLarge(g, last, now)) return 2;
  const metres = metresPerUnit(g, now);
  const ahead = (now.along - last.along) * metres;
  const aside = Math.abs(now.across - last.across) * metres;
  const beyond = Math.max(0, now.along * metres);
  const inLane = isInLane(g, last, IN_LANE_M) && last.along <= 0;
  const mayTurn = inLane && beyond > 0 && gap <= TURN_S;
  if (inLane && !mayTurn && !isInLane(g, now, 0)) return 2;
  const way = aside > BESIDE_M ? Math.sign(ahead) * Math.hypot(ahead, aside) : ahead;
  // From the other lane nobody comes to the line but who is on it already.
  if (now.along <= 0 && isInLane(g, now, IN_LANE_M) && !isInLane(g, last, 0)) return 2;
  const speed = speedOf(g, before, inLane);
  const slack = Math.min(
    MOST_SLACK_M,
    SLACK_M + (g.mode === 'ground' ? SLACK_PX * Math.max(last.sigma, now.sigma) : 0),
  );
  const beside =
    aside /
    (Math.min(BESIDE_M, ASIDE_SHARE * Math.abs(ahead)) +
      slack +
      TURN_SHARE * (mayTurn ? Math.min(beyond, FASTEST_MPS * gap) : 0));
  if (beside > 1) return 2;
  if (speed !== null && dawdles(speed.mps, gap, ahead, now.along * metres)) return 2;
  const along = speed === null ? unknown(way, gap, slack, inLane) : known(way, speed, gap, slack, now.along <= 0);
  return along > 1 ? 2 : MOST_COST * (0.6 * along + 0.4 * beside ** 2);
}

interface Speed {
  /** Along the approach. */
  readonly mps: number;
  /** It is a mean, so long before the vehicle was seen last. */
  readonly ageS: number;
}

const FRESH_S = 0.35;

function speedOf(g: SiteGeometry, before: readonly Sample[], inLane: boolean): Speed | null {
  const [previous, last] = [before.at(-2), before.at(-1) as Sample];
  const fresh = speedAlong(g, before, 'last');
  const mps = fresh ?? speedBetween(g, previous, last);
  if (mps === null) return null;
  const ageS = fresh === null && previous ? (last.tsUtc - previous.tsUtc) / 2 : FRESH_S;
  // Nobody drives backwards towards the line.
  return { mps: inLane ? Math.max(0, mps) : mps, ageS };
}

/** The least squares of all ways together: who drives in a lane does not overtake. */
function unknown(ahead: number, gap: number, slack: number, inLane: boolean): number {
  if (inLane && ahead < -slack) return 2;
  const share = Math.abs(ahead) / (FASTEST_MPS * gap + slack);
  return share > 1 ? 2 : UNKNOWN_COST + (1 - UNKNOWN_COST) * share ** 2;
}

function known(way: number, { mps, ageS }: Speed, gap: number, slack: number, isBeforeLine: boolean): number {
  const speed = Math.abs(mps);
  const off = Math.sign(mps || 1) * way - speed * gap;
  if (off > 0) {
    const most = (speed + PULL_MPS2 * ageS) * gap + (PULL_MPS2 * gap ** 2) / 2;
    return over(off, Math.min(most, Math.max(FASTEST_MPS, speed) * gap) - speed * gap + slack);
  }
  const slowest = Math.max(0, speed - BRAKE_MPS2 * ageS);
  const braking = Math.min(gap, slowest / BRAKE_MPS2);
  const cost = over(off, speed * gap - slowest * braking + (BRAKE_MPS2 * braking ** 2) / 2 + slack);
  return cost > 1 || !isBeforeLine ? cost : TO_BRAKE_COST * cost;
}

function over(off: number, room: number): number {
  return Math.abs(off) > room ? 2 : (off / room) ** 2;
}

/** By their heights; what the picture cuts off may be higher than it looks. */
function isAsLarge(g: SiteGeometry, a: Sample, b: Sample): boolean {
  const [one, other] = [heightM(g, a), heightM(g, b)];
  if (one === null || other === null) return true;
  const smaller = one < other ? a : b;
  if (edgesSeen(g, smaller.box).length < ALL_EDGES) return true;
  return Math.min(one, other) >= LEAST_SIZE_RATIO * Math.max(one, other);
}

function heightM(g: SiteGeometry, { box, contact }: Sample): number | null {
  if (g.mode === 'pixel' || !contact) return null;
  const beside = g.toPlane([(box[0] + box[2]) / 2 + 1, box[3]]);
  return beside && (box[3] - box[1]) * Math.hypot(beside[0] - contact[0], beside[1] - contact[1]);
}
