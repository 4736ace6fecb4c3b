/** A vehicle that is read in two parts for a moment while it is in the zone, as behind a pole: one vehicle, one pass. */
import { expect, it } from 'vitest';
import type { Box, Observation } from '../../../../src/domain/types.ts';
import { analyze, observe, roller } from '../synthetic-scene.ts';

const FPS = 20;
const FRAMES = 6;

/** From `atS` on the front is a box of its own, which grows into the whole; the rear fades. */
function inParts(film: readonly Observation[], atS: number): Observation[] {
  return film.map((observation) => {
    const i = Math.round((observation.tsUtc - atS) * FPS);
    const [whole] = observation.detections;
    if (!whole || i < 0 || i >= FRAMES) return observation;
    const [x1, y1, x2, y2] = whole.bbox;
    const part = (x2 - x1) / 80;
    const front: Box = [x1 + (26 - 4 * i) * part, y1, x2 + (14 - 2 * i) * part, y2];
    const rear: Box = [x1, y1, x2 - 24 * part, y2];
    const detections = [
      { ...whole, bbox: rear, score: 0.5 },
      { ...whole, bbox: front, score: 0.6 },
    ];
    return { ...observation, detections };
  });
}

it.each([2.4, 2.75, 3.1])('from %s s on', (atS) => {
  const film = observe([roller({ start: 0, slowest: 1.8 })], { fps: FPS, seconds: 14, noisePx: 0.5, seed: 4 });
  const { passes, ended } = analyze(inParts(film, atS));
  // The part was taken for another vehicle for a while.
  expect(ended).toHaveLength(2);
  expect(passes).toMatchObject([{ track_id: 1, verdict: 'rolling_stop', complete: true }]);
});
