/**
 * Whether a vehicle stands, with memory: it takes half a second of stillness to stand, and a real change of place to
 * have moved off. A wobbling box is neither. Also when a standing vehicle counts as parked. Pure; live use only.
 */
import type { Box } from '../types.ts';
import { median } from './local-fit.ts';

/** Where a vehicle was seen; a Sample is one. */
export interface Sighting {
  readonly tsUtc: number;
  readonly box: Box;
}

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
/** So many sightings in one place are a stillness; when they come more rarely than this, however long they take. */
const STILL_SIGHTINGS = 3;
const RARE_S = 0.23;
/** Who drives straight away from the camera or towards it hardly moves in the picture, but its box changes its size. */
const GROWTH_WINDOW_S = 1;
const GROWTH_SHARE = 0.04;
/** Motion: the box is off its place as a whole by this share of its height, and went there within MOVED_WINDOW_S. */
const MOVED_SHARE = 0.25;
const MOVED_PX = 3;
const MOVED_WINDOW_S = 0.7;
/** Least share of its height that the box goes on from each part of the window to the next. */
const PACE_SHARE = 0.02;
/** And in the window as a whole. */
const GOING_SHARE = 0.1;
/** Slower than this, in heights per second, it is the reading of the box that drifts (0.3 km/h for a car): the place follows. */
const DRIFT_SHARE = 0.05;
/** A jump of the box shows between two parts, or three if it falls into one; only motion shows between all. */
const PARTS = 4;
/** So far off for so many parts, it has moved however it got there. */
const FAR_SHARE = 0.5;
const FAR_PARTS = 2;
/** So far off, it has moved whatever its edges did: at the rim of the picture one of them stays. */
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
export function updateStanding(
  standing: Standing,
  samples: readonly Sighting[],
  isSlow: boolean,
): StandingChange | null {
  const now = (samples.at(-1) as Sighting).tsUtc;
  if (standing.isStanding) return hasMovedOff(standing, samples, now);
  let recent: readonly Sighting[] = since(samples, now - STILL_WINDOW_S);
  if (recent.length < STILL_SIGHTINGS) recent = rarely(samples, STILL_SIGHTINGS) ?? recent;
  const begin = (recent[0] as Sighting).tsUtc;
  if (recent.length < STILL_SIGHTINGS || now - begin < STILL_WINDOW_S * 0.75) return null;
  // Most vehicles drive: nothing else has to be looked at then.
  if (!isSlow) return goesOn(standing, samples);
  const places = recent.map(placeOf);
  const anchor = middleOf(recent);
  const limit = Math.max(STILL_PX, STILL_SHARE * anchor[2]);
  // The middle of the first and of the last half: steadier than single boxes, and blind to no slow roll.
  const half = places.length >> 1;
  const first = middleOf(recent.slice(0, half));
  const last = middleOf(recent.slice(half));
  const scatter = median(
    places.map((p, k) => Math.hypot(p[0] - (k < half ? first : last)[0], p[1] - (k < half ? first : last)[1])),
  );
  const shift = Math.hypot(last[0] - first[0], last[1] - first[1]);
  if (shift > Math.max(limit / 2, Math.min(scatter, 2 * limit)) || isGrowing(samples, now)) {
    return goesOn(standing, samples);
  }
  standing.isStanding = true;
  standing.sinceUtc = begin;
  standing.anchor = anchor;
  if (hasLeftBirthplace(samples, anchor)) standing.isSinceBirth = false;
  return { type: 'stopped', tsUtc: begin };
}

function goesOn(standing: Standing, samples: readonly Sighting[]): null {
  if (standing.isSinceBirth && hasLeftBirthplace(samples, placeOf(samples.at(-1) as Sighting))) {
    standing.isSinceBirth = false;
  }
  return null;
}

/**
 * Motion takes both sides of a box along, and goes on. What passes in front of a standing vehicle, hides a part of it or
 * is read as one with it pushes only some edges of its box; a box that was read otherwise jumps once, as detectors do at
 * key frames and behind branches, and after a jump the new place becomes the place.
 */
function hasMovedOff(standing: Standing, samples: readonly Sighting[], now: number): StandingChange | null {
  let recent: readonly Sighting[] = since(samples, now - MOVED_WINDOW_S);
  if (recent.length < PARTS) {
    const two = rarely(samples, 2);
    if (!two) return null;
    recent = asParts(two);
  } else if (now - (recent[0] as Sighting).tsUtc < MOVED_WINDOW_S * 0.6) return null;
  const height = standing.anchor[2];
  const stood = standingBox(standing);
  const part = recent.length / PARTS;
  const way = Array.from({ length: PARTS }, (_, k) =>
    middleOf(recent.slice(Math.round(k * part), Math.round((k + 1) * part))),
  );
  const shifts = way.map((place) => shiftOf(stood, boxOf(place)));
  const [dx, dy] = shifts[PARTS - 1] as Shift;
  const off = Math.hypot(dx, dy);
  const along = shifts.map(([x, y]) => (off === 0 ? 0 : (x * dx + y * dy) / off));
  const pace = PACE_SHARE * height;
  const isGoing =
    along.every((here, k) => k === 0 || here - (along[k - 1] as number) > pace) &&
    (along[PARTS - 1] as number) - (along[0] as number) > GOING_SHARE * height;
  const isFar = along.slice(PARTS - FAR_PARTS).every((here) => here > FAR_SHARE * height);
  const first = way[0] as Place;
  const end = way[PARTS - 1] as Place;
  const [x, bottom, , width] = standing.anchor;
  const isGone = Math.hypot(end[0] - x, end[1] - bottom) > GONE_SHARE * Math.max(width, height);
  if (!isGone && (off <= Math.max(MOVED_PX, MOVED_SHARE * height) || !(isGoing || isFar))) {
    if (Math.hypot(end[0] - first[0], end[1] - first[1]) < pace && hasOtherPlace(stood, boxOf(end), height)) {
      standing.anchor = end;
    } else {
      const elapsed = Math.min(1, now - (samples.at(-2)?.tsUtc ?? now));
      standing.anchor = towards(standing.anchor, end, DRIFT_SHARE * height * elapsed);
    }
    return null;
  }
  standing.isStanding = false;
  standing.isSinceBirth = false;
  return { type: 'moved_off', tsUtc: (recent[0] as Sighting).tsUtc };
}

/** Height and width both become larger, or both smaller. */
function isGrowing(samples: readonly Sighting[], now: number): boolean {
  const recent = since(samples, now - GROWTH_WINDOW_S);
  const half = recent.length >> 1;
  if (half === 0) return false;
  const [, , h1, w1] = middleOf(recent.slice(0, half));
  const [, , h2, w2] = middleOf(recent.slice(half));
  return Math.abs(common(Math.log(h2 / h1), Math.log(w2 / w1))) > GROWTH_SHARE;
}

type Shift = readonly [x: number, y: number];

/**
 * How far a box has gone as a whole, x and y: what its opposite edges have in common. Towards the camera or away from it
 * a box grows or shrinks to all sides at once; that counts as going down or up.
 */
function shiftOf(from: Box, to: Box): Shift {
  const [left, top, right, bottom] = to.map((edge, i) => edge - (from[i] as number)) as [
    number,
    number,
    number,
    number,
  ];
  const x = common(left, right);
  const y = common(top, bottom);
  const growth = common(common(-left, right), bottom - top);
  return Math.abs(growth) > Math.hypot(x, y) ? [0, growth] : [x, y];
}

function towards(from: Place, to: Place, atMost: number): Place {
  const step = (k: number) => {
    const way = (to[k] as number) - (from[k] as number);
    return (from[k] as number) + Math.sign(way) * Math.min(Math.abs(way), atMost);
  };
  return [step(0), step(1), step(2), step(3)];
}

function common(a: number, b: number): number {
  return a * b <= 0 ? 0 : Math.sign(a) * Math.min(Math.abs(a), Math.abs(b));
}

/** A jump as a whole: a part of the box that is hidden for a while does not change the place. */
function hasOtherPlace(stood: Box, box: Box, height: number): boolean {
  const [x, y] = shiftOf(stood, box);
  return Math.hypot(x, y) > Math.max(MOVED_PX, MOVED_SHARE * height);
}

/** The standing of a vehicle that is known from before. */
export function standingAt(box: Box, since: Pick<Standing, 'sinceUtc' | 'isSinceBirth' | 'isParked'>): Standing {
  const { sinceUtc, isSinceBirth, isParked } = since;
  return { isStanding: true, sinceUtc, isSinceBirth, isParked, anchor: placeOf({ tsUtc: sinceUtc, box }) };
}

/** The place of a standing vehicle as a box. */
export function standingBox({ anchor }: Standing): Box {
  return boxOf(anchor);
}

function boxOf([x, bottom, height, width]: Place): Box {
  return [x - width / 2, bottom - height, x + width / 2, bottom];
}

/** Centre x, lower edge, height and width of a box. */
type Place = readonly [x: number, y: number, h: number, w: number];

function middleOf(samples: readonly Sighting[]): Place {
  const x: number[] = [];
  const y: number[] = [];
  const h: number[] = [];
  const w: number[] = [];
  for (const { box } of samples) {
    x.push((box[0] + box[2]) / 2);
    y.push(box[3]);
    h.push(box[3] - box[1]);
    w.push(box[2] - box[0]);
  }
  return [median(x), median(y), median(h), median(w)];
}

/** Whether a standing vehicle has become a parked one. */
export function isParkedNow(standing: Standing, now: number, isInZone: boolean, rules: ParkingRules): boolean {
  if (!standing.isStanding) return false;
  const stood = now - standing.sinceUtc;
  if (isInZone) return stood >= rules.parkedAfterInZoneS;
  return stood >= (standing.isSinceBirth ? rules.parkedAfterSinceBirthS : rules.parkedAfterS);
}

function hasLeftBirthplace(samples: readonly Sighting[], place: readonly number[]): boolean {
  const birth = placeOf(samples[Math.min(2, samples.length - 1)] as Sighting);
  const limit = Math.max(2 * MOVED_PX, 0.5 * birth[2]);
  return Math.hypot((place[0] as number) - birth[0], (place[1] as number) - birth[1]) > limit;
}

function placeOf({ box }: Sighting): Place {
  return [(box[0] + box[2]) / 2, box[3], box[3] - box[1], box[2] - box[0]];
}

/** The newest `count`, when so long lies between all of them that no window holds enough. */
function rarely(samples: readonly Sighting[], count: number): readonly Sighting[] | null {
  if (samples.length < count) return null;
  for (let i = samples.length - 1; i > samples.length - count; i--) {
    if ((samples[i] as Sighting).tsUtc - (samples[i - 1] as Sighting).tsUtc <= RARE_S) return null;
  }
  return samples.slice(-count);
}

/** As if it had gone evenly from the first of two sightings to the second: a jump cannot be told from a way then. */
function asParts(two: readonly Sighting[]): readonly Sighting[] {
  const [from, to] = two as [Sighting, Sighting];
  return Array.from({ length: PARTS }, (_, k) => {
    const share = k / (PARTS - 1);
    const at = (i: 0 | 1 | 2 | 3) => from.box[i] + share * (to.box[i] - from.box[i]);
    return { tsUtc: from.tsUtc + share * (to.tsUtc - from.tsUtc), box: [at(0), at(1), at(2), at(3)] };
  });
}

function since(samples: readonly Sighting[], from: number): Sighting[] {
  let first = samples.length - 1;
  while (first > 0 && (samples[first - 1] as Sighting).tsUtc >= from) first--;
  return samples.slice(first);
}
