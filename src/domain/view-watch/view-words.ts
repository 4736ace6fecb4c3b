/** What happened to the view, as a sentence for a verdict's reason, an event and the page. */
import type { PictureSize } from './picture-shape.ts';
import type { Suspension } from './view-finding.ts';

export function suspensionSentence(suspension: Suspension, timezone: string): string {
  const { kind, sinceUtc, shiftPx, turnDeg, hidden, ways } = suspension;
  const at = clock(sinceUtc, timezone);
  if (ways) {
    const off = `${Math.abs(ways.offsetM).toFixed(1)} m beside`;
    const turned = `${Math.abs(ways.headingDeg).toFixed(0)}° askew to`;
    return `Since ${at} vehicles have driven ${off} and ${turned} where they used to (${ways.passes} passes): the camera may have moved.`;
  }
  if (kind === 'blocked') {
    return `The view has been blocked since ${at}: ${Math.round(hidden * 100)} % of it cannot be recognised.`;
  }
  if (shiftPx === null) return `Since ${at} the camera has shown another view; its calibration does not fit.`;
  const px = Math.round(Math.hypot(shiftPx[0], shiftPx[1]));
  const turned = Math.abs(turnDeg) >= 0.2 ? ` and turned by ${Math.abs(turnDeg).toFixed(1)}°` : '';
  return `The camera moved by ${px} px${turned} at ${at}; its calibration no longer fits.`;
}

export interface ShapeChange {
  readonly sinceUtc: number;
  readonly picture: PictureSize;
  readonly calibrated: PictureSize;
}

export function shapeSentence({ sinceUtc, picture, calibrated }: ShapeChange, timezone: string): string {
  const from = clock(sinceUtc, timezone);
  return `From ${from} on the camera sent pictures of ${size(picture)}: another shape than the ${size(calibrated)} it was calibrated in.`;
}

export const SHAPE_END_SENTENCE = 'The pictures have the calibrated shape again; verdicts resume.';

export const DOUBT_SENTENCE =
  'The camera may have moved just now; whether its calibration still fits is not known yet.';

export function endSentence(kind: Suspension['kind'], how: 'confirmed' | 'by_itself', isOfWays = false): string {
  if (how === 'confirmed') return 'The present view was confirmed; verdicts resume.';
  if (isOfWays) return 'Vehicles drive where they used to again; verdicts resume.';
  const what = kind === 'moved' ? 'The camera is back where it was' : 'The view is clear again';
  return `${what}; verdicts resume.`;
}

function size({ width, height }: PictureSize): string {
  return `${width} × ${height}`;
}

/** HH:MM:SS of the site. */
function clock(utc: number, timezone: string): string {
  const options = {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(utc * 1000);
}
