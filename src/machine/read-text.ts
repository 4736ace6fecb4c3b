/** Files of /proc and /sys: there or not. */
import { readFileSync } from 'node:fs';

export type ReadText = (path: string) => string | null;

/** null where it is not there or may not be read. */
export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};
