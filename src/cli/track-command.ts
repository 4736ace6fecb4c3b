/**
 * `stopsign track`: reads detections (or tracks that somebody made), follows them, writes the tracks, scores them against
 * labels. The work itself is in track.ts and track-score.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { TrackerName } from '../domain/tracking/trackers.ts';
import { StopsignError } from '../errors.ts';
import { formatRows, type MotRow, parseMot, trackRows } from './track.ts';
import { parseKittiDetections, parseLabels } from './track-labels.ts';
import { describeScore, scoreRows } from './track-score.ts';

export interface TrackOptions {
  /** Detections: in MOT format, or as frame,left,top,right,bottom,score. Exactly one of these three is given. */
  readonly mot?: string;
  readonly kitti?: string;
  /** Tracks to score, in MOT format. */
  readonly tracks?: string;
  readonly fps?: number;
  readonly tracker: TrackerName;
  readonly out?: string;
  /** Labels to score against: MOT or KITTI. */
  readonly score?: string;
  readonly json?: boolean;
  readonly activation: number;
  readonly lostBuffer: number;
  readonly match: number;
}

/** Returns what is to be printed. @throws StopsignError BAD_USAGE, BAD_INPUT, INPUT_MISSING */
export function runTrack(options: TrackOptions): string {
  const { out, score, json } = options;
  if ([options.mot, options.kitti, options.tracks].filter((file) => file !== undefined).length !== 1) {
    throw new StopsignError('BAD_USAGE', 'Track needs one of --mot, --kitti or --tracks.', { remedy: SEE_HELP });
  }
  if (out === undefined && score === undefined) {
    throw new StopsignError('BAD_USAGE', 'Track needs --out, --score or both.', { remedy: SEE_HELP });
  }
  const labels = score === undefined ? null : parseLabels(readText(score, '--score'), score);
  const tracks = tracksOf(options);
  if (out !== undefined) writeText(out, formatRows(tracks));
  if (!labels) return '';
  const scored = scoreRows(tracks, labels);
  return json ? `${JSON.stringify(scored, null, 2)}\n` : describeScore(scored);
}

const SEE_HELP = 'See: stopsign track --help';

function tracksOf({ mot, kitti, tracks, fps, tracker, activation, lostBuffer, match }: TrackOptions): MotRow[] {
  if (tracks !== undefined) return parseMot(readText(tracks, '--tracks'), tracks);
  if (fps === undefined) {
    throw new StopsignError('BAD_USAGE', 'To follow detections, --fps must say how fast the frames come.', {
      remedy: SEE_HELP,
    });
  }
  const rows =
    mot !== undefined
      ? parseMot(readText(mot, '--mot'), mot)
      : parseKittiDetections(readText(kitti as string, '--kitti'), kitti);
  return trackRows(rows, fps, tracker, { activation, lostBuffer, match });
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StopsignError('INPUT_MISSING', `${file} cannot be read (${code}).`, {
      remedy: `Correct the path after ${option}.`,
      cause,
    });
  }
}

function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StopsignError('BAD_USAGE', `The tracks cannot be written to ${file} (${code}).`, {
      remedy: 'Name a file in a folder that is there and can be written.',
      cause,
    });
  }
}
