/**
 * `window.__stopsign`: what the overlay is doing, for tests and for whoever opens the console. Read-only; the page
 * itself never reads it. Documented in docs/wire.md.
 */
import type { Box, TrackView } from '../../domain/types.ts';
import type { MatchKind, Tier } from './sync.ts';

export interface OverlayDebug {
  /** 1 when most of the last second was frame-exact, 5 when unsynced. */
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
  boxes: readonly Pick<TrackView, 'id' | 'bbox' | 'class' | 'state' | 'is_parked'>[];
  /** The truth drawn on the frame on screen; null while it is off or not known. Boxes as in `boxes`. */
  truth: {
    /** Seconds of the clip. */
    readonly tS: number;
    readonly boxes: readonly { readonly id: string; readonly bbox: Box; readonly class: string | null }[];
  } | null;
  bufferTargetMs: number;
  /** Browser's clock to the server's, ms; null before the first pong. */
  clockOffsetMs: number | null;
}

declare global {
  interface Window {
    __stopsign?: { overlay: OverlayDebug };
  }
}

export function publishDebug(overlay: OverlayDebug): void {
  window.__stopsign = { overlay };
}
