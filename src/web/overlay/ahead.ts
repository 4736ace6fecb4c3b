/**
 * Boxes of a frame whose metadata has not arrived yet: the last known ones, carried on by the motion of the last moment. Pure;
 * used by sync.ts, drawn as a guess by painter.ts.
 */
import type { Box, TrackView } from '../../domain/types.ts';
import type { LiveFrame } from '../../rpc/live.ts';

type AnalysedFrame = Pick<LiveFrame, 'ts_utc' | 'tracks'>;
type Point = readonly [x: number, y: number];

/**
 * @param frames analysed ones, the last is carried on; speeds are least squares over all, since the difference of two
 *   frames is mostly the detector's noise by the time it is carried on by a dozen
 * @param sinceS seconds after the last
 */
export function aheadTracks(frames: readonly AnalysedFrame[], sinceS: number): TrackView[] {
  const last = frames.at(-1);
  if (!last) return [];
  return last.tracks.map((track) => {
    const speed = track.is_parked ? null : speedOf(track.id, frames, last.ts_utc);
    return speed ? { ...track, bbox: moved(track.bbox, speed[0] * sinceS, speed[1] * sinceS) } : track;
  });
}

/** Of the box's middle, pixels a second; null when it was seen at one moment only. */
function speedOf(id: number, frames: readonly AnalysedFrame[], lastUtc: number): Point | null {
  const seen = frames.flatMap(({ ts_utc, tracks }) => {
    const track = tracks.find((other) => other.id === id);
    return track ? [{ s: ts_utc - lastUtc, at: middle(track.bbox) }] : [];
  });
  const meanS = seen.reduce((sum, { s }) => sum + s, 0) / seen.length;
  const spread = seen.reduce((sum, { s }) => sum + (s - meanS) ** 2, 0);
  if (spread === 0) return null;
  const slope = (axis: 0 | 1) => seen.reduce((sum, { s, at }) => sum + (s - meanS) * at[axis], 0) / spread;
  return [slope(0), slope(1)];
}

function middle([x1, y1, x2, y2]: Box): Point {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** The size stays: its trend over a moment is mostly noise. */
function moved([x1, y1, x2, y2]: Box, dx: number, dy: number): Box {
  return [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
}
