/** Which frame of the truth a picture shows, by its capture time. Pure; used by the overlay for every displayed frame. */
import type { TruthClip, TruthFrame } from './truth-clip.ts';

/** A picture further than this from any frame of the truth is none of the clip's. */
const FARTHEST_S = 0.1;

/** Seconds of the clip at a UTC second. */
export function clipTime({ durationS }: Pick<TruthClip, 'durationS'>, utcS: number): number {
  return utcS - Math.floor(utcS / durationS) * durationS;
}

/** The nearest frame, also over the seam of the loop; null when there is none near. */
export function frameAt(clip: Pick<TruthClip, 'durationS' | 'frames'>, utcS: number): TruthFrame | null {
  const { durationS, frames } = clip;
  const tS = clipTime(clip, utcS);
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frames[middle]?.tS ?? 0) <= tS) low = middle + 1;
    else high = middle;
  }
  const before = frames.at(low - 1); // −1 is the last one: the frame before the first is of the lap before
  const after = frames[low % frames.length];
  if (!before || !after) return null;
  const apart = (frame: TruthFrame) => Math.min(Math.abs(frame.tS - tS), durationS - Math.abs(frame.tS - tS));
  const nearest = apart(after) < apart(before) ? after : before;
  return apart(nearest) <= FARTHEST_S ? nearest : null;
}
