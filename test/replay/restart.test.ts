/** A replay gives the same events on every run, however the frames are handed on, with restarts of the tracker in the middle. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { TrackerSettings } from '../../src/actors/tracker/settings.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import type { StopsignEvent } from '../../src/domain/types.ts';
import { type ReplayOptions, replayDetections } from '../../src/replay/replay.ts';
import type { DetectionsRecord } from '../../src/rpc/records.ts';
import { observe } from '../../src/sim/observe.ts';
import { seededRandom } from '../../src/sim/random.ts';
import { loadScenario } from '../../src/sim/scenario-file.ts';
import { siteOf } from '../../src/sim/site-of.ts';
import { systemClock } from '../../src/telemetry/clock.ts';

const FAULTS = { fps: 15, noisePx: 1, drift: 0.5, miss: 0.03, invented: 0.005, jitterS: 0.002, seed: 7 };

function recording(name: string): { records: DetectionsRecord[]; tracker: TrackerSettings } {
  const scenario = loadScenario(name);
  const site = siteOf(scenario);
  const { width, height } = site.image;
  const records = [...observe(scenario, { ...FAULTS, laps: 2 })].map(({ tsUtc, frame, detections }) => {
    const captureTsUs = Math.round(tsUtc * 1e6);
    const stages = { received: captureTsUs, decoded: captureTsUs };
    return {
      camera: name,
      frame,
      epoch: 1,
      rtp: Math.round(tsUtc * 90_000) >>> 0,
      captureTsUs,
      width,
      height,
      detections,
      stages,
    };
  });
  return { records, tracker: { camera: name, site, configVersion: 'v', modelSha256: null, firstTrackId: 1 } };
}

async function replay(name: string, options: Partial<ReplayOptions> = {}) {
  const { records, tracker } = recording(name);
  const events: StopsignEvent[] = [];
  const result = await replayDetections({
    tracker,
    log: pino({ level: 'silent' }),
    clock: systemClock,
    records: (async function* () {
      yield* records;
    })(),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { ...result, texts: events.map(canonicalJson), recorded: records.length };
}

describe.each(['busy-street', 'queue-of-three', 'park-and-leave'])('a replay of %s', (name) => {
  it('gives the same events on every run and on any chunking', async () => {
    const first = await replay(name);
    expect(first.texts.length).toBeGreaterThan(0);
    expect(first.frames).toBe(first.recorded);
    for (const chunk of [1, 7, 100_000]) {
      const again = await replay(name, { chunk });
      expect(again.eventHash).toBe(first.eventHash);
      expect(again.texts).toEqual(first.texts);
    }
  });

  it.each(['stopped', 'killed'] as const)('gives the same events with the tracker %s at random frames', async (end) => {
    const whole = await replay(name);
    const random = seededRandom(3, `${name} ${end}`);
    for (const chunk of [1, 16]) {
      let restarts = 0;
      const restart = () => {
        if (random.uniform() > 0.03) return null;
        restarts += 1;
        return end;
      };
      const cut = await replay(name, { chunk, restart });
      expect(restarts).toBeGreaterThan(5);
      expect(cut.texts).toEqual(whole.texts);
      expect(cut.eventHash).toBe(whole.eventHash);
      expect(cut.frames).toBe(whole.frames);
      expect(cut.passes).toEqual(whole.passes);
    }
  });
});
