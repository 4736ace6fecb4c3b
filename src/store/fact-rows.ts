/**
 * Facts sorted into the tables they belong to. An incident is told twice, when it begins and when it is resolved: the
 * later one counts. Pure; called by `insertBatch` only.
 */
import type { PassEvent, PassEvidence, PassSample, StopsignEvent } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import type { DetectionsRecord, Fact, SessionMetrics, TrackSummary } from '../rpc/records.ts';

/** One analysed frame as the table has it: `boxes` is x1, y1, x2, y2, score of each detection in turn. */
export interface FrameRow extends Omit<DetectionsRecord, 'detections' | 'stages'> {
  readonly boxes: readonly number[];
  readonly classes: readonly string[];
}

export interface FactRows {
  readonly cameras: { name: string; first: number; last: number }[];
  readonly frames: FrameRow[];
  readonly tracks: TrackSummary[];
  readonly events: { body: StopsignEvent }[];
  readonly passes: {
    body: PassEvent;
    samples: readonly PassSample[] | null;
    evidence: PassEvidence | null;
  }[];
  readonly metrics: SessionMetrics[];
}

/**
 * @param soonUtc no true time is beyond it: a camera whose clock was ahead must not have the last word on its vehicles
 * @throws StopsignError BAD_INPUT when a fact is of no kind that is known, or lacks what its kind must have
 */
export function factRows(facts: readonly Fact[], soonUtc = Number.POSITIVE_INFINITY): FactRows {
  const frames: FrameRow[] = [];
  const tracks = new Map<string, TrackSummary>();
  const events = new Map<string, { body: StopsignEvent }>();
  const passes: FactRows['passes'] = [];
  const metrics: SessionMetrics[] = [];
  try {
    for (const fact of facts) {
      if (fact.kind === 'frame') frames.push(frameRow(fact.record));
      else if (fact.kind === 'track') keepLatest(tracks, fact.track, soonUtc);
      else if (fact.kind === 'metrics') metrics.push(fact.metrics);
      else if (fact.kind !== 'event') throw new TypeError(`"${(fact as { kind: unknown }).kind}" is no kind of fact`);
      else if (fact.event.type === 'pass') {
        passes.push({ body: fact.event, samples: fact.samples ?? null, evidence: fact.evidence ?? null });
      } else events.set(fact.event.id, { body: laterTelling(events.get(fact.event.id)?.body, fact.event) });
    }
  } catch (cause) {
    throw new StopsignError('BAD_INPUT', `A fact cannot be stored: ${(cause as Error).message}.`, { cause });
  }
  return {
    cameras: camerasOf(frames),
    frames,
    tracks: [...tracks.values()],
    events: [...events.values()],
    passes,
    metrics,
  };
}

function frameRow(record: DetectionsRecord): FrameRow {
  const { camera, frame, epoch, rtp, captureTsUs, width, height, detections } = record;
  const boxes = detections.flatMap(({ bbox, score }) => [...bbox, score]);
  return { camera, frame, epoch, rtp, captureTsUs, width, height, boxes, classes: detections.map((d) => d.class) };
}

/** One statement may touch a row once only, so of each track the newest summary is sent. */
function keepLatest(tracks: Map<string, TrackSummary>, track: TrackSummary, soonUtc: number): void {
  const key = `${track.camera}/${track.trackId}`;
  const known = tracks.get(key);
  tracks.set(key, known ? newerTrack(known, track, soonUtc) : track);
}

/**
 * Of two summaries of a track the later one; at the same moment the one that tells of its end, or that counted more
 * frames. A later one may take the end back: a vehicle that stood when a process ended goes on under its number in the
 * next one. One of a time that cannot have been yet is older than all others. The order in which they come does not matter.
 */
export function newerTrack(a: TrackSummary, b: TrackSummary, soonUtc = Number.POSITIVE_INFINITY): TrackSummary {
  const isPossible = (track: TrackSummary): number => Number(track.lastUtc <= soonUtc);
  const difference =
    isPossible(b) - isPossible(a) || b.lastUtc - a.lastUtc || Number(b.ended) - Number(a.ended) || b.frames - a.frames;
  return difference >= 0 ? b : a;
}

/** What is resolved does not open again, whichever word comes last. */
function laterTelling(known: StopsignEvent | undefined, told: StopsignEvent): StopsignEvent {
  const isResolved = (event: StopsignEvent) =>
    event.type === 'incident' && (event.detail['resolvedUtc'] ?? null) !== null;
  return known && isResolved(known) && !isResolved(told) ? known : told;
}

function camerasOf(frames: readonly FrameRow[]): FactRows['cameras'] {
  const cameras = new Map<string, { name: string; first: number; last: number }>();
  for (const { camera, captureTsUs } of frames) {
    const utc = captureTsUs / 1e6;
    const known = cameras.get(camera);
    if (!known) cameras.set(camera, { name: camera, first: utc, last: utc });
    else {
      known.first = Math.min(known.first, utc);
      known.last = Math.max(known.last, utc);
    }
  }
  return [...cameras.values()];
}
