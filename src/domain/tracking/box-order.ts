/**
 * An order of the boxes of a frame that is their own: what is done with them cannot depend on the order in which the
 * detector tells them. Most confident first, then from left to right and from top to bottom. Pure.
 */
import type { ScoredBox } from './byte-tracker.ts';

export function compareBoxes(a: ScoredBox, b: ScoredBox): number {
  if (a.score !== b.score) return b.score - a.score;
  for (let k = 0; k < 4; k++) {
    const difference = (a.bbox[k] as number) - (b.bbox[k] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
