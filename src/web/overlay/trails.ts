/** Where each vehicle came from: the middle of its lower edge over the last seconds. Pure; fed and drawn by overlay.ts. */
import type { TrackView } from '../../domain/types.ts';

export type TrailPoint = readonly [x: number, y: number, utc: number];

const KEEP_S = 3;
/** More points cost strokes and show nothing: at 60 km/h they lie 1.7 m apart. */
const SPACING_S = 0.1;

export class Trails {
  private readonly byTrack = new Map<number, TrailPoint[]>();

  /** Frames in the order of capture; a moment before the last one begins afresh (another session, a loop). */
  add(tracks: readonly TrackView[], utc: number): void {
    for (const { id, bbox, is_parked } of tracks) {
      if (is_parked) continue;
      const trail = this.byTrack.get(id) ?? [];
      if ((trail.at(-1)?.[2] ?? 0) >= utc) trail.length = 0;
      // The newest is always there; once it lies far enough from the one before it, it stays.
      if (trail.length > 1 && spacing(trail) < SPACING_S) trail.pop();
      trail.push([(bbox[0] + bbox[2]) / 2, bbox[3], utc]);
      this.byTrack.set(id, trail);
    }
    for (const [id, trail] of this.byTrack) {
      while (trail.length > 0 && utc - (trail[0]?.[2] ?? utc) > KEEP_S) trail.shift();
      // Of the future: time went back after this vehicle had left.
      if (trail.length === 0 || (trail.at(-1)?.[2] ?? utc) > utc) this.byTrack.delete(id);
    }
  }

  /** In the pixels of the metadata, oldest first. */
  of(id: number): readonly TrailPoint[] {
    return this.byTrack.get(id) ?? [];
  }
}

/** Seconds between the two newest. */
function spacing(trail: readonly TrailPoint[]): number {
  return (trail.at(-1)?.[2] ?? 0) - (trail.at(-2)?.[2] ?? 0);
}
