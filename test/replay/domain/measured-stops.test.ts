/** A small edition of bench/judge.mjs: bias, spread, intervals and verdicts on exact kinematics. */
import { describe, expect, it } from 'vitest';
import { CAMERAS } from '../../../src/sim/cameras.ts';
import { seededRandom } from '../../../src/sim/random.ts';
import { drawPass, type PassFaults, singlePass } from '../../../src/sim/single-pass.ts';
import { judge, seenFrom } from '../../unit/domain/stop/corner.ts';

const FAULTS: PassFaults = { fps: 15, isVariable: false, noisePx: 1, drift: 0.5, miss: 0.05 };

function measure(n: number, standS: number, isSoft: boolean, camera: keyof typeof CAMERAS = 'corner', slowestMps = 0) {
  const view = seenFrom(camera);
  return Array.from({ length: n }, (_, i) => {
    const random = seededRandom(i + 1, `measured ${standS} ${isSoft} ${camera} ${slowestMps}`);
    const pass = drawPass(random, standS, slowestMps, isSoft);
    const { samples, truth } = singlePass(pass, FAULTS, view.pinhole, random, 1.7e9);
    return { truth, pass, judged: judge(view.site, samples) };
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const holds = (i: { lo: number; hi: number } | null, truth: number) => i !== null && i.lo <= truth && truth <= i.hi;

describe('stop durations', () => {
  it.each([0.25, 0.5, 1, 3])('of %f s are right to hundredths at 15 fps with a drifting pixel', (standS) => {
    const passes = measure(80, standS, false);
    const errors = passes.map(({ judged }) => (judged.stoppedS?.value ?? 0) - standS);
    expect(Math.abs(mean(errors))).toBeLessThan(0.03);
    expect(errors.map(Math.abs).sort((a, b) => a - b)[75] as number).toBeLessThan(0.1);
    expect(passes.filter(({ judged }) => holds(judged.stoppedS, standS)).length).toBeGreaterThanOrEqual(71);
  });

  it('of drivers with a soft foot lie in their intervals', () => {
    const passes = measure(80, 1, true);
    expect(passes.filter(({ judged }) => holds(judged.stoppedS, 1)).length).toBeGreaterThanOrEqual(70);
  });

  it('grow with the truth', () => {
    const means = [0, 0.25, 0.5, 1, 1.5, 2, 3].map((standS) =>
      mean(measure(20, standS, false).map(({ judged }) => judged.stoppedS?.value ?? 0)),
    );
    for (let i = 1; i < means.length; i++) expect(means[i] as number).toBeGreaterThan((means[i - 1] as number) + 0.15);
  });
});

it.each([0.5, 1.5, 3])(
  'the slowest speed of %f m/s is right to a third of a km/h and lies in its interval',
  (slowest) => {
    const passes = measure(60, 0, false, 'corner', slowest);
    const errors = passes.map(({ judged }) => (judged.minSpeed?.value ?? 99) - slowest * 3.6);
    expect(Math.abs(mean(errors))).toBeLessThan(0.15);
    expect(errors.map(Math.abs).sort((a, b) => a - b)[56] as number).toBeLessThan(0.45);
    expect(passes.filter(({ judged }) => holds(judged.minSpeed, slowest * 3.6)).length).toBeGreaterThanOrEqual(53);
    const verdict = slowest * 3.6 < 8 ? 'rolling_stop' : 'no_stop';
    expect(passes.filter(({ judged }) => judged.verdict === verdict).length).toBeGreaterThanOrEqual(59);
  },
);

describe.each(Object.keys(CAMERAS) as (keyof typeof CAMERAS)[])('from the camera %s', (camera) => {
  const passes = measure(24, 1.5, false, camera);

  it('the front is where it is, and nobody is said to be over the line', () => {
    const errors = passes.map(({ judged, truth }) => (judged.stopDistanceM?.value ?? 99) - truth.stopDistanceM);
    expect(Math.abs(mean(errors))).toBeLessThan(0.12);
    expect(
      passes.filter(({ judged, truth }) => holds(judged.stopDistanceM, truth.stopDistanceM)).length,
    ).toBeGreaterThan(20);
    expect(passes.some(({ judged }) => judged.encroached)).toBe(false);
  });

  it('the braking and the approach are measured', () => {
    const approach = passes.map(({ judged, truth }) => (judged.approachSpeed?.value ?? 99) - truth.enteredMps * 3.6);
    expect(Math.abs(mean(approach))).toBeLessThan(0.8);
    const seen = passes.filter(({ judged }) => judged.decelerationMps2);
    expect(seen.length).toBeGreaterThan(20);
    const braking = seen.map(({ judged, truth }) => {
      const entered = truth.profile.timeAt(-12) as number;
      return Math.abs((judged.decelerationMps2?.mean.value ?? 99) - truth.enteredMps / (truth.restS - entered));
    });
    braking.sort((a, b) => a - b);
    // m/s²; the last of the camera `low`, to which a pixel is 19 cm of road where the way begins
    expect(braking[Math.floor(braking.length * 0.9)] as number).toBeLessThan(0.25);
    expect(braking.at(-1) as number).toBeLessThan(0.3);
  });
});
