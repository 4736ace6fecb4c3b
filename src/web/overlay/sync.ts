/**
 * Which metadata belongs to the frame on screen. Pure: times come in, nothing is read from the page. Fed by the live
 * socket, asked once per displayed frame by overlay.ts.
 *
 * The first tier that hits wins, frame by frame (docs/wire.md):
 *   1  the RTP timestamp itself, which hub and browser pass on unchanged
 *   2  the moment of capture that the browser derives from the hub's sender reports
 *   3  the RTP timestamp minus a constant that is found from the arrival times (rtp-offset.ts)
 *   4  the programme date time of HLS
 *   5  the newest metadata that is not from the future, labelled unsynced
 */
import type { TrackView } from '../../domain/types.ts';
import type { LiveFrame } from '../../rpc/live.ts';
import { aheadTracks } from './ahead.ts';
import { betweenTracks } from './between.ts';
import { type Around, type Arrival, FrameHistory } from './frame-history.ts';
import { RtpOffset } from './rtp-offset.ts';

export type Tier = 1 | 2 | 3 | 4 | 5;
/**
 * `exact`: its own metadata by its own timestamp (tier 1). `near`: the analysed frame closest to its moment, less than
 * half a frame away (tiers 2–4). `between`: placed between two analysed frames. `ahead`: the metadata is not there
 * yet, the last boxes were carried on by their motion. `latest`: the newest there is. `none`: nothing fresh.
 */
export type MatchKind = 'exact' | 'near' | 'between' | 'ahead' | 'latest' | 'none';

/** What is known of a displayed frame. */
export interface ShownFrame {
  /** uint32; undefined where the browser or the transport gives none (HLS). */
  readonly rtp: number | undefined;
  /** When its last packet arrived, UTC ms by the server's clock; undefined where unknown. */
  readonly receivedUtcMs?: number | undefined;
  /** What was added to the browser's clock to get there, ms: a better ping may change it at any time. */
  readonly clockOffsetMs?: number;
  /** By the browser's reading of the sender reports, UTC s. */
  readonly reportedUtc?: number | undefined;
  /** By the programme date time of its HLS segment, UTC s. */
  readonly programUtc?: number | undefined;
}

export interface Match {
  readonly tier: Tier;
  readonly kind: MatchKind;
  /** The analysed frame it rests on; null when there is nothing fresh enough to draw. */
  readonly frame: LiveFrame | null;
  readonly tracks: readonly TrackView[];
  /** When the frame on screen was captured, UTC seconds, as exactly as the tier is; null while nothing is known of it. */
  readonly capturedUtc: number | null;
  /** When the last piece of metadata this match needed arrived; null where it is not there yet. */
  readonly arrivedMs: number | null;
  /** How far the moment of the frame on screen lies from that of the metadata drawn, by this tier's own reckoning, ms. */
  readonly residualMs: number | null;
}

export interface SyncOptions {
  readonly capacity?: number;
  /** Tiers below are not tried: to see what the others do (`?tier=` of the page), and to test them. */
  readonly firstTier?: Tier;
}

/** Two analysed frames further apart than this say nothing about what happened between them. */
const MAX_GAP_MS = 500;
/** Boxes are carried on by their motion for no longer than this. */
const MAX_AHEAD_MS = 400;
/** Noise of the boxes against what braking changes: chosen on the demo, whose boxes were moved by 0, 1 and 2 px at random. */
const MOTION_S = 0.3;
/** Metadata older than this is not drawn at all: a box where no car is, is worse than no box. */
const STALE_MS = 2_000;
/** Timestamps of one clock lie at most so far apart; else they are of another clock. */
const SAME_CLOCK_MS = 10_000;
const TIMED_TIERS = [1, 2, 3, 4] as const;
const NOTHING: Match = {
  tier: 5,
  kind: 'none',
  frame: null,
  tracks: [],
  capturedUtc: null,
  arrivedMs: null,
  residualMs: null,
};

export class OverlaySync {
  /** Added to the moment of a frame on tiers 2–4, ms: what a person set by eye. */
  manualOffsetMs = 0;
  private readonly history: FrameHistory;
  private readonly offset = new RtpOffset();
  private readonly firstTier: Tier;

  constructor({ capacity, firstTier = 1 }: SyncOptions = {}) {
    this.history = new FrameHistory(capacity);
    this.firstTier = firstTier;
  }

  /** Metadata in memory. */
  get size(): number {
    return this.history.size;
  }

  add(frame: LiveFrame, nowMs: number): void {
    const { epoch } = this.history;
    this.history.add(frame, nowMs);
    if (frame.epoch !== this.history.epoch) return; // of a past session
    if (frame.epoch !== epoch) this.offset.resetAnalysed();
    this.offset.addAnalysed(frame.rtp, frame.stages.received / 1_000);
  }

  /** @param frameMs how long a frame of the video lasts */
  pick(shown: ShownFrame, nowMs: number, frameMs = 33): Match {
    this.history.forgetPast(nowMs);
    if (shown.rtp !== undefined && shown.receivedUtcMs !== undefined)
      this.offset.addShown(shown.rtp, shown.receivedUtcMs, shown.clockOffsetMs);
    for (const tier of TIMED_TIERS) {
      const match = tier < this.firstTier ? null : this.onTier(tier, shown, frameMs);
      if (match) return match;
    }
    return this.latest(nowMs);
  }

  /** A new player session: what was shown before says nothing about it. */
  resetShown(): void {
    this.offset.resetShown();
  }

  private onTier(tier: Tier, shown: ShownFrame, frameMs: number): Match | null {
    const manualS = this.manualOffsetMs / 1_000;
    switch (tier) {
      case 1:
        return shown.rtp === undefined ? null : this.byOwnTimestamp(shown.rtp);
      case 2:
        return shown.reportedUtc === undefined ? null : this.byMoment(tier, shown.reportedUtc + manualS, frameMs);
      case 3: {
        const rtp = shown.rtp === undefined ? null : this.offset.toAnalysed(shown.rtp);
        if (rtp === null) return null;
        const moved = (rtp + Math.round(this.manualOffsetMs * 90)) >>> 0;
        return this.place(tier, this.history.aroundRtp(moved), frameMs / 2);
      }
      default:
        return shown.programUtc === undefined ? null : this.byMoment(tier, shown.programUtc + manualS, frameMs);
    }
  }

  private byOwnTimestamp(rtp: number): Match | null {
    const own = this.history.withRtp(rtp);
    if (!own) return this.place(1, this.history.aroundRtp(rtp), 0);
    const { frame, arrivedMs } = own;
    const capturedUtc = frame.ts_utc;
    return { tier: 1, kind: 'exact', frame, tracks: frame.tracks, capturedUtc, arrivedMs, residualMs: 0 };
  }

  private byMoment(tier: Tier, utc: number, frameMs: number): Match | null {
    return this.place(tier, this.history.aroundUtc(utc), frameMs / 2);
  }

  /** @param nearMs an analysed frame this close is taken for the one on screen */
  private place(tier: Tier, around: Around, nearMs: number): Match | null {
    const { before, after, sinceBeforeMs, untilAfterMs } = around;
    const nearest = sinceBeforeMs <= untilAfterMs ? before : after;
    const residualMs = Math.min(sinceBeforeMs, untilAfterMs);
    if (nearest && residualMs < nearMs) {
      const { frame, arrivedMs } = nearest;
      const capturedUtc = frame.ts_utc + (nearest === before ? residualMs : -residualMs) / 1_000;
      return { tier, kind: 'near', frame, tracks: frame.tracks, capturedUtc, arrivedMs, residualMs };
    }
    if (!before) return null;
    return (after && between(tier, before, after, around)) ?? this.ahead(tier, before, sinceBeforeMs);
  }

  /** The metadata of the frame on screen is not there yet, or nothing near it was analysed. */
  private ahead(tier: Tier, last: Arrival, sinceMs: number): Match | null {
    if (sinceMs > SAME_CLOCK_MS) return null;
    const { frame } = last;
    const capturedUtc = frame.ts_utc + sinceMs / 1_000;
    const frames = this.history.upTo(last, MOTION_S);
    const previous = frames.at(-2);
    const stepMs = previous ? (frame.ts_utc - previous.ts_utc) * 1_000 : 0;
    const isAhead = previous !== undefined && stepMs > 0 && stepMs <= MAX_GAP_MS && sinceMs <= MAX_AHEAD_MS;
    const drawn = { frame, capturedUtc, arrivedMs: null, residualMs: sinceMs };
    if (isAhead) {
      const tracks = aheadTracks(frames, sinceMs / 1_000);
      return { ...drawn, tier, kind: 'ahead', tracks };
    }
    return sinceMs > STALE_MS ? null : { ...drawn, tier: 5, kind: 'latest', tracks: frame.tracks };
  }

  private latest(nowMs: number): Match {
    const newest = this.history.newest;
    if (!newest || nowMs - newest.arrivedMs > STALE_MS) return NOTHING;
    const { frame } = newest;
    const capturedUtc = frame.ts_utc;
    return { tier: 5, kind: 'latest', frame, tracks: frame.tracks, capturedUtc, arrivedMs: null, residualMs: null };
  }
}

function between(tier: Tier, before: Arrival, after: Arrival, { sinceBeforeMs, untilAfterMs }: Around): Match | null {
  const gapMs = sinceBeforeMs + untilAfterMs;
  if (gapMs > MAX_GAP_MS) return null;
  return {
    tier,
    kind: 'between',
    frame: before.frame,
    tracks: betweenTracks(before.frame.tracks, after.frame.tracks, sinceBeforeMs / gapMs),
    capturedUtc: before.frame.ts_utc + sinceBeforeMs / 1_000,
    arrivedMs: after.arrivedMs,
    residualMs: Math.min(sinceBeforeMs, untilAfterMs),
  };
}
