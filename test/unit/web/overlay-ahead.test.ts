/** Boxes that are carried on, beside where the vehicle then was: the demo's second car, with a detector that errs by a pixel. */
import { expect, it } from 'vitest';
import { createAnalyzer, step } from '../../../src/domain/site-analyzer.ts';
import { boxIou } from '../../../src/domain/tracking/box-overlap.ts';
import type { Box, TrackView } from '../../../src/domain/types.ts';
import { observe } from '../../../src/sim/observe.ts';
import { seededRandom } from '../../../src/sim/random.ts';
import { loadScenario } from '../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../src/sim/site-of.ts';
import { OverlaySync } from '../../../src/web/overlay/sync.ts';
import { liveFrame } from './examples.ts';

const FPS = 30;
const TICKS = 90_000 / FPS;
const scenario = loadScenario('demo');

/** What the page gets while the car drives in, rolls over the line and drives off. */
function analysed(noisePx: number): TrackView[][] {
  const random = seededRandom(1);
  let state = createAnalyzer({
    camera: 'demo',
    site: siteOf(scenario),
    configVersion: 'v',
    modelSha256: null,
    firstTrackId: 1,
  });
  const frames: TrackView[][] = [];
  for (const observation of observe(scenario, { fps: FPS, startUtc: 0 })) {
    if (observation.tsUtc < 1 || observation.tsUtc > 14) continue;
    const detections = observation.detections.map((found) => ({
      ...found,
      bbox: found.bbox.map((edge) => edge + noisePx * random.normal()) as unknown as Box,
    }));
    const [next, { tracks }] = step(state, { ...observation, detections });
    state = next;
    frames.push([...tracks]);
  }
  return frames;
}

/** Median overlap of the guess with the box that was found at that moment, of what drives and of what stands. */
function overlap(frames: TrackView[][], steps: number): { driving: number; standing: number } {
  const overlaps = { driving: [] as number[], standing: [] as number[] };
  const sync = new OverlaySync();
  frames.forEach((tracks, i) => {
    sync.add(liveFrame({ frame: i, rtp: i * TICKS, ts_utc: i / FPS, tracks }), i);
    const guess = sync.pick({ rtp: (i + steps) * TICKS }, i);
    for (const track of i < 15 ? [] : guess.tracks) {
      const then = frames[i + steps]?.find(({ id }) => id === track.id);
      if (then && guess.kind === 'ahead') {
        overlaps[track.state === 'stopped' ? 'standing' : 'driving'].push(boxIou(track.bbox, then.bbox));
      }
    }
  });
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;
  return { driving: median(overlaps.driving), standing: median(overlaps.standing) };
}

const found = analysed(1);

it.each([
  { ms: 100, driving: 0.9, standing: 0.92 },
  { ms: 200, driving: 0.85, standing: 0.91 },
  { ms: 300, driving: 0.8, standing: 0.9 },
])('a box that is carried on by $ms ms lies on the vehicle', ({ ms, driving, standing }) => {
  const guessed = overlap(found, Math.round((ms / 1_000) * FPS));
  expect(guessed.driving).toBeGreaterThan(driving);
  expect(guessed.standing).toBeGreaterThan(standing);
});
