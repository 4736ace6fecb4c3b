/** Draws one frame's metadata on the canvas over the video. Called by overlay.ts inside the video's frame callback. */
import type { TrackView } from '../../domain/types.ts';
import type { LiveZones } from '../../rpc/live.ts';
import { boxToRect, type Fit, pointToElement } from './geometry.ts';
import { paintLabels } from './label-painter.ts';
import type { Layers } from './layers.ts';
import { trackInk, VERDICT_INK } from './palette.ts';
import type { TrailPoint } from './trails.ts';

export interface Picture {
  readonly tracks: readonly TrackView[];
  readonly zones: LiveZones | null;
  readonly fit: Fit;
  readonly layers: Layers;
  readonly trailOf: (id: number) => readonly TrailPoint[];
  /** `ahead`: the boxes are a guess from the last motion, dashed. `unsynced`: they may be of another frame, fainter. */
  readonly certainty: 'synced' | 'ahead' | 'unsynced';
}

/** @param context already scaled to CSS pixels; the caller has cleared it */
export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const { tracks, zones, fit, layers, trailOf, certainty } = picture;
  context.save();
  context.beginPath();
  context.rect(fit.left, fit.top, fit.width, fit.height);
  context.clip();
  if (layers.zone && zones) paintZones(context, zones, fit);
  context.globalAlpha = certainty === 'unsynced' ? 0.7 : 1;
  // Parked ones first: they are scenery and must not cover what moves.
  const ordered = [...tracks].sort((a, b) => Number(b.is_parked) - Number(a.is_parked) || a.bbox[3] - b.bbox[3]);
  if (layers.trails) for (const track of ordered) paintTrail(context, trailOf(track.id), trackInk(track), fit);
  if (layers.boxes) for (const track of ordered) paintBox(context, track, fit, certainty === 'ahead');
  if (layers.labels) paintLabels(context, ordered.toReversed(), fit);
  context.restore();
}

function paintZones(context: CanvasRenderingContext2D, zones: LiveZones, fit: Fit): void {
  const polygon = zones.stop.map((point) => pointToElement(point, fit));
  if (polygon.length > 2) {
    trace(context, polygon);
    context.closePath();
    context.fillStyle = 'rgb(255 255 255 / 0.08)';
    context.fill();
    context.lineWidth = 1.5;
    context.setLineDash([5, 5]);
    context.strokeStyle = 'rgb(255 255 255 / 0.55)';
    context.stroke();
    context.setLineDash([]);
  }
  const line = zones.stop_line.map((point) => pointToElement(point, fit));
  if (line.length < 2) return;
  context.lineCap = 'round';
  for (const [width, ink] of [
    [5, 'rgb(0 0 0 / 0.35)'],
    [2.5, VERDICT_INK.no_stop],
  ] as const) {
    trace(context, line);
    context.lineWidth = width;
    context.strokeStyle = ink;
    context.stroke();
  }
}

function trace(context: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  context.beginPath();
  points.forEach(([x, y], i) => {
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
}

/** A trail is drawn in so many pieces, each of one width and strength: a stroke a point would cost more than all else. */
const TRAIL_PIECES = 6;

/** Thin and faint at its old end, so that it shows the direction. */
function paintTrail(context: CanvasRenderingContext2D, trail: readonly TrailPoint[], ink: string, fit: Fit): void {
  const alpha = context.globalAlpha;
  context.strokeStyle = ink;
  context.lineCap = 'round';
  const points = trail.map(([x, y]) => pointToElement([x, y], fit));
  for (let piece = 0; piece < TRAIL_PIECES; piece++) {
    const cut = (at: number) => Math.round(((points.length - 1) * at) / TRAIL_PIECES);
    const part = points.slice(cut(piece), cut(piece + 1) + 1);
    if (part.length < 2) continue;
    const share = (piece + 1) / TRAIL_PIECES;
    trace(context, part);
    context.globalAlpha = alpha * share * 0.8;
    context.lineWidth = 1 + 2 * share;
    context.stroke();
  }
  context.globalAlpha = alpha;
}

function paintBox(context: CanvasRenderingContext2D, track: TrackView, fit: Fit, isGuess: boolean): void {
  const rect = boxToRect(track.bbox, fit);
  const ink = trackInk(track);
  const radius = Math.min(8, rect.w / 4, rect.h / 4);
  context.beginPath();
  context.roundRect(rect.x, rect.y, rect.w, rect.h, radius);
  if (track.is_parked) {
    context.lineWidth = 1.25;
    context.setLineDash([4, 4]);
    context.strokeStyle = ink;
    context.stroke();
    context.setLineDash([]);
    return;
  }
  // A dark seam below keeps a light line readable on a light car.
  context.lineWidth = 4;
  context.strokeStyle = 'rgb(0 0 0 / 0.35)';
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = ink;
  if (isGuess) context.setLineDash([8, 4]);
  context.stroke();
  context.setLineDash([]);
  if (track.verdict) {
    context.globalAlpha *= 0.14;
    context.fillStyle = ink;
    context.fill();
    context.globalAlpha /= 0.14;
  }
}
