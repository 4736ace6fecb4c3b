/**
 * The canvas over the video. One callback per displayed frame: match it, paint it, count it; everything slower than
 * that (figures for the page, the painted sample for the server) goes out at its own pace. Owned by parts/stage.tsx.
 */
import type { SpeedUnit } from '../../domain/types.ts';
import type { LiveFrame, LiveZones } from '../../rpc/live.ts';
import { BufferTarget } from '../player/buffer-target.ts';
import type { TruthClip } from '../truth/truth-clip.ts';
import { DebugHandle } from './debug-handle.ts';
import type { OverlayFigures } from './figures.ts';
import { FramePace } from './frame-pace.ts';
import type { Size } from './geometry.ts';
import { LateMetadata } from './late-metadata.ts';
import type { Layers } from './layers.ts';
import { Scene } from './scene.ts';
import { Staleness } from './staleness.ts';
import { type Match, OverlaySync, type ShownFrame, type Tier } from './sync.ts';
import { SyncScore } from './sync-score.ts';

export interface OverlayOptions {
  readonly video: HTMLVideoElement;
  readonly canvas: HTMLCanvasElement;
  readonly layers: () => Layers;
  /** null: not known or not wanted. */
  readonly truth: () => TruthClip | null;
  /** Of the speeds in the truth's labels. */
  readonly units: SpeedUnit;
  /** Server − browser, ms; null while unknown. */
  readonly clockOffsetMs: () => number | null;
  /** When a moment of the media was captured by the stream's own word (HLS), UTC s; null where it says nothing. */
  readonly programUtc: (mediaS: number) => number | null;
  /** Of the sync: tiers before it are not tried. */
  readonly firstTier?: Tier;
  readonly onShown: () => void;
  readonly onFigures: (figures: OverlayFigures) => void;
  /** Once a second: `frame` was on screen at `atMs` (server's UTC, ms). */
  readonly onPainted: (frame: number, atMs: number) => void;
}

const FIGURES_MS = 500;
const PAINTED_MS = 1_000;

export class Overlay {
  readonly buffer = new BufferTarget();
  private readonly options: OverlayOptions;
  private readonly sync: OverlaySync;
  private readonly score = new SyncScore();
  private readonly pace = new FramePace();
  private readonly staleness = new Staleness();
  private readonly late = new LateMetadata((lateMs) => this.buffer.add(lateMs, this.pace.frameMs));
  private readonly scene: Scene;
  private readonly observer: ResizeObserver;
  private readonly debug = new DebugHandle();
  private lagMs: number | null = null;
  private figuresDueMs = 0;
  private paintedDueMs = 0;
  private handle = 0;
  private isClosed = false;

  constructor(options: OverlayOptions) {
    const { firstTier = 1 } = options;
    this.options = options;
    this.sync = new OverlaySync({ firstTier });
    this.scene = new Scene(options);
    this.observer = new ResizeObserver(() => this.scene.fitCanvas());
    this.observer.observe(options.canvas);
    this.next();
  }

  setZones(zones: LiveZones, scaled: Size): void {
    this.scene.setZones(zones, scaled);
  }
  /** What a person set by eye for tiers 2–4, ms: positive draws later metadata. */
  setManualOffset(ms: number): void {
    this.sync.manualOffsetMs = ms;
  }

  add(frame: LiveFrame): void {
    const nowMs = performance.now();
    this.sync.add(frame, nowMs);
    this.scene.metadata(frame);
    this.late.metadata(frame.rtp, nowMs);
  }

  /** Layers, size or zones changed while the picture may stand still. */
  repaint(): void {
    this.scene.paint();
  }

  /** A new player session starts: its frames are counted afresh. */
  resetShare(): void {
    this.sync.resetShown();
    this.score.reset();
    this.pace.reset();
    this.late.reset();
    this.staleness.reset();
    this.lagMs = null;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.observer.disconnect();
    if ('cancelVideoFrameCallback' in this.options.video) this.options.video.cancelVideoFrameCallback(this.handle);
    else cancelAnimationFrame(this.handle);
  }

  private next(): void {
    if (this.isClosed) return;
    const { video } = this.options;
    if ('requestVideoFrameCallback' in video) {
      this.handle = video.requestVideoFrameCallback((nowMs, metadata) => this.onFrame(nowMs, metadata));
    } else {
      // Without frame callbacks only the stream's own time and "latest" are left; the display's pace has to do.
      this.handle = requestAnimationFrame((nowMs) => this.onFrame(nowMs, null));
    }
  }

  private onFrame(nowMs: number, metadata: VideoFrameCallbackMetadata | null): void {
    const startMs = performance.now();
    this.next();
    if (this.options.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.pace.add(nowMs, metadata);
    const shown = this.shownFrame(metadata);
    const match = this.sync.pick(shown, nowMs, this.pace.frameMs);
    this.score.add(match);
    this.scene.show(match);
    const { rtpTimestamp, receiveTime } = metadata ?? {};
    if (rtpTimestamp !== undefined && receiveTime !== undefined) {
      this.late.shown(rtpTimestamp, receiveTime, match.arrivedMs);
    }
    this.options.onShown();
    this.report(match, nowMs);
    this.debug.describe({
      match,
      score: this.score,
      rtp: shown.rtp,
      truth: this.scene.truth,
      paintMs: performance.now() - startMs,
      bufferTargetMs: this.buffer.targetMs,
      clockOffsetMs: this.options.clockOffsetMs(),
    });
  }

  private shownFrame(metadata: VideoFrameCallbackMetadata | null): ShownFrame {
    const offset = this.options.clockOffsetMs();
    const toUtcMs = (performanceMs: number | undefined) => {
      return performanceMs === undefined || offset === null
        ? undefined
        : performance.timeOrigin + performanceMs + offset;
    };
    const reportedUtcMs = toUtcMs(metadata?.captureTime);
    return {
      rtp: metadata?.rtpTimestamp,
      receivedUtcMs: toUtcMs(metadata?.receiveTime),
      clockOffsetMs: offset ?? 0,
      reportedUtc: reportedUtcMs === undefined ? undefined : reportedUtcMs / 1_000,
      programUtc: this.options.programUtc(metadata?.mediaTime ?? this.options.video.currentTime) ?? undefined,
    };
  }

  private report({ kind, frame, arrivedMs, capturedUtc }: Match, nowMs: number): void {
    const offset = this.options.clockOffsetMs();
    const isOwn = kind === 'exact' || kind === 'near';
    if (isOwn && frame && capturedUtc !== null && arrivedMs !== null && offset !== null) {
      const paintedMs = performance.timeOrigin + nowMs + offset;
      this.lagMs = paintedMs - capturedUtc * 1_000;
      this.staleness.add(frame, performance.timeOrigin + arrivedMs + offset, paintedMs);
      if (nowMs >= this.paintedDueMs) {
        this.paintedDueMs = nowMs + PAINTED_MS;
        this.options.onPainted(frame.frame, paintedMs);
      }
    }
    if (nowMs < this.figuresDueMs) return;
    this.figuresDueMs = nowMs + FIGURES_MS;
    this.options.onFigures({
      tier: this.score.tier,
      exactShare: this.score.exactShare,
      syncedShare: this.score.syncedShare,
      aheadShare: this.score.aheadShare,
      residualP95Ms: this.score.residualMs(0.95),
      frameMs: this.pace.frameMs,
      hasMetadata: frame !== null,
      shownFps: this.pace.shownFps,
      missedFrames: this.pace.missed,
      lagMs: this.lagMs,
      metadataLateP50Ms: this.late.percentileMs(0.5),
      metadataLateP95Ms: this.late.percentileMs(0.95),
      bufferTargetMs: this.buffer.targetMs,
      chain: this.staleness.figures(),
    });
  }
}
