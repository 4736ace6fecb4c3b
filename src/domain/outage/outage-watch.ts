/**
 * Outages: times in which no frame was analysed, because camera, decoder, detector or the whole process was away. They
 * show as gaps between capture times and are the only thing that a missing vehicle may be excused with. Plain data and
 * pure functions; kept by site-analyzer.ts as part of its state.
 */
export interface Outage {
  /** Capture times of the last frame before and of the first after it, UTC seconds. */
  readonly fromUtc: number;
  readonly toUtc: number;
  /** Frames come so rarely: nothing is wrong, but as little is known of the time between. */
  readonly isUsual?: true;
}

export interface OutageWatch {
  /** Running mean of the time between frames, seconds; null before the second frame. */
  usualS: number | null;
  /** Oldest first. */
  recent: Outage[];
}

/** A gap shorter than this is dropped frames: tracker and judge bridge it by themselves. */
const LEAST_S = 0.6;
/** And so many times the usual interval, for cameras that send a frame now and then. */
const USUAL_TIMES = 3.5;
const USUAL_SHARE = 0.2;
/** Outages that somebody in view may still have lived through. */
const KEPT = 64;
/** Last seen so long before an outage, a vehicle was in view when it began; first seen so long after it, it was there. */
export const AT_EDGE_S = 1;
/** So long after an outage vehicles that are missing may still be found. */
const RETURN_S = 1.5;

export function newOutageWatch(): OutageWatch {
  return { usualS: null, recent: [] };
}

/** Takes the time of a frame; the outage that it ended, if it did and that is not the usual time between frames. @param lastUtc of the frame before, null = none */
export function noticeFrame(watch: OutageWatch, lastUtc: number | null, tsUtc: number): Outage | null {
  if (lastUtc === null) return null;
  const gap = tsUtc - lastUtc;
  const { usualS } = watch;
  watch.usualS = usualS === null ? gap : usualS + USUAL_SHARE * (Math.min(gap, USUAL_TIMES * usualS) - usualS);
  if (gap <= LEAST_S) return null;
  const isUsual = usualS === null || gap <= USUAL_TIMES * usualS;
  const outage: Outage = { fromUtc: lastUtc, toUtc: tsUtc, ...(isUsual && { isUsual }) };
  watch.recent = [...watch.recent.slice(1 - KEPT), outage];
  return isUsual ? null : outage;
}

/**
 * The outages that a vehicle with this first and last sight lived through, was born after, or vanished in, and the usual
 * gaps that it lived through.
 */
export function outagesAround(watch: OutageWatch, firstUtc: number, lastUtc: number): Outage[] {
  const around = gapsAround(watch, firstUtc, lastUtc);
  return around.filter(({ isUsual, fromUtc, toUtc }) => !isUsual || (fromUtc >= firstUtc && toUtc <= lastUtc));
}

/** The same, and the usual gaps at both ends. */
export function gapsAround(watch: OutageWatch, firstUtc: number, lastUtc: number): Outage[] {
  return watch.recent.filter(({ fromUtc, toUtc }) => toUtc >= firstUtc - AT_EDGE_S && fromUtc <= lastUtc + AT_EDGE_S);
}

/** The outage in which a vehicle seen last at `lastUtc` went out of sight. */
export function vanishedIn(watch: OutageWatch, lastUtc: number): Outage | null {
  return watch.recent.find((o) => !o.isUsual && lastUtc >= o.fromUtc - AT_EDGE_S && lastUtc <= o.fromUtc) ?? null;
}

/** The outage right after which a vehicle was seen first. */
export function bornAfter(watch: OutageWatch, firstUtc: number): Outage | null {
  return watch.recent.findLast((o) => !o.isUsual && firstUtc >= o.toUtc && firstUtc <= o.toUtc + AT_EDGE_S) ?? null;
}

/** Whether who vanished in an outage may still come back into sight. */
export function mayReturn(watch: OutageWatch, lastUtc: number, nowUtc: number): boolean {
  const last = watch.recent.findLast(({ isUsual }) => !isUsual);
  return last !== undefined && nowUtc <= last.toUtc + RETURN_S && vanishedIn(watch, lastUtc) !== null;
}
