/** What the overlay tells the page twice a second. Types only. */
import type { HopFigure } from './staleness.ts';
import type { Tier } from './sync.ts';

export interface OverlayFigures {
  /** Most of the last second's frames were matched on it. */
  readonly tier: Tier;
  /** Of the last 300 displayed frames, 0 … 1: see SyncScore. */
  readonly exactShare: number;
  readonly syncedShare: number;
  readonly aheadShare: number;
  /** Between the moments of frame and metadata, ms; null while nothing is known of the frames' time. */
  readonly residualP95Ms: number | null;
  readonly frameMs: number;
  /** false: nothing fresh enough to draw has come from the analyzer. */
  readonly hasMetadata: boolean;
  /** Frames shown per second. */
  readonly shownFps: number;
  /** Frames presented without being painted on, since the session began. */
  readonly missedFrames: number;
  /** Capture → painted, milliseconds; null while the clock or the frame is unknown. */
  readonly lagMs: number | null;
  /** Metadata arrival − frame arrival, ms; null on HLS. */
  readonly metadataLateP50Ms: number | null;
  readonly metadataLateP95Ms: number | null;
  /** What the receiver is asked to hold a frame for, ms. */
  readonly bufferTargetMs: number;
  /** Camera → screen; empty while no frame was drawn with its own metadata. */
  readonly chain: readonly HopFigure[];
}
