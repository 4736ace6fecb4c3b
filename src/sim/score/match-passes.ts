/**
 * Which judged pass is which true one: by when they were in the zone. A looping clip's passes are repeated lap after
 * lap, and the clip's second 0 is looked for when it is not told. Pure.
 */
import type { PassEvent } from '../../domain/types.ts';
import type { ExpectedPass } from '../expected-pass.ts';
import type { TruthHeader } from '../truth-file.ts';

/** A true pass at a certain time. */
export interface PlayedPass {
  readonly truth: ExpectedPass;
  readonly lap: number;
  readonly enteredUtc: number;
  readonly exitedUtc: number;
  /** It was in the picture as a whole, so it has to be found. */
  readonly isWhole: boolean;
}

export interface PassMatches {
  /** UTC of the clip's second 0. */
  readonly startUtc: number;
  readonly found: readonly { readonly played: PlayedPass; readonly event: PassEvent }[];
  readonly missed: readonly PlayedPass[];
  readonly invented: readonly PassEvent[];
}

/** They must have been in the zone together for at least this share of both times. */
const LEAST_OVERLAP = 0.35;
const SAME_MOMENT_S = 0.4;

export interface MatchOptions {
  /** UTC of the clip's second 0; null: find it. */
  readonly startUtc: number | null;
  /** What was recorded, UTC; the true passes outside are not missed. null: from the first to the last event. */
  readonly recorded: readonly [number, number] | null;
}

export function matchPasses(
  header: TruthHeader,
  passes: readonly ExpectedPass[],
  events: readonly PassEvent[],
  options: MatchOptions,
): PassMatches {
  const startUtc = firstLapSeen(header, events, options.startUtc ?? findStart(header, passes, events));
  const played = playedPasses(header, passes, events, startUtc, options.recorded);
  const pairs = played
    .flatMap((pass) => events.map((event) => ({ pass, event, overlap: overlap(pass, event) })))
    .filter(({ overlap: share }) => share >= LEAST_OVERLAP)
    .sort((a, b) => b.overlap - a.overlap);
  const takenPasses = new Set<PlayedPass>();
  const takenEvents = new Set<PassEvent>();
  const found: { played: PlayedPass; event: PassEvent }[] = [];
  for (const { pass, event } of pairs) {
    if (takenPasses.has(pass) || takenEvents.has(event)) continue;
    takenPasses.add(pass);
    takenEvents.add(event);
    found.push({ played: pass, event });
  }
  found.sort((a, b) => a.played.enteredUtc - b.played.enteredUtc);
  return {
    startUtc,
    found,
    missed: played.filter((pass) => pass.isWhole && !takenPasses.has(pass)),
    invented: events.filter((event) => !takenEvents.has(event)),
  };
}

/** Any lap of a looping clip can be named as its start: the one in which the first event fell is meant. */
function firstLapSeen({ loop, duration_s }: TruthHeader, events: readonly PassEvent[], startUtc: number): number {
  if (!loop || events.length === 0) return startUtc;
  const laps = Math.floor((Math.min(...events.map((event) => event.entered_utc)) - startUtc) / duration_s);
  return startUtc + Math.max(0, laps) * duration_s;
}

function playedPasses(
  { loop, duration_s }: TruthHeader,
  passes: readonly ExpectedPass[],
  events: readonly PassEvent[],
  startUtc: number,
  recorded: readonly [number, number] | null,
): PlayedPass[] {
  const first = recorded?.[0] ?? Math.min(startUtc, ...events.map((e) => e.entered_utc));
  const last = recorded?.[1] ?? Math.max(loop ? startUtc : startUtc + duration_s, ...events.map((e) => e.exited_utc));
  const firstLap = loop ? Math.floor((first - startUtc) / duration_s) - 1 : 0;
  const lastLap = loop ? Math.max(0, Math.ceil((last - startUtc) / duration_s)) : 0;
  const played: PlayedPass[] = [];
  for (let lap = firstLap; lap <= lastLap; lap++) {
    for (const truth of passes) {
      const enteredUtc = startUtc + lap * duration_s + truth.entered_s;
      const exitedUtc = startUtc + lap * duration_s + truth.exited_s;
      if (loop && (exitedUtc < first || enteredUtc > last)) continue;
      const isWhole =
        truth.complete && (!loop || (enteredUtc > first + SAME_MOMENT_S && exitedUtc < last - SAME_MOMENT_S));
      played.push({ truth, lap, enteredUtc, exitedUtc, isWhole });
    }
  }
  return played;
}

/** Intersection over union of the times in the zone. */
function overlap(pass: PlayedPass, event: PassEvent): number {
  const both = Math.min(pass.exitedUtc, event.exited_utc) - Math.max(pass.enteredUtc, event.entered_utc);
  const any = Math.max(pass.exitedUtc, event.exited_utc) - Math.min(pass.enteredUtc, event.entered_utc);
  return any > 0 ? Math.max(0, both) / any : 0;
}

/** The start for which most entries fall together; 0 when nothing speaks for another. */
function findStart(header: TruthHeader, passes: readonly ExpectedPass[], events: readonly PassEvent[]): number {
  const { loop, duration_s } = header;
  const wrap = (t: number) => (loop ? t - Math.floor(t / duration_s) * duration_s : t);
  const hits = (start: number) => {
    const misses: number[] = [];
    for (const event of events) {
      let nearest = Number.POSITIVE_INFINITY;
      for (const pass of passes) {
        const entry = loop
          ? wrap(event.entered_utc - start - pass.entered_s + duration_s / 2) - duration_s / 2
          : event.entered_utc - start - pass.entered_s;
        const stay = event.exited_utc - event.entered_utc - (pass.exited_s - pass.entered_s);
        if (Math.abs(entry) < Math.abs(nearest) && Math.abs(stay) < 1) nearest = entry;
      }
      if (Math.abs(nearest) <= SAME_MOMENT_S) misses.push(nearest);
    }
    return misses;
  };
  const anchor = events.find((event) => event.entered_utc > 0)?.entered_utc ?? 0;
  const base = loop ? Math.floor(anchor / duration_s) * duration_s : 0;
  let best = { start: 0, misses: hits(0) };
  for (const event of events) {
    for (const pass of passes) {
      const start = loop ? base + wrap(event.entered_utc - pass.entered_s) : event.entered_utc - pass.entered_s;
      const misses = hits(start);
      if (misses.length > best.misses.length) best = { start, misses };
    }
  }
  if (best.start === 0) return 0;
  const sorted = [...best.misses].sort((a, b) => a - b);
  return best.start + (sorted[sorted.length >> 1] ?? 0);
}
