/**
 * The default tracker over boxes alone, without a site: who stands is decided as the analyzer decides it. Called by
 * `stopsign track` and by measurements.
 */
import { newStanding, type Standing, standingBox, updateStanding } from '../stop/standing.ts';
import type { Box } from '../types.ts';
import type { ScoredBox } from './byte-tracker.ts';
import { StopsignTracker } from './stopsign-tracker.ts';

export interface TimedBoxes {
  /** Seconds, ascending. */
  readonly time: number;
  readonly boxes: readonly ScoredBox[];
}

interface Watched {
  readonly standing: Standing;
  readonly samples: { readonly tsUtc: number; readonly box: Box }[];
}

const KEPT_S = 2;

/** Track ids frame by frame: for each box its id, or −1. */
export function* followBoxes(frames: Iterable<TimedBoxes>): Generator<number[]> {
  const tracker = new StopsignTracker({ firstId: 1 });
  const watched = new Map<number, Watched>();
  for (const { time, boxes } of frames) {
    const ids = boxes.map(() => -1);
    for (const track of tracker.step(boxes, time)) {
      const box = (boxes[track.detection] as ScoredBox).bbox;
      ids[track.detection] = track.id;
      const watch = watched.get(track.id) ?? { standing: newStanding(), samples: [] };
      watched.set(track.id, watch);
      const { samples, standing } = watch;
      samples.push({ tsUtc: time, box });
      while (samples.length > 3 && time - (samples[0]?.tsUtc ?? time) > KEPT_S) samples.shift();
      updateStanding(standing, samples, true);
      track.place = standing.isStanding ? standingBox(standing) : null;
    }
    yield ids;
  }
}
