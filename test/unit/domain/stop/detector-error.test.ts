/** What a detector's boxes are off by along the way: in the intervals, and never in the way of motion it cannot be. */
import { describe, expect, it } from 'vitest';
import { fitNoise } from '../../../../src/domain/stop/fit-noise.ts';
import { fitMotion, type Motion } from '../../../../src/domain/stop/model-fit.ts';
import { ERROR_LENGTH_M, slowShapes } from '../../../../src/domain/stop/view-error.ts';
import type { Box, Interval } from '../../../../src/domain/types.ts';
import { seededRandom } from '../../../../src/sim/random.ts';
import { drawPass, singlePass } from '../../../../src/sim/single-pass.ts';
import { CORNER, judge } from './corner.ts';

const errs = (detector_error: number) => ({ ...CORNER.site, policy: { ...CORNER.site.policy, detector_error } });
const width = (interval: Interval | null) => (interval ? interval.hi - interval.lo : Number.NaN);
const covers = (interval: Interval | null, truth: number) =>
  interval !== null && interval.lo <= truth && interval.hi >= truth;

/** Boxes whose front and rear edges err by a share of their length, slowly along the way. */
function passesSeenBadly(share: number, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const random = seededRandom(i + 1, 'seen badly');
    const pass = drawPass(random, 2, 0, false);
    const faults = { fps: 15, isVariable: false, noisePx: 0.7, drift: 0.5, miss: 0.03 };
    const { samples, truth } = singlePass(pass, faults, CORNER.pinhole, random);
    const waves = [1, 2].map(() => [random.normal(), random.normal()] as const);
    const seen = samples.map((sample) => {
      const s = truth.profile.at(sample.tsUtc).s;
      const error = waves.map(([a, b]) => a * Math.sin(s / ERROR_LENGTH_M) + b * Math.cos(s / ERROR_LENGTH_M));
      const [x1, y1, x2, y2] = sample.box;
      const by = share * (x2 - x1);
      return { ...sample, box: [x1 + by * (error[0] as number), y1, x2 + by * (error[1] as number), y2] as Box };
    });
    return { samples: seen, truth };
  });
}

describe('detector error', () => {
  it('widens approach speed and stop distance, and 0 leaves them as the noise has them', () => {
    for (const { samples } of passesSeenBadly(0, 6)) {
      const [trusting, doubting] = [judge(errs(0), samples), judge(errs(0.04), samples)];
      expect(width(doubting.approachSpeed)).toBeGreaterThan(1.2 * width(trusting.approachSpeed));
      expect(width(doubting.stopDistanceM)).toBeGreaterThan(2 * width(trusting.stopDistanceM));
      expect(doubting.approachSpeed?.value).toBeCloseTo(trusting.approachSpeed?.value ?? 0, 6);
    }
  });

  it('is taken as usual where the policy says nothing of it', () => {
    const [{ samples }] = passesSeenBadly(0, 1) as [ReturnType<typeof passesSeenBadly>[number]];
    expect(judge(CORNER.site, samples)).toEqual(judge(errs(0.04), samples));
  });

  it('brings the truth back into the intervals of boxes that are drawn badly', () => {
    const all = passesSeenBadly(0.04, 25);
    const inside = (detector: number) =>
      all.filter(({ samples, truth }) => covers(judge(errs(detector), samples).stopDistanceM, truth.stopDistanceM))
        .length;
    expect(inside(0)).toBeLessThan(20);
    expect(inside(0.04)).toBeGreaterThanOrEqual(22);
  });
});

describe('slow errors in a fit', () => {
  const LINE: Motion = {
    size: 2,
    isLinear: true,
    at(p, t, slope) {
      slope[0] = 1;
      slope[1] = t;
      return (p[0] as number) + (p[1] as number) * t;
    },
  };
  const t = Float64Array.from({ length: 41 }, (_, i) => (i - 20) / 20);
  const data = { t, s: t.map((time) => 3 + 2 * time), sigma: t.map(() => 0.02) };
  const wide = [
    { mean: 0, sigma: 1e3 },
    { mean: 0, sigma: 1e3 },
  ];
  const own = { share: 0.5, scale: 1, logOdds: 0 };
  const slow = { s: Array.from(data.s), sigma: Array.from(t, () => 0.05) };
  const shapes = slowShapes(
    slow,
    Array.from(t, (_, i) => i),
    3,
  );

  it.each([true, false])('leave an exact line exact and its slope less sure (eliminated: %s)', (isEliminated) => {
    const plain = fitMotion(LINE, data, fitNoise(data, own), [0, 0], wide);
    const fit = fitMotion(LINE, data, fitNoise(data, own, shapes, isEliminated), [0, 0], wide);
    expect(fit?.p[1]).toBeCloseTo(2, 6);
    expect(fit?.covariance[3] ?? 0).toBeGreaterThan(1.1 * (plain?.covariance[3] ?? 0));
  });

  it('have the determinant of the covariance they stand for', () => {
    const n = t.length;
    const noise = fitNoise(data, { share: 0, scale: 1, logOdds: 0 }, shapes);
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from(
        { length: n },
        (_, j) => (i === j ? 0.02 ** 2 : 0) + shapes.reduce((sum, f) => sum + (f[i] as number) * (f[j] as number), 0),
      ),
    );
    expect(noise.logDeterminant).toBeCloseTo(logDeterminant(rows), 4);
  });
});

function logDeterminant(rows: number[][]): number {
  let sum = 0;
  for (let c = 0; c < rows.length; c++) {
    const pivot = rows[c] as number[];
    sum += Math.log(pivot[c] as number);
    for (let r = c + 1; r < rows.length; r++) {
      const row = rows[r] as number[];
      const f = (row[c] as number) / (pivot[c] as number);
      for (let k = c; k < rows.length; k++) row[k] = (row[k] as number) - f * (pivot[k] as number);
    }
  }
  return sum;
}
