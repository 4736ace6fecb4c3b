/** The labels of the boxes: who it is, how fast, and the verdict. Called by painter.ts. */
import type { TrackView, Verdict } from '../../domain/types.ts';
import { boxToRect, type Fit, placeLabel, type Rect } from './geometry.ts';
import { trackInk } from './palette.ts';

export const FONT =
  '600 12px -apple-system, "Inter", "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, system-ui';
const LABEL_HEIGHT = 20;
const LABEL_PADDING = 7;
/** Room for the mark before the text. */
const MARK = 14;

const VERDICT_NAME: Readonly<Record<Verdict, string>> = {
  full_stop: 'full stop',
  rolling_stop: 'rolling stop',
  no_stop: 'no stop',
  indeterminate: 'not sure',
};
type Stroke = readonly (readonly [dx: number, dy: number])[];
/** A tick, a wave, an arrow that goes on, a bar: lines around the middle of the mark, CSS pixels. */
const VERDICT_MARK: Readonly<Record<Verdict, readonly Stroke[]>> = {
  full_stop: [
    [
      [-4, 0],
      [-1, 3],
      [4, -3],
    ],
  ],
  rolling_stop: [
    [
      [-4, 1],
      [-2, -2],
      [1, 2],
      [4, -1],
    ],
  ],
  no_stop: [
    [
      [-4, 0],
      [4, 0],
    ],
    [
      [1, -3],
      [4, 0],
      [1, 3],
    ],
  ],
  indeterminate: [
    [
      [-3, 0],
      [3, 0],
    ],
  ],
};

/** @param tracks the most important first: it gets the best place */
export function paintLabels(context: CanvasRenderingContext2D, tracks: readonly TrackView[], fit: Fit): void {
  context.font = FONT;
  context.textBaseline = 'middle';
  const bounds: Rect = { x: fit.left + 4, y: fit.top + 4, w: fit.width - 8, h: fit.height - 8 };
  const taken: Rect[] = [];
  for (const track of tracks) {
    const ink = trackInk(track);
    const text = labelText(track);
    const width = context.measureText(text).width + LABEL_PADDING * 2 + MARK;
    const label = placeLabel(boxToRect(track.bbox, fit), { w: width, h: LABEL_HEIGHT }, bounds, taken);
    taken.push(label);
    context.beginPath();
    context.roundRect(label.x, label.y, label.w, label.h, 6);
    context.fillStyle = track.is_parked ? 'rgb(15 18 22 / 0.55)' : 'rgb(15 18 22 / 0.82)';
    context.fill();
    paintMark(context, track, ink, label.x + LABEL_PADDING + 4, label.y + LABEL_HEIGHT / 2);
    context.fillStyle = track.is_parked ? '#cbd5e1' : '#ffffff';
    context.fillText(text, label.x + LABEL_PADDING + MARK, label.y + LABEL_HEIGHT / 2 + 0.5);
  }
}

/** A dot in the colour of the state; a verdict also has a shape of its own, for whoever does not see colours. */
function paintMark(context: CanvasRenderingContext2D, track: TrackView, ink: string, x: number, y: number): void {
  context.beginPath();
  if (!track.verdict) {
    context.arc(x, y, 3.5, 0, 2 * Math.PI);
    context.fillStyle = ink;
    context.fill();
    return;
  }
  for (const stroke of VERDICT_MARK[track.verdict]) {
    stroke.forEach(([dx, dy], i) => {
      if (i === 0) context.moveTo(x + dx, y + dy);
      else context.lineTo(x + dx, y + dy);
    });
  }
  context.lineWidth = 2;
  context.lineCap = 'round';
  context.strokeStyle = ink;
  context.stroke();
}

/** `#42 car · 31 ± 2 km/h`, of a judged one `#42 car · full stop` */
export function labelText(track: TrackView): string {
  const name = `#${track.id} ${track.class}`;
  if (track.is_parked) return `${name} · parked`;
  if (track.verdict) return `${name} · ${VERDICT_NAME[track.verdict]}`;
  if (track.speed === null) return name;
  return `${name} · ${speedText(track.speed, track.speed_error)} ${track.speed_unit}`;
}

/**
 * `31 ± 2`, with the 95 % interval while it says something: one that rounds to nothing is left out, and of a speed that
 * may as well be none `≈ 31` is all that can be said.
 */
function speedText(speed: number, error = 0): string {
  const digits = speed < 10 ? 1 : 0;
  const value = Math.max(0, speed).toFixed(digits);
  if (error >= speed) return error === 0 ? value : `≈ ${value}`;
  const range = error.toFixed(digits);
  return Number(range) === 0 ? value : `${value} ± ${range}`;
}
