/**
 * The pure part of `stopsign track`: MOT-format text in, MOT-format text out. The command line reads and writes the
 * files. Columns: frame,id,left,top,width,height,score,-1,-1,-1 (MOTChallenge; frames begin at 1).
 */

import type { ScoredBox } from '../domain/tracking/byte-tracker.ts';
import type { ReferenceParameters } from '../domain/tracking/reference-tracks.ts';
import { type TrackerName, trackFrames } from '../domain/tracking/trackers.ts';
import { StopsignError } from '../errors.ts';

export interface MotRow {
  readonly frame: number;
  readonly id: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly score: number;
}

export type TrackParameters = Partial<ReferenceParameters>;

/** Throws BAD_INPUT with the line number when a line is not in MOT format. A missing score counts as 1. */
export function parseMot(text: string): MotRow[] {
  const rows: MotRow[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const cells = line.trim().split(/\s*,\s*|\s+/);
    const [frame, id, left, top, width, height, score] = cells.map(Number);
    const numbers = [frame, id, left, top, width, height];
    if (cells.length < 6 || numbers.some((n) => n === undefined || !Number.isFinite(n)) || !((frame as number) >= 1)) {
      throw new StopsignError(
        'BAD_INPUT',
        `Line ${index + 1} of the detections is not in MOT format: "${line.trim()}".`,
        {
          remedy: 'Each line needs frame,id,left,top,width,height,score with frames counted from 1.',
        },
      );
    }
    rows.push({
      frame: Math.trunc(frame as number),
      id: id as number,
      left: left as number,
      top: top as number,
      width: width as number,
      height: height as number,
      score: score === undefined || !Number.isFinite(score) ? 1 : score,
    });
  });
  return rows;
}

/** Follows detections with the tracker named. Rows come out with ids, frame by frame; boxes without a track are left out. */
export function trackRows(
  rows: readonly MotRow[],
  fps: number,
  tracker: TrackerName = 'bytetrack',
  parameters: TrackParameters = {},
): MotRow[] {
  const last = rows.reduce((max, row) => Math.max(max, row.frame), 0);
  const frames: MotRow[][] = Array.from({ length: last }, () => []);
  for (const row of rows) frames[row.frame - 1]?.push(row);
  const timed = frames.map((frame, k) => ({ time: k / fps, boxes: frame.map(toBox) }));
  const ids = trackFrames(tracker, timed, { frameRate: fps, ...parameters });
  return frames.flatMap((frame, index) =>
    frame.flatMap((row, k) => {
      const id = ids[index]?.[k] ?? -1;
      if (id < 0) return [];
      // Through corners and back, as the reference stores boxes: the last digit then rounds the same way.
      const [x1, y1, x2, y2] = toBox(row).bbox;
      return [{ ...row, id, width: x2 - x1, height: y2 - y1 }];
    }),
  );
}

/** Follows MOT detections with ByteTrack; missing parameters take the reference's defaults. */
export function trackMot(text: string, parameters: TrackParameters = {}): string {
  return formatRows(trackRows(parseMot(text), parameters.frameRate ?? 30, 'bytetrack', parameters));
}

export function formatRows(rows: readonly MotRow[]): string {
  return rows.map((row) => `${formatMot(row)}\n`).join('');
}

export function formatMot(row: MotRow): string {
  const box = [row.left, row.top, row.width, row.height].map(twoDecimals);
  return `${row.frame},${row.id},${box.join(',')},${row.score.toFixed(3)},-1,-1,-1`;
}

/** Ties go to the even digit, as in the reference's files. */
function twoDecimals(value: number): string {
  // Only odd multiples of 1/8 lie exactly between two binary-representable hundredths.
  const isTie = Math.abs((value * 8) % 2) === 1;
  if (!isTie) return value.toFixed(2);
  const lower = Math.floor(value * 100);
  return ((lower % 2 === 0 ? lower : lower + 1) / 100).toFixed(2);
}

function toBox(row: MotRow): ScoredBox {
  return { bbox: [row.left, row.top, row.left + row.width, row.top + row.height], score: row.score };
}
