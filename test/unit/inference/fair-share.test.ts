/** The scheduler of the inference room, by simulation: nobody starves, and shares stay within bounds for unequal cameras. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrivalRate } from '../../../src/actors/inference/arrival-rate.ts';
import { fairShares } from '../../../src/actors/inference/fair-shares.ts';
import { evenCamera, gaps, percentile, playLab } from '../../support/inference-lab.ts';
import { dice } from '../../support/lab-dice.ts';
import '../../support/seed.ts';

const SECONDS = 5;

describe('dividing what the model can do', () => {
  it.each([
    [[30, 30], 100, [30, 30]],
    [[30, 30], 30, [15, 15]],
    [[60, 10], 30, [20, 10]],
    [[5, 0, 90, 90], 45, [5, 0, 20, 20]],
    [[30, 30, 30], 0, [0, 0, 0]],
    [[], 30, []],
  ])('%j of %d gives %j', (demands, capacity, expected) => {
    expect(fairShares(demands, capacity)).toEqual(expected);
  });

  it('gives nobody more than it asks for, uses what can be used, and never favours who asks for less', () => {
    const demand = fc.double({ min: 0, max: 120, noNaN: true });
    fc.assert(
      fc.property(fc.array(demand, { maxLength: 8 }), fc.double({ min: 0, max: 500, noNaN: true }), (demands, can) => {
        const given = fairShares(demands, can);
        const sum = given.reduce((a, b) => a + b, 0);
        const wanted = demands.reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(Math.min(can, wanted), 6);
        given.forEach((gets, i) => {
          expect(gets).toBeLessThanOrEqual(demands[i] as number);
          const isShort = gets < (demands[i] as number) - 1e-9;
          // Who does not get all has at least as much as anybody else.
          if (isShort) for (const other of given) expect(gets).toBeGreaterThanOrEqual(other - 1e-9);
        });
      }),
    );
  });
});

describe('the scheduler', () => {
  it('starves no camera, whatever they send and however long the model takes', async () => {
    const cameraRate = fc.double({ min: 0.5, max: 120, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(cameraRate, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 5, max: 120, noNaN: true }),
        fc.nat(),
        async (rates, meanMs, seed) => {
          const roll = dice(seed);
          const cameras = rates.map((fps, i) => ({ name: `c${i}`, gapS: () => (0.5 + roll()) / fps }));
          const modelMs = () => meanMs * (0.5 + roll());
          const played = await playLab({ cameras, modelMs }, SECONDS);
          rates.forEach((fps, i) => {
            const { records, counts } = played.cameras[`c${i}`] as (typeof played.cameras)[string];
            expect(counts.committed).toBe(counts.consumed + counts.skipped + counts.inRing);
            expect(counts.consumed).toBe(records.length);
            // From one look at a camera to the next: at most its own frame, one turn of all, and one more by sampling.
            const turnS = (1.5 * meanMs * rates.length) / 1_000;
            const longest = Math.max(...gaps([0, ...records.map(({ s }) => s), SECONDS]));
            expect(longest, `c${i} at ${fps} fps`).toBeLessThan(3 / fps + 3 * turnS + 0.2);
          });
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  });

  it('gives equal rates to cameras that send more than can be analysed, and all to one that sends less', async () => {
    const rates = { slow: 5, usual: 30, fast: 60, huge: 240 };
    const cameras = Object.entries(rates).map(([name, fps]) => evenCamera(name, fps));
    const roll = dice(7);
    // 50 frames a second can be analysed in all.
    const played = await playLab({ cameras, modelMs: () => 14 + 12 * roll() }, 12);
    const rate = (name: string) => {
      const late = (played.cameras[name]?.records ?? []).filter(({ s }) => s >= 4);
      return late.length / 8;
    };
    expect(rate('slow')).toBeGreaterThan(4.8);
    const others = ['usual', 'fast', 'huge'].map(rate);
    expect(Math.min(...others) / Math.max(...others)).toBeGreaterThan(0.9);
    expect(others.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.8 * (50 - 5));
  });

  it('keeps the latency within one turn of all cameras while it samples', async () => {
    const cameras = ['a', 'b', 'c', 'd'].map((name, i) =>
      evenCamera(name, 30, { gapS: (s) => (s === 0 ? 0.007 * (i + 1) : 1 / 30) }),
    );
    const roll = dice(3);
    const played = await playLab({ cameras, modelMs: () => 20 + 20 * roll() }, 10);
    for (const { records } of Object.values(played.cameras)) {
      const latencies = records.filter(({ s }) => s > 5).map(({ latencyMs }) => latencyMs);
      expect(percentile(latencies, 0.95)).toBeLessThan(4 * 30 + 33);
      expect(Math.max(...latencies)).toBeLessThan(2 * 4 * 40);
    }
  });
});

describe('how much a camera sends', () => {
  it('is counted by frame numbers, lost ones included, and is nothing once it is silent', () => {
    const rate = new ArrivalRate();
    expect(rate.perSecond(0)).toBeNull();
    for (let frame = 0; frame <= 60; frame += 3) rate.see(frame, (frame * 1e6) / 30);
    expect(rate.perSecond(2e6)).toBeCloseTo(30, 6);
    expect(rate.perSecond(4.1e6)).toBe(0);
  });
});
