/**
 * What is on the canvas: the last match with its layers, painted anew for each displayed frame and whenever size, zones
 * or layers change. Owned by overlay.ts.
 */
import type { Box, SpeedUnit } from '../../domain/types.ts';
import type { LiveFrame, LiveZones } from '../../rpc/live.ts';
import { frameAt } from '../truth/frame-at.ts';
import type { TruthClip, TruthFrame } from '../truth/truth-clip.ts';
import type { ShownTruth } from './debug-handle.ts';
import { containFit, type Size } from './geometry.ts';
import { HeatPainter } from './heat-painter.ts';
import type { Layers } from './layers.ts';
import { paint } from './painter.ts';
import { StandingHeat } from './standing-heat.ts';
import type { Match } from './sync.ts';
import { Trails } from './trails.ts';
import { paintTruth } from './truth-painter.ts';

export interface SceneOptions {
  readonly video: HTMLVideoElement;
  readonly canvas: HTMLCanvasElement;
  readonly layers: () => Layers;
  readonly truth: () => TruthClip | null;
  readonly units: SpeedUnit;
}

export class Scene {
  /** The truth on screen; null while it is off or not known. */
  truth: ShownTruth | null = null;
  private readonly options: SceneOptions;
  private readonly context: CanvasRenderingContext2D | null;
  private readonly trails = new Trails();
  private readonly heat = new StandingHeat();
  private readonly heatPainter = new HeatPainter(this.heat);
  private zones: LiveZones | null = null;
  private scaled: Size | null = null;
  private match: Match | null = null;

  constructor(options: SceneOptions) {
    this.options = options;
    this.context = options.canvas.getContext('2d');
  }

  setZones(zones: LiveZones, scaled: Size): void {
    this.zones = zones;
    this.scaled = scaled;
    this.paint();
  }

  /** Metadata came, whether or not it will be drawn. */
  metadata({ zones, scaled_dimensions }: LiveFrame): void {
    this.scaled = scaled_dimensions;
    if (zones) this.zones = zones;
  }

  /** A frame is on screen with what belongs to it. */
  show(match: Match): void {
    this.match = match;
    const { kind, tracks, capturedUtc } = match;
    if (capturedUtc !== null && (kind === 'exact' || kind === 'near' || kind === 'between')) {
      this.trails.add(tracks, capturedUtc);
      if (this.scaled) this.heat.add(tracks, capturedUtc, this.scaled);
    }
    this.paint();
  }

  paint(): void {
    const { context } = this;
    const { canvas, video } = this.options;
    if (!context) return;
    const layers = this.options.layers();
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const scaled = this.match?.frame?.scaled_dimensions ?? this.scaled;
    const element = { w: canvas.width / ratio, h: canvas.height / ratio };
    const picture = { w: video.videoWidth, h: video.videoHeight };
    const fit = scaled && containFit(element, picture, scaled);
    if (!fit) return;
    if (layers.heat) this.heatPainter.paint(context, fit);
    paint(context, {
      tracks: this.match?.tracks ?? [],
      zones: this.zones,
      fit,
      layers,
      trailOf: (id) => this.trails.of(id),
      certainty: certaintyOf(this.match),
    });
    this.paintTruth(context, element, layers);
  }

  /** As many canvas pixels as the screen has below it. */
  fitCanvas(): void {
    const { canvas } = this.options;
    const ratio = window.devicePixelRatio || 1;
    const w = Math.round(canvas.clientWidth * ratio);
    const h = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    this.paint();
  }

  private paintTruth(context: CanvasRenderingContext2D, element: Size, layers: Layers): void {
    const { video, units } = this.options;
    const clip = this.options.truth();
    const capturedUtc = this.match?.capturedUtc ?? null;
    const frame = clip && capturedUtc !== null ? frameAt(clip, capturedUtc) : null;
    this.truth = frame && clip && { tS: frame.tS, boxes: inPixelsOf(this.scaled ?? clip.size, clip, frame) };
    const fit = clip && containFit(element, { w: video.videoWidth, h: video.videoHeight }, clip.size);
    if (!frame || !fit) return;
    const isSynced = this.match?.tier !== 5;
    paintTruth(context, { bodies: frame.bodies, fit, units, hasLabels: layers.labels, isSynced });
  }
}

function certaintyOf(match: Match | null): 'synced' | 'ahead' | 'unsynced' {
  if (match?.kind === 'ahead') return 'ahead';
  return match?.tier === 5 ? 'unsynced' : 'synced';
}

function inPixelsOf(scaled: Size, clip: TruthClip, { bodies }: TruthFrame) {
  const [sx, sy] = [scaled.w / clip.size.w, scaled.h / clip.size.h];
  return bodies.map(({ id, vehicle, box: [x1, y1, x2, y2] }) => {
    const bbox: Box = [x1 * sx, y1 * sy, x2 * sx, y2 * sy];
    return { id, bbox, class: vehicle };
  });
}
