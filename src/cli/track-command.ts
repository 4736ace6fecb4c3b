/** `stopsign track`: reads the detections, follows them, writes the tracks. The work itself is in `track.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { StopsignError } from '../errors.ts';
import { trackMot } from './track.ts';

export interface TrackOptions {
  /** MOT-format detections. */
  readonly mot: string;
  readonly out: string;
  readonly fps: number;
  readonly activation: number;
  readonly lostBuffer: number;
  readonly match: number;
}

export function runTrack({ mot, out, fps, activation, lostBuffer, match }: TrackOptions): void {
  const tracks = trackMot(readText(mot), { frameRate: fps, activation, lostBuffer, match });
  try {
    writeFileSync(out, tracks);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StopsignError('BAD_USAGE', `The tracks cannot be written to ${out} (${code}).`, {
      remedy: 'Name a file in a folder that is there and can be written.',
      cause,
    });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StopsignError('INPUT_MISSING', `The detections ${file} cannot be read (${code}).`, {
      remedy: 'Correct the path after --mot.',
      cause,
    });
  }
}
