/** The whole chain over recordings by `replay`: decoder, model, tracker and judge, every frame, the same each time. */

import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from '../../src/cli/replay.ts';
import type { DomainEvent, PassEvent, StopsignEvent } from '../../src/domain/types.ts';
import { score } from '../../src/sim/score/score.ts';
import { readTruth } from '../../src/sim/truth-file.ts';
import { makeClip } from '../support/clip.ts';
import { modelsEnvironment } from '../support/models.ts';
import { temporaryDir } from '../support/postgres.ts';
import { projectRoot, sharedDir } from '../support/shared.ts';

const MINUTES = 60_000;
const dir = temporaryDir();
beforeAll(() => void Object.assign(process.env, modelsEnvironment()));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const site = (name: string): string => join(projectRoot(), `test/fixtures/sites/${name}.yaml`);
const DEMO = { video: join(projectRoot(), 'demo/demo.mp4'), config: join(projectRoot(), 'demo/demo.site.yaml') };

async function events(path: string): Promise<StopsignEvent[]> {
  return (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StopsignEvent);
}
const passes = (all: readonly StopsignEvent[]): PassEvent[] => all.filter((e): e is PassEvent => e.type === 'pass');

describe('the demo clip', () => {
  it(
    'is judged as it was driven, and the recorded detections give the very same events',
    async () => {
      const out = join(dir, 'demo.ndjson');
      const again = join(dir, 'again.ndjson');
      const detections = join(dir, 'det.ndjson');
      const first = await replayFile({ ...DEMO, out, detectionsOut: detections });
      expect(first.frames).toBe(1800);
      const second = await replayFile({ detections, config: DEMO.config, out: again });
      // The recording does not know which model made it: all else is equal to the bit.
      const plain = async (path: string) => (await events(path)).map((e) => ({ ...e, model_sha256: null }));
      expect(await plain(again)).toEqual(await plain(out));
      expect(second.frames).toBe(1800);
      const truth = await readTruth(join(projectRoot(), 'demo/demo.truth.ndjson'));
      const scored = score(truth, { events: (await events(out)) as DomainEvent[], startUtc: 0 });
      expect(scored.passes).toMatchObject({ true: 5, found: 5, invented: [], wrong: [], forced_right: 5 });
      expect(scored.passes.errors.stopped_s?.max).toBeLessThan(0.25);
      expect(scored.passes.errors.approach_speed?.max).toBeLessThan(2);
      expect(scored.ids.switches).toBe(0);
    },
    5 * MINUTES,
  );

  it('gives the same hash on every run from the same detections', async () => {
    const run = () => replayFile({ detections: join(dir, 'det.ndjson'), config: DEMO.config });
    const [a, b] = [await run(), await run()];
    expect(a.eventHash).toBe(b.eventHash);
    expect(a.eventHash).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('bad input', () => {
  it('names file, line and key of a detection that is none', async () => {
    const path = join(dir, 'bad.ndjson');
    const { writeFile } = await import('node:fs/promises');
    const good = { ts_utc: 0, frame: 0, width: 10, height: 10, detections: [] };
    await writeFile(path, `${JSON.stringify(good)}\n${JSON.stringify({ ...good, frame: 'one' })}\n`);
    await expect(replayFile({ detections: path, config: DEMO.config })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/bad\.ndjson:2: frame/),
    });
  });

  it('says that a file is not there', async () => {
    await expect(replayFile({ detections: 'nowhere.ndjson', config: DEMO.config })).rejects.toMatchObject({
      code: 'INPUT_MISSING',
    });
    await expect(replayFile({ ...DEMO, video: 'nowhere.mp4' })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });

  it(
    'finds nothing where there is nothing',
    async () => {
      await using clip = await makeClip({ frames: 10 });
      expect(await replayFile({ ...DEMO, video: clip.path })).toMatchObject({
        frames: 10,
        passes: { full_stop: 0, no_stop: 0 },
      });
    },
    MINUTES,
  );
});

describe.skipIf(!sharedDir())('real footage', () => {
  const video = (name: string): string => join(sharedDir() ?? '', 'data/video', `${name}.mp4`);

  it(
    'sees exactly one car pass the residential stop sign, and it does not stop',
    async () => {
      const out = join(dir, 'residential.ndjson');
      await replayFile({ video: video('stop-sign-residential'), config: site('stop-sign-residential'), out });
      const [pass, ...others] = passes(await events(out));
      expect(others).toEqual([]);
      expect(pass?.entered_utc).toBeGreaterThan(33);
      expect(pass?.exited_utc).toBeLessThan(42);
      expect(pass?.verdict).not.toBe('full_stop');
    },
    5 * MINUTES,
  );

  it(
    'sees eight cars pass without a stop, the queue stand, and no pass of a parked car',
    async () => {
      const out = join(dir, 'queue.ndjson');
      await replayFile({ video: video('intersection-queue'), config: site('intersection-queue'), out });
      const all = await events(out);
      expect(passes(all).map(({ verdict }) => verdict)).toEqual(Array(8).fill('no_stop'));
      const longStands = all.filter((e) => e.type === 'moved_off' && e.ts_utc > 18.5 && e.ts_utc < 20.5);
      expect(longStands.length).toBeGreaterThanOrEqual(2);
      // Half hidden and overlapped by who drives past, they stand all the same.
      const waiting = new Set(all.flatMap((e) => (e.type === 'stopped' && e.ts_utc < 0.5 ? [e.track_id] : [])));
      expect(waiting.size).toBeGreaterThanOrEqual(4);
      expect(all.filter((e) => e.type === 'moved_off' && waiting.has(e.track_id) && e.ts_utc < 18.5)).toEqual([]);
      // Behind the sign and the branches they are read in parts, and drive off under the number they stood by all the same.
      const droveOff = all.flatMap((e) =>
        e.type === 'moved_off' && waiting.has(e.track_id) && e.ts_utc < 22 ? [e.track_id] : [],
      );
      expect(new Set(droveOff).size).toBeGreaterThanOrEqual(2);
    },
    5 * MINUTES,
  );
});
