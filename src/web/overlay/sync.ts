/**
 * Which metadata belongs to the frame on screen. Pure: times come in, nothing is read from the page. Fed by the live
 * socket, asked once per displayed frame by overlay.ts.
 *
 * Tiers as in docs/wire.md; the first that hits wins:
 *   1  the RTP timestamp itself, which hub and browser pass on unchanged ("exact"), or its place between two analysed
 *      frames when the analyzer skipped this one ("between")
 *   5  the newest metadata that is not from the future, labelled unsynced
 * Tiers 2–4 (sender report, calibrated offset, HLS programme date time) have their place in `pick`.
 */
import type { TrackView } from '../../domain/types.ts';
import type { LiveFrame } from '../../rpc/live.ts';
import { betweenTracks } from './between.ts';

export type Tier = 1 | 2 | 3 | 4 | 5;
export type MatchKind = 'exact' | 'between' | 'latest' | 'none';

export interface Match {
  readonly tier: Tier;
  readonly kind: MatchKind;
  /** The analysed frame it rests on; null when there is nothing fresh enough to draw. */
  readonly frame: LiveFrame | null;
  readonly tracks: readonly TrackView[];
  /** When the frame on screen was captured, UTC seconds, as exactly as the tier is; null while nothing is known of it. */
  readonly capturedUtc: number | null;
  /** When the last piece of metadata this match needed arrived; null on tier 5. */
  readonly arrivedMs: number | null;
}

interface Arrival {
  readonly frame: LiveFrame;
  readonly arrivedMs: number;
}

export const SHARE_WINDOW = 300;
/** RTP video clock, ticks per millisecond. */
const TICKS_PER_MS = 90;
/** Two analysed frames further apart than this say nothing about what happened between them. */
const MAX_GAP_TICKS = 500 * TICKS_PER_MS;
/** Metadata older than this is not drawn at all: a box where no car is, is worse than no box. */
const STALE_MS = 2_000;
/** Frames of the previous session may still wait in the jitter buffer for this long. */
const OLD_EPOCH_MS = 3_000;
const NOTHING: Match = { tier: 5, kind: 'none', frame: null, tracks: [], capturedUtc: null, arrivedMs: null };

export class OverlaySync {
  private readonly capacity: number;
  private readonly byRtp = new Map<number, Arrival>();
  /** Of the current epoch, in the order of arrival, which is the order of capture. */
  private arrivals: Arrival[] = [];
  private epoch = Number.NEGATIVE_INFINITY;
  private epochBeganMs = 0;
  private readonly kinds: MatchKind[] = [];

  constructor(capacity = 600) {
    this.capacity = capacity;
  }

  /** Metadata in memory. */
  get size(): number {
    return this.byRtp.size;
  }

  add(frame: LiveFrame, nowMs: number): void {
    if (frame.epoch < this.epoch) return;
    if (frame.epoch > this.epoch) this.beginEpoch(frame.epoch, nowMs);
    const arrival = { frame, arrivedMs: nowMs };
    // Re-inserting moves a repeated timestamp to the end, so that the oldest entry is always the first key.
    this.byRtp.delete(frame.rtp);
    this.byRtp.set(frame.rtp, arrival);
    this.arrivals.push(arrival);
    if (this.arrivals.length > this.capacity) this.arrivals.shift();
    for (const key of this.byRtp.keys()) {
      if (this.byRtp.size <= this.capacity) break;
      this.byRtp.delete(key);
    }
  }

  /** @param rtp of the displayed frame, uint32; undefined where the browser or the transport gives none (HLS) */
  pick(rtp: number | undefined, nowMs: number): Match {
    if (nowMs - this.epochBeganMs > OLD_EPOCH_MS) this.forgetOldEpochs();
    const match = (rtp === undefined ? null : this.byTimestamp(rtp)) ?? this.latest(rtp, nowMs);
    this.kinds.push(match.kind);
    if (this.kinds.length > SHARE_WINDOW) this.kinds.shift();
    return match;
  }

  /** Share of the last 300 displayed frames whose own metadata was drawn, 0 … 1. */
  get exactShare(): number {
    return this.share((kind) => kind === 'exact');
  }
  /** The same, counting frames placed between their two analysed neighbours. */
  get syncedShare(): number {
    return this.share((kind) => kind === 'exact' || kind === 'between');
  }
  /** What the last second or so mostly was, so that the label does not flicker. */
  get tier(): Tier {
    const recent = this.kinds.slice(-30);
    const synced = recent.filter((kind) => kind === 'exact' || kind === 'between').length;
    return recent.length > 0 && synced * 2 >= recent.length ? 1 : 5;
  }

  /** A new player session: what was shown before says nothing about it. */
  resetShare(): void {
    this.kinds.length = 0;
  }

  private share(counts: (kind: MatchKind) => boolean): number {
    return this.kinds.length === 0 ? 0 : this.kinds.filter(counts).length / this.kinds.length;
  }

  private beginEpoch(epoch: number, nowMs: number): void {
    this.forgetOldEpochs();
    this.epoch = epoch;
    this.epochBeganMs = nowMs;
    this.arrivals = [];
  }

  /** A camera may restart its timestamps at 0: old entries must not answer for new frames. */
  private forgetOldEpochs(): void {
    for (const [rtp, { frame }] of this.byRtp) {
      if (frame.epoch === this.epoch) return; // entries are in order of arrival
      this.byRtp.delete(rtp);
    }
  }

  private byTimestamp(rtp: number): Match | null {
    const own = this.byRtp.get(rtp);
    if (own) {
      const { frame, arrivedMs } = own;
      return { tier: 1, kind: 'exact', frame, tracks: frame.tracks, capturedUtc: frame.ts_utc, arrivedMs };
    }
    const [before, after] = this.neighbours(rtp);
    if (!before || !after) return null;
    const gap = ticks(after.frame.rtp, before.frame.rtp);
    if (gap > MAX_GAP_TICKS) return null;
    const at = ticks(rtp, before.frame.rtp) / gap;
    const tracks = betweenTracks(before.frame.tracks, after.frame.tracks, at);
    const capturedUtc = captured(before.frame, rtp);
    return { tier: 1, kind: 'between', frame: before.frame, tracks, capturedUtc, arrivedMs: after.arrivedMs };
  }

  private latest(rtp: number | undefined, nowMs: number): Match {
    const newest = this.arrivals.at(-1);
    if (!newest || nowMs - newest.arrivedMs > STALE_MS) return NOTHING;
    const before = rtp === undefined ? undefined : this.neighbours(rtp)[0]?.frame;
    // Timestamps that lie far apart are of another clock: then only the order of arrival is left.
    const isSameClock = before && rtp !== undefined && ticks(rtp, before.rtp) < STALE_MS * TICKS_PER_MS;
    const frame = isSameClock ? before : newest.frame;
    const capturedUtc = isSameClock ? captured(before, rtp) : frame.ts_utc;
    return { tier: 5, kind: 'latest', frame, tracks: frame.tracks, capturedUtc, arrivedMs: null };
  }

  private neighbours(rtp: number): [before: Arrival | undefined, after: Arrival | undefined] {
    let after: Arrival | undefined;
    for (let i = this.arrivals.length - 1; i >= 0; i--) {
      const arrival = this.arrivals[i];
      if (!arrival) break;
      if (ticks(arrival.frame.rtp, rtp) < 0) return [arrival, after];
      after = arrival;
    }
    return [undefined, after];
  }
}

/** When a frame of the same clock was captured. */
function captured(frame: LiveFrame, rtp: number): number {
  return frame.ts_utc + ticks(rtp, frame.rtp) / (1_000 * TICKS_PER_MS);
}

/** a − b on the 32-bit circle, in 90 kHz ticks. */
function ticks(a: number, b: number): number {
  return (a - b) | 0;
}
