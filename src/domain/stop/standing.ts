/**
 * Whether a vehicle stands, with memory: it takes half a second of stillness to stand, and a real change of place to
 * have moved off. A wobbling box is neither. Also when a standing vehicle counts as parked. Pure; live use only.
 */
import type { Sample } from './sample.ts';
import { median } from './stand-fit.ts';

export interface Standing {
  isStanding: boolean;
  /** When the stillness began. */
  sinceUtc: number;
  /** Where, in the image. */
  anchor: Place;
  /** Never seen to move since it was first seen. */
  isSinceBirth: boolean;
  isParked: boolean;
}

export interface ParkingRules {
  /** Standing so long makes a vehicle a parked one, seconds. */
  readonly parkedAfterS: number;
  /** In the stop zone, where a queue may stand for long. */
  readonly parkedAfterInZoneS: number;
  /** Outside the zone, never seen to move. */
  readonly parkedAfterSinceBirthS: number;
}

export const PARKING_RULES: ParkingRules = { parkedAfterS: 60, parkedAfterInZoneS: 180, parkedAfterSinceBirthS: 30 };

const STILL_WINDOW_S = 0.6;
/** Stillness: the box wanders less than this share of its height within the window. */
const STILL_SHARE = 0.08;
const STILL_PX = 2;
/** Motion: the box is off its place by this share of its height, and went there step by step within MOVED_WINDOW_S. */
const MOVED_SHARE = 0.25;
const MOVED_PX = 3;
const MOVED_WINDOW_S = 0.7;
/** Least share of its height that the box goes on from each part of the window to the next. */
const PACE_SHARE = 0.02;
/** A jump of the box shows between two parts, or three if it falls into one; only motion shows between all. */
const PARTS = 4;
const EDGE_SHARE = 0.06;
/** So far off, it has moved however it got there. */
const GONE_SHARE = 1;

export function newStanding(): Standing {
  return { isStanding: false, sinceUtc: 0, anchor: [0, 0, 0, 0], isSinceBirth: true, isParked: false };
}

export interface StandingChange {
  readonly type: 'stopped' | 'moved_off';
  /** When it happened, which is a moment before it is certain. */
  readonly tsUtc: number;
}

/** Looks at the newest samples; returns what changed. `isSlow` = the live speed does not speak against standing. */
export function updateStanding(standing: Standing, samples: readonly Sample[], isSlow: boolean): StandingChange | null {
  const now = (samples.at(-1) as Sample).tsUtc;
  if (standing.isStanding) return hasMovedOff(standing, samples, now);
  const recent = since(samples, now - STILL_WINDOW_S);
  const begin = (recent[0] as Sample).tsUtc;
  if (recent.length < 3 || now - begin < STILL_WINDOW_S * 0.75) return null;
  const places = recent.map(placeOf);
  const anchor = middleOf(recent);
  const limit = Math.max(STILL_PX, STILL_SHARE * anchor[2]);
  // The middle of the first and of the last half: steadier than single boxes, and blind to no slow roll.
  const half = places.length >> 1;
  const shift = (k: number) =>
    Math.abs(
      median(places.slice(half).map((p) => p[k] as number)) - median(places.slice(0, half).map((p) => p[k] as number)),
    );
  const scatter = median(places.map((p) => Math.hypot(p[0] - anchor[0], p[1] - anchor[1])));
  if (!isSlow || Math.hypot(shift(0), shift(1)) > Math.max(limit / 2, Math.min(scatter, 2 * limit))) {
    if (hasLeftBirthplace(samples, placeOf(samples.at(-1) as Sample))) standing.isSinceBirth = false;
    return null;
  }
  standing.isStanding = true;
  standing.sinceUtc = begin;
  standing.anchor = anchor;
  if (hasLeftBirthplace(samples, anchor)) standing.isSinceBirth = false;
  return { type: 'stopped', tsUtc: begin };
}

/**
 * Motion goes on; a box that was read otherwise jumps once, as detectors do at key frames and behind branches. After a
 * jump the new place becomes the place.
 */
function hasMovedOff(standing: Standing, samples: readonly Sample[], now: number): StandingChange | null {
  const recent = since(samples, now - MOVED_WINDOW_S);
  if (recent.length < PARTS || now - (recent[0] as Sample).tsUtc < MOVED_WINDOW_S * 0.6) return null;
  const [x, y, h, w] = standing.anchor;
  const part = recent.length / PARTS;
  const way = Array.from({ length: PARTS }, (_, k) =>
    middleOf(recent.slice(Math.round(k * part), Math.round((k + 1) * part))),
  );
  const first = way[0] as Place;
  const end = way[PARTS - 1] as Place;
  const off = Math.hypot(end[0] - x, end[1] - y);
  if (off <= Math.max(MOVED_PX, MOVED_SHARE * h)) return null;
  const pace = PACE_SHARE * h;
  const isGoing = way.every((place, k) => {
    const before = way[k - 1];
    return !before || (place[0] - before[0]) * (end[0] - x) + (place[1] - before[1]) * (end[1] - y) > pace * off;
  });
  // What passes in front of a standing vehicle pushes one side of its box; a vehicle takes both along.
  const edge = Math.max(1, EDGE_SHARE * h);
  const hasBothSides =
    Math.abs(end[0] - end[3] / 2 - (x - w / 2)) > edge && Math.abs(end[0] + end[3] / 2 - (x + w / 2)) > edge;
  const isGone = off > GONE_SHARE * Math.max(w, h);
  if (!(isGoing && hasBothSides) && !isGone) {
    if (Math.hypot(end[0] - first[0], end[1] - first[1]) < pace) standing.anchor = end;
    return null;
  }
  standing.isStanding = false;
  standing.isSinceBirth = false;
  return { type: 'moved_off', tsUtc: (recent[0] as Sample).tsUtc };
}

/** Centre x, lower edge, height and width of a box. */
type Place = readonly [x: number, y: number, h: number, w: number];

function middleOf(samples: readonly Sample[]): Place {
  const places = samples.map(placeOf);
  return [0, 1, 2, 3].map((k) => median(places.map((p) => p[k] as number))) as unknown as Place;
}

/** Whether a standing vehicle has become a parked one. */
export function isParkedNow(standing: Standing, now: number, isInZone: boolean, rules: ParkingRules): boolean {
  if (!standing.isStanding) return false;
  const stood = now - standing.sinceUtc;
  if (isInZone) return stood >= rules.parkedAfterInZoneS;
  return stood >= (standing.isSinceBirth ? rules.parkedAfterSinceBirthS : rules.parkedAfterS);
}

function hasLeftBirthplace(samples: readonly Sample[], place: readonly number[]): boolean {
  const birth = placeOf(samples[Math.min(2, samples.length - 1)] as Sample);
  const limit = Math.max(2 * MOVED_PX, 0.5 * birth[2]);
  return Math.hypot((place[0] as number) - birth[0], (place[1] as number) - birth[1]) > limit;
}

function placeOf({ box }: Sample): Place {
  return [(box[0] + box[2]) / 2, box[3], box[3] - box[1], box[2] - box[0]];
}

function since(samples: readonly Sample[], from: number): Sample[] {
  let first = samples.length - 1;
  while (first > 0 && (samples[first - 1] as Sample).tsUtc >= from) first--;
  return samples.slice(first);
}
