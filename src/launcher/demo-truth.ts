/** What is known of the clip that the virtual camera plays. Called once by `prepare.ts`. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { readTruthHeader } from '../config/truth-header.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';

/**
 * `clip.truth.ndjson` beside `clip.mp4`, and the length of the clip; null without one. One that does not fit costs the
 * truth, not the picture.
 */
export function findDemoTruth(
  clip: string,
  log: Pick<Log, 'warn'>,
): { readonly path: string; readonly durationS: number } | null {
  const path = `${clip.slice(0, clip.length - extname(clip).length)}.truth.ndjson`;
  if (!existsSync(path)) return null;
  try {
    return { path, durationS: readTruthHeader(path).duration_s };
  } catch (error) {
    log.warn(`The clip is played without its truth: ${describeError(error)}`);
    return null;
  }
}
