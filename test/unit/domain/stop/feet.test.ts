/** Feet of several softnesses: how they share their say, and what a soft one leaves of an interval. */
import { describe, expect, it } from 'vitest';
import { FEET, type FittedFoot, fitFeet, weighFeet } from '../../../../src/domain/stop/feet.ts';
import type { FitNoise } from '../../../../src/domain/stop/fit-noise.ts';
import type { ModelFit } from '../../../../src/domain/stop/model-fit.ts';
import { seededRandom } from '../../../../src/sim/random.ts';
import { drawPass, singlePass } from '../../../../src/sim/single-pass.ts';
import { CORNER, judge } from './corner.ts';

const fitted = (evidence: number): ModelFit => ({
  p: [0],
  dataCost: 20,
  cost: 20,
  covariance: [1],
  logVolume: 0,
  evidence,
});
const NOISES = [{ logOdds: 0 }, { logOdds: -1 }] as unknown as readonly FitNoise[];

describe('feet', () => {
  it('have odds that sum to one', () => {
    expect(FEET.reduce((sum, { odds }) => sum + odds, 0)).toBeCloseTo(1, 6);
  });

  it('have finite weights where only a soft one fits', () => {
    const found = fitFeet(FEET, NOISES, ({ softness }) => (softness === 0.12 ? fitted(-3) : null));
    const fits = weighFeet(found, 40);
    expect(fits.map(({ softness }) => softness)).toEqual([0.12, 0.12]);
    for (const { weight, cautiousWeight } of fits) {
      expect(weight).toBeGreaterThan(0);
      expect(Number.isFinite(weight + cautiousWeight)).toBe(true);
    }
  });

  it('say nothing where none fits', () => {
    expect(
      weighFeet(
        fitFeet(FEET, NOISES, () => null),
        40,
      ),
    ).toEqual([]);
  });

  it('are not tried with other noises when they are out of the question with the likeliest', () => {
    const tried: number[] = [];
    const found: FittedFoot[] = fitFeet(FEET, NOISES, ({ softness }, noise) => {
      if (noise === NOISES[1]) tried.push(softness);
      return fitted(softness > 0.1 ? -40 : 0);
    });
    expect(tried).toEqual([0, 0.06]);
    expect(found).toHaveLength(FEET.length + 2);
  });
});

describe('a soft foot', () => {
  const passes = (standS: number, slowestMps: number) =>
    Array.from({ length: 30 }, (_, i) => {
      const random = seededRandom(i + 1, `soft ${standS} ${slowestMps}`);
      const pass = drawPass(random, standS, slowestMps, true);
      const faults = { fps: 15, isVariable: false, noisePx: 0.5, drift: 0.5, miss: 0.05 };
      const trusting = { ...CORNER.site, policy: { ...CORNER.site.policy, detector_error: 0 } };
      return judge(trusting, singlePass(pass, faults, CORNER.pinhole, random).samples);
    });
  const share = (hits: readonly boolean[]) => hits.filter(Boolean).length / hits.length;

  it('leaves the slowest speed within its interval', () => {
    const inside = passes(0, 1.5).map(({ minSpeed }) => !!minSpeed && minSpeed.lo <= 5.4 && minSpeed.hi >= 5.4);
    expect(share(inside)).toBeGreaterThanOrEqual(0.9);
  });

  it('leaves the stand within its interval', () => {
    const inside = passes(2, 0).map(({ stoppedS }) => !!stoppedS && stoppedS.lo <= 2 && stoppedS.hi >= 2);
    expect(share(inside)).toBeGreaterThanOrEqual(0.85);
  });
});
