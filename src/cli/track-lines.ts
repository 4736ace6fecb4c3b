/** Lines of the text files that `stopsign track` reads, and what is said of one that cannot be read. Pure. */
import { StopsignError } from '../errors.ts';

/** At 30 a second that is 92 hours; more is a time stamp or a slip, and would take all memory. */
export const LAST_FRAME = 10_000_000;

export interface TrackLine {
  /** file:line */
  readonly place: string;
  readonly cells: readonly string[];
}

/** Every line that is not empty. @param path of the file, for the sentences */
export function eachLine(text: string, path: string, read: (line: TrackLine) => void): void {
  text.split('\n').forEach((line, index) => {
    if (line.trim() !== '') read({ place: `${path}:${index + 1}`, cells: line.trim().split(/\s*,\s*|\s+/) });
  });
}

/** @param kind e.g. `MOT format` @param columns what each line must have */
export function badLine({ place, cells }: TrackLine, kind: string, columns: string): StopsignError {
  return new StopsignError('BAD_INPUT', `${place}: "${cells.join(' ')}" is not in ${kind}.`, {
    remedy: `Each line needs ${columns}.`,
  });
}

/** @throws StopsignError BAD_INPUT when there are too many frames up to this one */
export function checkFrame({ place }: TrackLine, frame: number): void {
  if (frame <= LAST_FRAME) return;
  throw new StopsignError('BAD_INPUT', `${place}: frame ${frame} is above ${LAST_FRAME}.`, {
    remedy: 'The first column counts frames, it is no time stamp. Split a recording that is longer than that.',
  });
}
