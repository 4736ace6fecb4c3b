/** Boxes of a frame that was not analysed, from its two neighbours that were. Pure; used by sync.ts. */
import type { Box, TrackView } from '../../domain/types.ts';

/** @param at 0 = before, 1 = after */
export function betweenTracks(before: readonly TrackView[], after: readonly TrackView[], at: number): TrackView[] {
  const later = new Map(after.map((track) => [track.id, track]));
  const known = new Set(before.map((track) => track.id));
  const shared = before.flatMap((track) => {
    const next = later.get(track.id);
    if (next) return [{ ...track, bbox: mix(track.bbox, next.bbox, at) }];
    return at < 0.5 ? [track] : [];
  });
  return at < 0.5 ? shared : [...shared, ...after.filter((track) => !known.has(track.id))];
}

function mix(a: Box, b: Box, at: number): Box {
  const one = (i: 0 | 1 | 2 | 3) => a[i] + (b[i] - a[i]) * at;
  return [one(0), one(1), one(2), one(3)];
}
