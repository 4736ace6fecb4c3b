/** What `stopsign sim score` says of a run: passes, and where given detections and tracks, all against the truth. Pure. */
import type { DomainEvent, PassEvent } from '../../domain/types.ts';
import type { Truth } from '../truth-file.ts';
import { type MatchOptions, matchPasses } from './match-passes.ts';
import { type BoxScore, scoreBoxes, type TimedDetections } from './score-boxes.ts';
import { type IdScore, idsFromEvents, idsFromTracks, type TimedTracks } from './score-ids.ts';
import { type PassScore, scorePasses } from './score-passes.ts';

export interface Score {
  readonly scenario: string;
  /** UTC of the clip's second 0, as given or found. */
  readonly start_utc: number;
  readonly units: 'km/h' | 'mph';
  readonly passes: PassScore;
  readonly ids: IdScore;
  /** null without detections. */
  readonly boxes: BoxScore | null;
}

export interface ToScore extends Partial<MatchOptions> {
  readonly events: readonly DomainEvent[];
  readonly detections?: readonly TimedDetections[];
  /** Of detections that count, 0 … 1; 0.25 unless told. */
  readonly minScore?: number;
  readonly tracks?: readonly TimedTracks[];
}

export function score(truth: Truth, run: ToScore): Score {
  const passes = run.events.filter((event): event is PassEvent => event.type === 'pass');
  const recorded = run.recorded ?? span(run.detections ?? run.tracks);
  const matches = matchPasses(truth.header, truth.passes, passes, { startUtc: run.startUtc ?? null, recorded });
  const { startUtc } = matches;
  return {
    scenario: truth.header.scenario,
    start_utc: startUtc,
    units: truth.header.units,
    passes: scorePasses(matches),
    ids: run.tracks ? idsFromTracks(truth, run.tracks, startUtc) : idsFromEvents(matches, run.events),
    boxes: run.detections ? scoreBoxes(truth, run.detections, startUtc, run.minScore ?? 0.25) : null,
  };
}

function span(frames: readonly { readonly tsUtc: number }[] | undefined): readonly [number, number] | null {
  const first = frames?.[0];
  const last = frames?.at(-1);
  return first && last ? [first.tsUtc, last.tsUtc] : null;
}
