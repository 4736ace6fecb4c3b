/**
 * The pure part of `stopsign track`: MOT-format text in, MOT-format text out. The command line reads and writes the
 * files. Columns: frame,id,left,top,width,height,score,-1,-1,-1 (MOTChallenge; frames begin at 1).
 */

import type { ScoredBox } from '../domain/tracking/byte-tracker.ts';
import { REFERENCE_PARAMETERS, type ReferenceParameters } from '../domain/tracking/reference-tracks.ts';
import { type TimedBoxes, type TrackerName, trackFrames } from '../domain/tracking/trackers.ts';
import { badLine, checkFrame, eachLine } from './track-lines.ts';

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

/**
 * A missing score counts as 1.
 * @param path of the file, for the sentences
 * @throws StopsignError BAD_INPUT naming file and line
 */
export function parseMot(text: string, path = 'MOT text'): MotRow[] {
  const rows: MotRow[] = [];
  eachLine(text, path, (line) => {
    const numbers = line.cells.map(Number);
    const [frame, id, left, top, width, height, score] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number?,
    ];
    if (line.cells.length < 6 || !numbers.slice(0, 6).every(Number.isFinite) || !(frame >= 1)) {
      throw badLine(line, 'MOT format', 'frame,id,left,top,width,height,score with frames counted from 1');
    }
    checkFrame(line, frame);
    const known = score === undefined || !Number.isFinite(score) ? 1 : score;
    rows.push({ frame: Math.trunc(frame), id, left, top, width, height, score: known });
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
  const frames = byFrame(rows);
  const out: MotRow[] = [];
  const { lostBuffer } = { ...REFERENCE_PARAMETERS, ...parameters };
  const emptyFrames = Math.ceil(Math.max(REMEMBERED_S, lostBuffer / 30) * fps) + 3;
  const ids = trackFrames(tracker, timedFrames(frames, fps, emptyFrames), { frameRate: fps, ...parameters });
  const numbered = frames.values();
  for (const of of ids) {
    // Empty ones are in no list of rows.
    if (of.length === 0) continue;
    const frame = numbered.next().value ?? NO_ROWS;
    frame.forEach((row, k) => {
      const id = of[k] ?? -1;
      if (id < 0) return;
      // Through corners and back, as the reference stores boxes: the last digit then rounds the same way.
      const [x1, y1, x2, y2] = toBox(row).bbox;
      out.push({ ...row, id, width: x2 - x1, height: y2 - y1 });
    });
  }
  return out;
}

/** No tracker remembers anything for longer (ByteTrack: for its lost buffer). */
const REMEMBERED_S = 600;

/** Every frame in its order; of a long row of empty ones only so many as it takes to forget all, there may be millions. */
function* timedFrames(
  frames: ReadonlyMap<number, readonly MotRow[]>,
  fps: number,
  emptyFrames: number,
): Generator<TimedBoxes> {
  let before = 0;
  for (const [frame, rows] of frames) {
    const empty = Math.min(frame, before + 1 + emptyFrames);
    for (let k = before + 1; k < empty; k++) yield { time: (k - 1) / fps, boxes: NO_BOXES };
    yield { time: (frame - 1) / fps, boxes: rows.map(toBox) };
    before = frame;
  }
}

const NO_BOXES: readonly ScoredBox[] = [];
const NO_ROWS: readonly MotRow[] = [];

/** In ascending order. */
function byFrame(rows: readonly MotRow[]): ReadonlyMap<number, readonly MotRow[]> {
  const frames = new Map<number, MotRow[]>();
  for (const row of rows) {
    const known = frames.get(row.frame);
    if (known) known.push(row);
    else frames.set(row.frame, [row]);
  }
  return new Map([...frames].sort(([a], [b]) => a - b));
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
