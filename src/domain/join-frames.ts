/**
 * Detections of one frame that come in several records become one observation. Records of the same frame number and
 * capture time are parts of one frame; the same time under another number is a repeated time stamp, which the analyzer
 * ignores. Called by whoever reads recordings, before `step`; live, a frame is one record. Pure.
 */
import type { Detection } from './types.ts';

interface FramePart {
  readonly ts_utc: number;
  readonly frame: number;
  readonly detections: readonly Detection[];
}

/** Parts of a frame follow each other; what else a part holds is that of the last which has it. */
export async function* joinFrames<Part extends FramePart>(
  parts: AsyncIterable<Part> | Iterable<Part>,
): AsyncGenerator<Part> {
  let whole: Part | undefined;
  for await (const part of parts) {
    if (whole && whole.ts_utc === part.ts_utc && whole.frame === part.frame) {
      const detections: readonly Detection[] = [...whole.detections, ...part.detections];
      whole = Object.assign({}, whole, part, { detections });
      continue;
    }
    if (whole) yield whole;
    whole = part;
  }
  if (whole) yield whole;
}
