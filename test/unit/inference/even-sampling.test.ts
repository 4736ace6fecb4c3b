/** When the model cannot keep up, frames are left out evenly, it is said so, and it does not come and go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSampler } from '../../../src/actors/inference/frame-sampler.ts';
import { evenCamera, gaps, percentile, playLab, spread } from '../../support/inference-lab.ts';
import { dice } from '../../support/lab-dice.ts';
import '../../support/seed.ts';

/** Numbers of the frames that would be analysed by taking, whenever the model is free, the newest there is. */
function newestAtEachTime(fps: number, modelMs: () => number, seconds: number): number[] {
  const frames: number[] = [];
  for (let s = 0; s < seconds; s += modelMs() / 1_000) {
    const newest = Math.floor(s * fps);
    if (newest === frames.at(-1)) s = (newest + 1) / fps;
    frames.push(Math.floor(s * fps));
  }
  return frames;
}

describe('choosing frames', () => {
  it('leaves gaps that differ by one frame at most, and takes its share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 1, noNaN: true }), (share) => {
        const sampler = new FrameSampler();
        sampler.share = share;
        const taken = Array.from({ length: 1_000 }, (_, frame) => frame).filter((frame) => sampler.takes(frame));
        expect(Math.abs(taken.length - 1_000 * share)).toBeLessThanOrEqual(1);
        for (const gap of gaps(taken)) {
          expect(gap).toBeGreaterThanOrEqual(Math.floor(1 / share - 1e-6));
          expect(gap).toBeLessThanOrEqual(Math.ceil(1 / share + 1e-6));
        }
      }),
    );
  });

  it('counts frames that were lost on the way, and survives numbers that go back', () => {
    const sampler = new FrameSampler();
    sampler.share = 0.25;
    const takes = [0, 1, 2, 3, 4, 11, 12, 3, 4, 5, 6].map((frame) => sampler.takes(frame));
    expect(takes.map(Number)).toEqual([0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0]);
  });
});

describe('a model that cannot keep up', () => {
  const slowModel = (seed: number) => {
    const roll = dice(seed);
    // 12 to 13 frames a second, now and then one that takes twice as long.
    return () => (roll() < 0.05 ? 140 : 55 + 30 * roll());
  };

  it('gets frames at even distances, while the newest one at each time would be uneven', async () => {
    const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs: slowModel(1) }, 40);
    const { records } = played.cameras['front'] as (typeof played.cameras)[string];
    const settled = records.filter(({ s }) => s > 10);
    const distances = gaps(settled.map(({ frame }) => frame));
    expect(settled.length / 30).toBeGreaterThan(10);
    expect(percentile(distances, 0.95) - percentile(distances, 0.05)).toBeLessThanOrEqual(2);
    const uneven = spread(gaps(newestAtEachTime(30, slowModel(1), 40)));
    expect(uneven).toBeGreaterThan(0.28);
    expect(spread(distances)).toBeLessThan(0.75 * uneven);
    const latencies = settled.map(({ latencyMs }) => latencyMs);
    expect(percentile(latencies, 0.95)).toBeLessThan(85 + 2 * 34);
    expect(Math.max(...latencies)).toBeLessThan(140 + 140 + 34);
  });

  it('says how many of how many are analysed, and counts what was left out apart from what came too late', async () => {
    const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs: () => 75 }, 20);
    const { records, counts, leftOut } = played.cameras['front'] as (typeof played.cameras)[string];
    expect(leftOut).toBe(played.row.gauge1);
    expect(records[0]?.sampling).toBeUndefined();
    expect(records.at(-1)?.sampling).toEqual({ reason: 'load', fps: 12, of: 30 });
    expect(counts.skipped).toBe(played.row.skipped);
    expect(played.row.gauge1).toBeGreaterThan(0.8 * counts.skipped);
    expect(played.row.gauge3).toBeCloseTo(75_000, -3);
  });

  it.each([600, -600, 30])('is none when only the clock is set by %s s while it is at work', async (byS) => {
    const clockSet = { atS: 10.015, byS };
    const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs: () => 25, clockSet }, 20);
    const { records, sent } = played.cameras['front'] as (typeof played.cameras)[string];
    expect(records.length).toBeGreaterThanOrEqual(sent - 3);
  });

  it('takes longer than a ring lasts: what is analysed stays even', async () => {
    const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs: () => 220 }, 40);
    const distances = gaps(
      (played.cameras['front']?.records ?? []).filter(({ s }) => s > 10).map(({ frame }) => frame),
    );
    expect(percentile(distances, 0.95) - percentile(distances, 0.05)).toBeLessThanOrEqual(1);
  });

  it('serves many cameras in turn: none waits for the runs of all others, and no ring overflows', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const played = await playLab({ cameras: names.map((name) => evenCamera(name, 30)), modelMs: () => 35 }, 30);
    for (const name of names) {
      const { records, counts } = played.cameras[name] as (typeof played.cameras)[string];
      const settled = records.filter(({ s }) => s > 10);
      expect(settled.length / 20).toBeGreaterThan(3);
      expect(Math.max(...settled.map(({ latencyMs }) => latencyMs))).toBeLessThan(2 * 35);
      // Those of the first second, before it is sampled.
      expect(counts.dropped).toBeLessThan(20);
    }
  });

  it('with as little to do as it can, nothing is left out and nothing is said', async () => {
    const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs: () => 20 }, 10);
    const { records, sent } = played.cameras['front'] as (typeof played.cameras)[string];
    expect(records.length).toBeGreaterThanOrEqual(sent - 2);
    expect(records.every(({ sampling }) => sampling === undefined)).toBe(true);
  });

  it('does not begin and end over and over when the work is about what can be done', async () => {
    for (const seed of [1, 2, 3]) {
      const roll = dice(seed);
      // Between 0.5 and 1.5 of the time there is, in waves of eight seconds.
      const modelMs = (s: number) => (1_000 / 30) * (1 + 0.5 * Math.sin((s * Math.PI) / 4)) * (0.8 + 0.4 * roll());
      const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs }, 120);
      const said = (played.cameras['front']?.records ?? []).map(({ sampling }) => sampling?.reason === 'load');
      const changes = gaps(said.map(Number)).filter((change) => change !== 0).length;
      expect(changes, `seed ${seed}`).toBeLessThanOrEqual(15);
    }
  });

  it('goes back to every frame once the model is fast again', async () => {
    const played = await playLab({ cameras: [evenCamera('front', 30)], modelMs: (s) => (s < 8 ? 80 : 15) }, 20);
    const { records } = played.cameras['front'] as (typeof played.cameras)[string];
    const last = records.filter(({ s }) => s > 16);
    expect(last.every(({ sampling }) => sampling === undefined)).toBe(true);
    expect(new Set(gaps(last.map(({ frame }) => frame)))).toEqual(new Set([1]));
  });
});
