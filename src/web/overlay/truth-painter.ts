/**
 * Draws the truth over the measured boxes: dashed, with square corners and an ink no verdict has, so that it is told from
 * them without seeing colours. Called by overlay.ts inside the video's frame callback.
 */
import type { SpeedUnit } from '../../domain/types.ts';
import { speedFromMps } from '../truth/compare-pass.ts';
import type { TruthBody } from '../truth/truth-clip.ts';
import { boxToRect, type Fit, type Rect } from './geometry.ts';
import { FONT } from './label-painter.ts';
import { TRUTH_INK } from './palette.ts';

/** Of a body hidden by more than this only a hint is drawn. */
const HIDDEN = 0.7;
const DASH = [9, 5];
const LABEL_HEIGHT = 18;

export interface TruthPicture {
  readonly bodies: readonly TruthBody[];
  /** From the truth's pixels. */
  readonly fit: Fit;
  readonly units: SpeedUnit;
  readonly hasLabels: boolean;
  readonly isSynced: boolean;
}

/** @param context already scaled to CSS pixels */
export function paintTruth(context: CanvasRenderingContext2D, picture: TruthPicture): void {
  const { bodies, fit, units, hasLabels, isSynced } = picture;
  context.save();
  context.beginPath();
  context.rect(fit.left, fit.top, fit.width, fit.height);
  context.clip();
  for (const body of bodies) {
    context.globalAlpha = (isSynced ? 1 : 0.7) * (body.occluded > HIDDEN ? 0.4 : 1);
    paintBody(context, boxToRect(body.box, fit), isMeasured(body) ? 2 : 1);
  }
  context.globalAlpha = 1;
  if (hasLabels) for (const body of bodies) if (isMeasured(body)) paintLabel(context, body, fit, units);
  context.restore();
}

/** What is judged: vehicles in the lane before the line. */
function isMeasured(body: TruthBody): boolean {
  return body.isJudgedLane && body.vehicle !== null && body.vehicle !== 'bicycle';
}

function paintBody(context: CanvasRenderingContext2D, rect: Rect, width: number): void {
  context.beginPath();
  context.rect(rect.x, rect.y, rect.w, rect.h);
  context.setLineDash([]);
  context.lineWidth = width + 1;
  context.strokeStyle = 'rgb(0 0 0 / 0.4)';
  if (width > 1) context.stroke();
  context.setLineDash(DASH);
  context.lineWidth = width;
  context.strokeStyle = TRUTH_INK;
  context.stroke();
  context.setLineDash([]);
}

/** Below the box: above it is the measured one's place. */
function paintLabel(context: CanvasRenderingContext2D, body: TruthBody, fit: Fit, units: SpeedUnit): void {
  context.font = FONT;
  context.textBaseline = 'middle';
  const text = truthLabel(body, units);
  const rect = boxToRect(body.box, fit);
  const w = context.measureText(text).width + 12;
  const x = Math.max(fit.left + 2, Math.min(rect.x, fit.left + fit.width - w - 2));
  const y = Math.min(rect.y + rect.h + 4, fit.top + fit.height - LABEL_HEIGHT - 2);
  context.beginPath();
  context.rect(x, y, w, LABEL_HEIGHT);
  context.fillStyle = 'rgb(15 18 22 / 0.82)';
  context.fill();
  context.setLineDash([4, 3]);
  context.lineWidth = 1;
  context.strokeStyle = TRUTH_INK;
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = TRUTH_INK;
  context.fillText(text, x + 6, y + LABEL_HEIGHT / 2 + 0.5);
}

/** `truth 12.3 km/h` */
export function truthLabel(body: Pick<TruthBody, 'speedMps'>, units: SpeedUnit): string {
  return `truth ${Math.abs(speedFromMps(body.speedMps, units)).toFixed(1)} ${units}`;
}
