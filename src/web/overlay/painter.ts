/** Draws one frame's metadata on the canvas over the video. Called by overlay.ts inside the video's frame callback. */
import type { TrackView } from '../../domain/types.ts';
import type { LiveZones } from '../../rpc/live.ts';
import { boxToRect, type Fit, placeLabel, pointToElement, type Rect } from './geometry.ts';
import type { Layers } from './layers.ts';
import { trackInk, VERDICT_INK } from './palette.ts';

export const FONT =
  '600 12px -apple-system, "Inter", "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, system-ui';
const LABEL_HEIGHT = 20;
const LABEL_PADDING = 7;

export interface Picture {
  readonly tracks: readonly TrackView[];
  readonly zones: LiveZones | null;
  readonly fit: Fit;
  readonly layers: Layers;
  /** false: the metadata may be of another frame, so everything is drawn fainter. */
  readonly isSynced: boolean;
}

/** @param context already scaled to CSS pixels; the caller has cleared it */
export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const { tracks, zones, fit, layers, isSynced } = picture;
  context.save();
  context.beginPath();
  context.rect(fit.left, fit.top, fit.width, fit.height);
  context.clip();
  if (layers.zone && zones) paintZones(context, zones, fit);
  context.globalAlpha = isSynced ? 1 : 0.7;
  // Parked ones first: they are scenery and must not cover what moves.
  const ordered = [...tracks].sort((a, b) => Number(b.is_parked) - Number(a.is_parked) || a.bbox[3] - b.bbox[3]);
  if (layers.boxes) for (const track of ordered) paintBox(context, track, fit);
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

function paintBox(context: CanvasRenderingContext2D, track: TrackView, fit: Fit): void {
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
  context.stroke();
  if (track.verdict) {
    context.globalAlpha *= 0.14;
    context.fillStyle = ink;
    context.fill();
    context.globalAlpha /= 0.14;
  }
}

function paintLabels(context: CanvasRenderingContext2D, tracks: readonly TrackView[], fit: Fit): void {
  context.font = FONT;
  context.textBaseline = 'middle';
  const bounds: Rect = { x: fit.left + 4, y: fit.top + 4, w: fit.width - 8, h: fit.height - 8 };
  const taken: Rect[] = [];
  for (const track of tracks) {
    const ink = trackInk(track);
    const text = labelText(track);
    const width = context.measureText(text).width + LABEL_PADDING * 2 + 12;
    const label = placeLabel(boxToRect(track.bbox, fit), { w: width, h: LABEL_HEIGHT }, bounds, taken);
    taken.push(label);
    context.beginPath();
    context.roundRect(label.x, label.y, label.w, label.h, 6);
    context.fillStyle = track.is_parked ? 'rgb(15 18 22 / 0.55)' : 'rgb(15 18 22 / 0.82)';
    context.fill();
    context.beginPath();
    context.arc(label.x + LABEL_PADDING + 3, label.y + LABEL_HEIGHT / 2, 3.5, 0, 2 * Math.PI);
    context.fillStyle = ink;
    context.fill();
    context.fillStyle = track.is_parked ? '#cbd5e1' : '#ffffff';
    context.fillText(text, label.x + LABEL_PADDING + 12, label.y + LABEL_HEIGHT / 2 + 0.5);
  }
}

/** `#42 car · 31 km/h` */
export function labelText(track: TrackView): string {
  const name = `#${track.id} ${track.class}`;
  if (track.is_parked) return `${name} · parked`;
  if (track.speed === null) return name;
  return `${name} · ${Math.max(0, track.speed).toFixed(track.speed < 10 ? 1 : 0)} ${track.speed_unit}`;
}
