/**
 * Boxes of a frame whose metadata has not arrived yet: the last known ones, carried on by the motion between the last
 * two analysed frames. Pure; used by sync.ts, drawn as a guess by painter.ts.
 */
import type { Box, TrackView } from '../../domain/types.ts';

/** @param steps how many times the way from `before` to `last` is carried on; 0 gives `last` itself */
export function aheadTracks(before: readonly TrackView[], last: readonly TrackView[], steps: number): TrackView[] {
  const earlier = new Map(before.map((track) => [track.id, track.bbox]));
  return last.map((track) => {
    const was = earlier.get(track.id);
    return was && !track.is_parked ? { ...track, bbox: carried(was, track.bbox, steps) } : track;
  });
}

/** The middle moves on; the size stays: a size's trend over two frames is mostly the detector's noise. */
function carried(was: Box, is: Box, steps: number): Box {
  const dx = ((is[0] + is[2] - was[0] - was[2]) / 2) * steps;
  const dy = ((is[1] + is[3] - was[1] - was[3]) / 2) * steps;
  return [is[0] + dx, is[1] + dy, is[2] + dx, is[3] + dy];
}
