/**
 * `window.__stopsign`: what the overlay is doing, for tests and for whoever opens the console. Read-only; the page
 * itself never reads it. Documented in docs/wire.md.
 */
import type { Box, TrackView } from '../../domain/types.ts';
import { percentile } from './percentile.ts';
import type { Match, MatchKind, Tier } from './sync.ts';
import type { SyncScore } from './sync-score.ts';

/** The true boxes drawn on the frame on screen, in the pixels of the metadata. */
export interface ShownTruth {
  /** Seconds of the clip. */
  readonly tS: number;
  readonly boxes: readonly { readonly id: string; readonly bbox: Box; readonly class: string | null }[];
}

export interface OverlayDebug {
  /** What most of the last second's frames were matched on, see docs/wire.md. */
  tier: Tier;
  /** How the last frame was matched. */
  kind: MatchKind;
  /** Of the last 300 displayed frames, 0 … 1: own metadata drawn. */
  exactShare: number;
  /** The same, counting frames placed between two analysed neighbours. */
  syncedShare: number;
  /** Displayed frames that were painted with metadata since the page was opened. */
  framesPainted: number;
  /** RTP timestamp of the frame on screen; null where the transport gives none. */
  lastRtp: number | null;
  /** RTP timestamp of the metadata drawn on it. */
  lastMetaRtp: number | null;
  /** `frame` of the metadata drawn. */
  lastFrame: number | null;
  /** The moment that the boxes drawn are of, UTC s: that of the metadata, or between two of them. */
  drawnUtc: number | null;
  boxes: readonly Pick<TrackView, 'id' | 'bbox' | 'class' | 'state' | 'is_parked'>[];
  /** The truth drawn on the frame on screen; null while it is off or not known. Boxes as in `boxes`. */
  truth: ShownTruth | null;
  /** Of the last 300 displayed frames: from the frame callback to the end of painting, ms. */
  paintP95Ms: number | null;
  bufferTargetMs: number;
  /** Browser's clock to the server's, ms; null before the first pong. */
  clockOffsetMs: number | null;
}

declare global {
  interface Window {
    __stopsign?: { overlay: OverlayDebug };
  }
}

function createDebug(): OverlayDebug {
  return {
    tier: 5,
    kind: 'none',
    exactShare: 0,
    syncedShare: 0,
    framesPainted: 0,
    lastRtp: null,
    lastMetaRtp: null,
    lastFrame: null,
    drawnUtc: null,
    boxes: [],
    truth: null,
    paintP95Ms: null,
    bufferTargetMs: 0,
    clockOffsetMs: null,
  };
}

export interface Painted {
  readonly match: Match;
  readonly score: SyncScore;
  readonly rtp: number | undefined;
  readonly truth: ShownTruth | null;
  readonly paintMs: number;
  readonly bufferTargetMs: number;
  readonly clockOffsetMs: number | null;
}

const PAINT_WINDOW = 300;

/** Keeps the handle up to date; owned by overlay.ts. */
export class DebugHandle {
  private readonly overlay = createDebug();
  private readonly paintMs: number[] = [];

  constructor() {
    window.__stopsign = { overlay: this.overlay };
  }

  /** One displayed frame. */
  describe(painted: Painted): void {
    const { overlay, paintMs } = this;
    const { match, score } = painted;
    overlay.tier = score.tier;
    overlay.kind = match.kind;
    overlay.exactShare = score.exactShare;
    overlay.syncedShare = score.syncedShare;
    overlay.framesPainted += match.frame ? 1 : 0;
    overlay.lastRtp = painted.rtp ?? null;
    overlay.lastMetaRtp = match.frame?.rtp ?? null;
    overlay.lastFrame = match.frame?.frame ?? null;
    overlay.drawnUtc = match.kind === 'between' ? match.capturedUtc : (match.frame?.ts_utc ?? null);
    overlay.boxes = match.tracks;
    overlay.truth = painted.truth;
    overlay.bufferTargetMs = painted.bufferTargetMs;
    overlay.clockOffsetMs = painted.clockOffsetMs;
    paintMs.push(painted.paintMs);
    if (paintMs.length > PAINT_WINDOW) paintMs.shift();
    overlay.paintP95Ms = percentile(paintMs, 0.95);
  }
}
