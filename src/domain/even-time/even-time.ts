/**
 * The time that judgement runs on: capture time, but without the leaps that come from a clock that was set (the camera's or
 * the host's). Within a session RTP tells how much time really went by between two frames, so a leap against it is held back,
 * and whoever is in view ends in the time in which it began; the leap is let through once nobody is under way, or after HELD_S.
 * Across sessions there is only the arrival to compare with (adr/0024). Plain data, part of the analyzer's state. Pure.
 */
import type { Observation } from '../types.ts';

export interface EvenTime {
  /** Of the newest frame, as it came; null before the first that tells its media time. */
  last: { epoch: number; rtp: number; utc: number; receivedUtc: number } | null;
  /** By so much capture times are ahead of even time, seconds. */
  aheadS: number;
  /** Since when (even time, seconds) that is not 0; null while it is. */
  heldSince: number | null;
  /** The first frame of another session that lies in the past: a repeat, or a clock that was set back. */
  suspect: { utc: number; receivedUtc: number } | null;
  /**
   * Leaps that came close together, what of them is held back (seconds), and the frames without one since the last; absent: none.
   * A clock is set once; a camera whose RTP does not tick at 90 kHz leaps at every frame.
   */
  leaps?: { count: number; heldS: number; agreed: number } | undefined;
}

const TICKS_PER_S = 90_000;
/** A longer silence within a session says nothing of its timestamps any more. */
const LONGEST_GAP_S = 60;
/** Corrections that are worked in slowly make up to a tenth of the time between two frames. */
const LEAP_S = 0.05;
const LEAP_SHARE = 0.12;
/** Two sessions agree only as well as their frames' delays. */
const SESSION_LEAP_S = 1;
/** What a session begins with may be pictures of before; they come all at once and are not older than this. */
const OLDEST_REPEAT_S = 5;
/** Frames of the past that come at the pace of life for so long are no repeats. */
const SUSPECT_S = 0.4;
const PACE = 0.3;
/** A street that is never empty: then UTC is worth more than the pass under way. */
const HELD_S = 120;
const LEAST_STEP_S = 0.001;
/** So many leaps, with fewer frames without one between them, are no clock that was set: RTP is not believed. */
const LEAPS_OF_WRONG_TICKS = 3;
const FRAMES_TO_BELIEVE = 60;

export function newEvenTime(): EvenTime {
  return { last: null, aheadS: 0, heldSince: null, suspect: null };
}

/**
 * Takes the time of a frame. @param lastEven even time of the frame before, null = none
 * @returns its even time; not later than `lastEven` when it is to be ignored
 */
export function takeTime(time: EvenTime, { tsUtc, media }: Observation, lastEven: number | null): number {
  if (!media) return tsUtc - time.aheadS;
  const { last } = time;
  const now = { ...media, utc: tsUtc };
  if (!last || lastEven === null) {
    time.last = now;
    return tsUtc - time.aheadS;
  }
  const mediaS = media.epoch === last.epoch ? ((media.rtp - last.rtp) | 0) / TICKS_PER_S : Number.NaN;
  if (mediaS <= 0 && mediaS > -OLDEST_REPEAT_S) return lastEven;
  if (mediaS > 0 && mediaS <= LONGEST_GAP_S) {
    const leapS = tsUtc - last.utc - mediaS;
    if (Math.abs(leapS) > LEAP_S + LEAP_SHARE * mediaS) leap(time, leapS, lastEven);
    else if (time.leaps && ++time.leaps.agreed >= FRAMES_TO_BELIEVE) time.leaps = undefined;
  } else if (isOfThePast(time, now, lastEven)) return lastEven;
  time.suspect = null;
  time.last = now;
  return tsUtc - time.aheadS;
}

/** Whether the leap that is held back may be let through. @param isUnderWay whether somebody in view would be hurt by it */
export function isDue({ aheadS, heldSince }: EvenTime, evenUtc: number, isUnderWay: boolean): boolean {
  if (aheadS === 0 || heldSince === null) return false;
  return !isUnderWay || evenUtc - heldSince > HELD_S;
}

/** From here on even time is capture time. @returns the leap, seconds */
export function letThrough(time: EvenTime): number {
  const { aheadS } = time;
  time.aheadS = 0;
  time.heldSince = null;
  if (time.leaps) time.leaps.heldS = 0;
  return aheadS;
}

/** Within a session. From the third of a row on capture time is right and RTP is wrong: what was held back of the row is let go. */
function leap(time: EvenTime, leapS: number, lastEven: number): void {
  const { count, heldS } = time.leaps ?? { count: 0, heldS: 0 };
  const isOfTicks = count + 1 >= LEAPS_OF_WRONG_TICKS;
  time.leaps = { count: Math.min(count + 1, LEAPS_OF_WRONG_TICKS), heldS: isOfTicks ? 0 : heldS + leapS, agreed: 0 };
  if (!isOfTicks) hold(time, leapS, lastEven);
  else if (heldS !== 0) hold(time, -heldS, lastEven);
}

function hold(time: EvenTime, leapS: number, lastEven: number): void {
  time.aheadS += leapS;
  // Set there and back again: a remainder of some µs is no leap.
  if (Math.abs(time.aheadS) < LEAST_STEP_S) time.aheadS = 0;
  time.heldSince = time.aheadS === 0 ? null : (time.heldSince ?? lastEven);
}

/** The first frames of another session. @returns whether this one is (perhaps) a repeat, to be ignored */
function isOfThePast(time: EvenTime, now: NonNullable<EvenTime['last']>, lastEven: number): boolean {
  const last = time.last as NonNullable<EvenTime['last']>;
  const sinceS = now.receivedUtc - last.receivedUtc;
  const gapS = now.utc - time.aheadS - lastEven;
  if (gapS > 0) {
    // The host's clock may have been set back meanwhile: then arrival says nothing.
    if (sinceS > 0 && gapS - sinceS > SESSION_LEAP_S) hold(time, gapS - sinceS, lastEven);
    return false;
  }
  if (gapS > -OLDEST_REPEAT_S) {
    time.suspect ??= { utc: now.utc, receivedUtc: now.receivedUtc };
    const arrivedS = now.receivedUtc - time.suspect.receivedUtc;
    const capturedS = now.utc - time.suspect.utc;
    if (arrivedS < SUSPECT_S || Math.abs(capturedS - arrivedS) > PACE * arrivedS) return true;
  }
  const goesOnS = Math.min(Math.max(sinceS, SUSPECT_S), LONGEST_GAP_S);
  hold(time, gapS - goesOnS, lastEven);
  return false;
}
