/**
 * The canvas over the video. One callback per displayed frame: match it, paint it, count it; everything slower than
 * that (figures for the page, the painted sample for the server) goes out at its own pace. Owned by parts/stage.tsx.
 */

import type { Box, SpeedUnit } from '../../domain/types.ts';
import type { LiveFrame, LiveZones } from '../../rpc/live.ts';
import { BufferTarget } from '../player/buffer-target.ts';
import { frameAt } from '../truth/frame-at.ts';
import type { TruthClip, TruthFrame } from '../truth/truth-clip.ts';
import { type OverlayDebug, publishDebug } from './debug-handle.ts';
import { containFit, type Size } from './geometry.ts';
import type { Layers } from './layers.ts';
import { paint } from './painter.ts';
import { type Match, OverlaySync, type Tier } from './sync.ts';
import { paintTruth } from './truth-painter.ts';

/** For the page, twice a second. */
export interface OverlayFigures {
  readonly tier: Tier;
  readonly exactShare: number;
  readonly syncedShare: number;
  /** false: nothing fresh enough to draw has come from the analyzer. */
  readonly hasMetadata: boolean;
  /** Frames shown per second. */
  readonly shownFps: number;
  /** Capture → painted, milliseconds; null while the clock or the frame is unknown. */
  readonly lagMs: number | null;
}

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
  readonly onShown: () => void;
  readonly onFigures: (figures: OverlayFigures) => void;
  /** Once a second: `frame` was on screen at `atMs` (server's UTC, ms). */
  readonly onPainted: (frame: number, atMs: number) => void;
}

const FIGURES_MS = 500;
const PAINTED_MS = 1_000;

export class Overlay {
  readonly buffer = new BufferTarget();
  private readonly sync = new OverlaySync();
  private readonly options: OverlayOptions;
  private readonly context: CanvasRenderingContext2D | null;
  private readonly observer: ResizeObserver;
  private readonly debug: OverlayDebug;
  /** Shown frames that wait for metadata to arrive, rtp → arrival of the frame: tells how late metadata is. */
  private readonly awaited = new Map<number, number>();
  private readonly shownAtMs: number[] = [];
  private zones: LiveZones | null = null;
  private scaled: Size | null = null;
  private last: Match | null = null;
  private lastRtp: number | undefined;
  private frameMs = 33;
  private lagMs: number | null = null;
  private figuresDueMs = 0;
  private paintedDueMs = 0;
  private handle = 0;
  private isClosed = false;

  constructor(options: OverlayOptions) {
    this.options = options;
    this.context = options.canvas.getContext('2d');
    this.observer = new ResizeObserver(() => this.fitCanvas());
    this.observer.observe(options.canvas);
    this.debug = {
      tier: 5,
      kind: 'none',
      exactShare: 0,
      syncedShare: 0,
      framesPainted: 0,
      lastRtp: null,
      lastMetaRtp: null,
      lastFrame: null,
      boxes: [],
      truth: null,
      bufferTargetMs: this.buffer.targetMs,
      clockOffsetMs: null,
    };
    publishDebug(this.debug);
    this.next();
  }

  setZones(zones: LiveZones, scaled: Size): void {
    this.zones = zones;
    this.scaled = scaled;
    this.repaint();
  }

  add(frame: LiveFrame): void {
    const nowMs = performance.now();
    this.sync.add(frame, nowMs);
    this.scaled = frame.scaled_dimensions;
    if (frame.zones) this.zones = frame.zones;
    for (const [rtp, receivedMs] of this.awaited) {
      if (((frame.rtp - rtp) | 0) < 0) continue;
      this.awaited.delete(rtp);
      this.buffer.add(nowMs - receivedMs, this.frameMs);
    }
  }

  /** Layers, size or zones changed while the picture may stand still. */
  repaint(): void {
    const { canvas, video, layers } = this.options;
    const context = this.context;
    if (!context) return;
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const scaled = this.last?.frame?.scaled_dimensions ?? this.scaled;
    const element = { w: canvas.width / ratio, h: canvas.height / ratio };
    const fit = scaled && containFit(element, { w: video.videoWidth, h: video.videoHeight }, scaled);
    if (!fit) return;
    paint(context, {
      tracks: this.last?.tracks ?? [],
      zones: this.zones,
      fit,
      layers: layers(),
      isSynced: this.last?.tier !== 5,
    });
    this.paintTruth(context, element);
  }

  private paintTruth(context: CanvasRenderingContext2D, element: Size): void {
    const { video, truth, units, layers } = this.options;
    const clip = truth();
    const capturedUtc = this.last?.capturedUtc ?? null;
    const frame = clip && capturedUtc !== null ? frameAt(clip, capturedUtc) : null;
    this.debug.truth = frame && clip && { tS: frame.tS, boxes: inPixelsOf(this.scaled ?? clip.size, clip, frame) };
    const fit = clip && containFit(element, { w: video.videoWidth, h: video.videoHeight }, clip.size);
    if (!frame || !fit) return;
    const isSynced = this.last?.tier !== 5;
    paintTruth(context, { bodies: frame.bodies, fit, units, hasLabels: layers().labels, isSynced });
  }

  /** A new player session starts: its frames are counted afresh. */
  resetShare(): void {
    this.sync.resetShare();
    this.awaited.clear();
    this.lastRtp = undefined;
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
      // Without frame callbacks only "latest" is left; the display's own pace has to do.
      this.handle = requestAnimationFrame((nowMs) => this.onFrame(nowMs, null));
    }
  }

  private onFrame(nowMs: number, metadata: VideoFrameCallbackMetadata | null): void {
    this.next();
    if (this.options.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const rtp = metadata?.rtpTimestamp;
    const match = this.sync.pick(rtp, nowMs);
    this.last = match;
    this.repaint();
    this.measure(match, rtp, metadata?.receiveTime, nowMs);
    this.describe(match, rtp);
    this.options.onShown();
    this.report(match, nowMs);
  }

  private measure(match: Match, rtp: number | undefined, receivedMs: number | undefined, nowMs: number): void {
    this.shownAtMs.push(nowMs);
    while (this.shownAtMs.length > 1 && nowMs - (this.shownAtMs[0] ?? nowMs) > 2_000) this.shownAtMs.shift();
    if (rtp === undefined) return;
    const stepMs = this.lastRtp === undefined ? 0 : ((rtp - this.lastRtp) | 0) / 90;
    if (stepMs > 4 && stepMs < 250) this.frameMs += (stepMs - this.frameMs) / 10;
    this.lastRtp = rtp;
    if (receivedMs === undefined) return;
    if (match.arrivedMs !== null) this.buffer.add(match.arrivedMs - receivedMs, this.frameMs);
    else {
      this.awaited.set(rtp, receivedMs);
      for (const key of this.awaited.keys()) {
        if (this.awaited.size <= 120) break;
        this.awaited.delete(key);
      }
    }
  }

  private describe(match: Match, rtp: number | undefined): void {
    const { debug, sync } = this;
    debug.tier = sync.tier;
    debug.kind = match.kind;
    debug.exactShare = sync.exactShare;
    debug.syncedShare = sync.syncedShare;
    debug.framesPainted += match.frame ? 1 : 0;
    debug.lastRtp = rtp ?? null;
    debug.lastMetaRtp = match.frame?.rtp ?? null;
    debug.lastFrame = match.frame?.frame ?? null;
    debug.boxes = match.tracks;
    debug.bufferTargetMs = this.buffer.targetMs;
    debug.clockOffsetMs = this.options.clockOffsetMs();
  }

  private report(match: Match, nowMs: number): void {
    const offset = this.options.clockOffsetMs();
    const serverMs = offset === null ? null : performance.timeOrigin + nowMs + offset;
    if (match.kind === 'exact' && match.frame && serverMs !== null) {
      this.lagMs = serverMs - match.frame.ts_utc * 1_000;
      if (nowMs >= this.paintedDueMs) {
        this.paintedDueMs = nowMs + PAINTED_MS;
        this.options.onPainted(match.frame.frame, serverMs);
      }
    }
    if (nowMs < this.figuresDueMs) return;
    this.figuresDueMs = nowMs + FIGURES_MS;
    const spanMs = nowMs - (this.shownAtMs[0] ?? nowMs);
    this.options.onFigures({
      tier: this.sync.tier,
      exactShare: this.sync.exactShare,
      syncedShare: this.sync.syncedShare,
      hasMetadata: match.frame !== null,
      shownFps: spanMs > 0 ? ((this.shownAtMs.length - 1) * 1_000) / spanMs : 0,
      lagMs: this.lagMs,
    });
  }

  private fitCanvas(): void {
    const { canvas } = this.options;
    const ratio = window.devicePixelRatio || 1;
    const w = Math.round(canvas.clientWidth * ratio);
    const h = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    this.repaint();
  }
}

function inPixelsOf(scaled: Size, clip: TruthClip, { bodies }: TruthFrame) {
  const [sx, sy] = [scaled.w / clip.size.w, scaled.h / clip.size.h];
  return bodies.map(({ id, vehicle, box: [x1, y1, x2, y2] }) => {
    const bbox: Box = [x1 * sx, y1 * sy, x2 * sx, y2 * sy];
    return { id, bbox, class: vehicle };
  });
}
