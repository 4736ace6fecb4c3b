/** Time stamps as streams really give them, and stands that something hides. */
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/domain/stop/sample.ts';
import { seededRandom } from '../../../../src/sim/random.ts';
import { drawPass, type PassFaults, singlePass } from '../../../../src/sim/single-pass.ts';
import { CORNER, judge } from './corner.ts';

const FAULTS: PassFaults = { fps: 15, isVariable: false, noisePx: 0.5, drift: 0.5, miss: 0 };

function passes(n: number, standS: number, faults: Partial<PassFaults> = {}) {
  return Array.from({ length: n }, (_, i) => {
    const random = seededRandom(i + 1, 'stamps');
    const pass = drawPass(random, standS, 0, false);
    return { random, ...singlePass(pass, { ...FAULTS, ...faults }, CORNER.pinhole, random, 1.7e9) };
  });
}

const off = (samples: readonly Sample[], standS: number) => {
  const stopped = judge(CORNER.site, samples).stoppedS;
  return { stopped, error: (stopped?.value ?? 0) - standS };
};
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

describe('time stamps', () => {
  it('that jitter by 10 ms cost hardly anything', () => {
    const errors = passes(15, 1.5).map(({ samples, random }) => {
      const stamped = samples.map((sample) => ({ ...sample, tsUtc: sample.tsUtc + 0.01 * random.normal() }));
      return Math.abs(off(stamped, 1.5).error);
    });
    expect(median(errors)).toBeLessThan(0.03);
  });

  it('that repeat or go back are left out', () => {
    for (const { samples } of passes(5, 1.5)) {
      const plain = judge(CORNER.site, samples);
      const broken = samples.flatMap((sample, i) =>
        i % 9 === 4 ? [sample, sample, { ...(samples[i - 2] as Sample), box: [0, 0, 900, 700] as const }] : [sample],
      );
      expect(judge(CORNER.site, broken)).toEqual(plain);
    }
  });

  it('with gaps of half a second widen the interval and keep the truth in it', () => {
    let covered = 0;
    const all = passes(20, 1.5);
    for (const { samples, truth } of all) {
      const gap = samples.filter(({ tsUtc }) => Math.abs(tsUtc - 1.7e9 - truth.restS) > 0.25);
      const { stopped } = off(gap, 1.5);
      if (stopped && stopped.lo <= 1.5 && stopped.hi >= 1.5) covered++;
      const seen = off(samples, 1.5).stopped;
      expect((stopped?.hi ?? 0) - (stopped?.value ?? 0)).toBeGreaterThan((seen?.hi ?? 0) - (seen?.value ?? 0));
    }
    expect(covered).toBeGreaterThanOrEqual(17);
  });
});

describe('a stand', () => {
  it.each([
    ['in its middle', { fromS: 0.4, toS: 1.6 }, 0.1],
    ['at its begin', { fromS: -0.5, toS: 1 }, 0.25],
    ['at its end', { fromS: 1.2, toS: 2.6 }, 0.25],
    ['as a whole', { fromS: -0.5, toS: 2.5 }, 0.4],
  ])('hidden %s is measured by what is seen before and after', (_, hidden, within) => {
    let covered = 0;
    for (const { samples } of passes(20, 2, { hidden })) {
      const { stopped, error } = off(samples, 2);
      expect(Math.abs(error)).toBeLessThan(within + 0.25);
      if (stopped && stopped.lo <= 2 && stopped.hi >= 2) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(17);
  });

  it('hidden as a whole has an interval that says so', () => {
    const width = (faults: Partial<PassFaults>) =>
      median(
        passes(9, 2, faults).map(({ samples }) => {
          const { stopped } = off(samples, 2);
          return (stopped?.hi ?? 0) - (stopped?.value ?? 0);
        }),
      );
    expect(width({ hidden: { fromS: -0.5, toS: 2.5 } })).toBeGreaterThan(5 * width({}));
  });
});

describe('a track', () => {
  it('has no transient at birth: born in the middle of braking, it reads the stand as well', () => {
    const errors = passes(15, 1).map(({ samples, truth }) => {
      const late = samples.filter(({ tsUtc }) => tsUtc - 1.7e9 > truth.restS - 1.3);
      return Math.abs(off(late, 1).error);
    });
    expect(median(errors)).toBeLessThan(0.04);
  });
});
