/** What must not matter to the judge: when it happened, in which unit it is told, how large the picture is, from which side. */
import { describe, expect, it } from 'vitest';
import type { PassJudgement } from '../../../../src/domain/stop/judge-pass.ts';
import type { Sample } from '../../../../src/domain/stop/sample.ts';
import type { Box, Point, Site } from '../../../../src/domain/types.ts';
import { seededRandom } from '../../../../src/sim/random.ts';
import { drawPass, singlePass } from '../../../../src/sim/single-pass.ts';
import { CORNER, judge } from './corner.ts';

const PASSES = Array.from({ length: 24 }, (_, i) => {
  const random = seededRandom(i + 1, 'invariance');
  const isStand = i % 2 === 0;
  const pass = drawPass(random, isStand ? random.between(0, 3) : 0, isStand ? 0 : random.between(0.3, 3), i % 3 === 0);
  const faults = { fps: 15, isVariable: i % 4 === 0, noisePx: random.between(0.5, 1.5), drift: 0.5, miss: 0.05 };
  return { seed: i + 1, samples: singlePass(pass, faults, CORNER.pinhole, random, 1.7e9).samples };
});

const moved = (samples: readonly Sample[], change: (sample: Sample) => Partial<Sample>): Sample[] =>
  samples.map((sample) => ({ ...sample, ...change(sample) }));

/** The measured numbers of a pass, times from its entry. */
function numbers(judged: PassJudgement, speedUnit = 1): number[] {
  const { stoppedS, minSpeed, approachSpeed, stopDistanceM, decelerationMps2, enteredUtc, minSpeedUtc } = judged;
  const flat = (i: { value: number; lo: number; hi: number } | null | undefined, by = 1) =>
    i ? [i.value * by, i.lo * by, i.hi * by] : [];
  return [
    ...flat(stoppedS),
    ...flat(minSpeed, speedUnit),
    ...flat(approachSpeed, speedUnit),
    ...flat(stopDistanceM),
    ...flat(decelerationMps2?.mean),
    ...flat(decelerationMps2?.peak),
    (minSpeedUtc ?? enteredUtc) - enteredUtc,
    judged.timeInZoneS,
  ];
}

function expectSame(a: PassJudgement, b: PassJudgement, tolerance: number, unit = 1): void {
  expect(b.verdict).toBe(a.verdict);
  expect([b.forced, b.encroached, b.complete]).toEqual([a.forced, a.encroached, a.complete]);
  const [x, y] = [numbers(a), numbers(b, unit)];
  expect(y).toHaveLength(x.length);
  x.forEach((value, i) => {
    expect(Math.abs((y[i] as number) - value)).toBeLessThan(tolerance);
  });
}

const points = (
  site: Site,
  image: (p: Point<'image'>) => Point<'image'>,
  ground = (p: Point<'ground'>) => p,
): Site => ({
  ...site,
  stop_line: site.stop_line.map(image) as unknown as Site['stop_line'],
  approach: site.approach.map(image) as unknown as Site['approach'],
  stop_zone: site.stop_zone.map(image),
  calibration: {
    points: (site.calibration?.points ?? []).map((p) => ({ image: image(p.image), ground: ground(p.ground) })),
  },
});

describe.each(PASSES)('pass $seed', ({ samples }) => {
  const usual = judge(CORNER.site, samples);

  it('is judged the same at another time, to the last digit that a time stamp has', () => {
    const later = moved(samples, ({ tsUtc }) => ({ tsUtc: tsUtc + 86400 }));
    expectSame(usual, judge(CORNER.site, later), 1e-4);
  });

  it('is judged the same in miles', () => {
    const { policy } = CORNER.site;
    const MPH = 1.609344;
    const inMiles = { ...policy, stop_speed: policy.stop_speed / MPH, rolling_below: policy.rolling_below / MPH };
    expectSame(usual, judge({ ...CORNER.site, units: 'mph', policy: inMiles }, samples), 1e-6, MPH);
  });

  // the fits of places stop at half a millimetre
  it.each([0.5, 2, 3])('is judged the same in a picture %f times as large', (k) => {
    const larger = points(CORNER.site, ([x, y]) => [x * k, y * k]);
    const site = { ...larger, image: { width: 1280 * k, height: 720 * k } };
    const boxes = moved(samples, ({ box }) => ({ box: box.map((v) => v * k) as unknown as Box }));
    expectSame(usual, judge(site, boxes), 2e-3);
  });

  it('is judged the same in a mirror', () => {
    const site = points(
      CORNER.site,
      ([x, y]) => [1280 - x, y],
      ([x, y]) => [x, -y],
    );
    const boxes = moved(samples, ({ box: [x1, y1, x2, y2] }) => ({ box: [1280 - x2, y1, 1280 - x1, y2] as Box }));
    expectSame(usual, judge(site, boxes), 3e-3);
  });

  it('is judged the same with its ground measured from elsewhere, in another direction', () => {
    const [c, s] = [Math.cos(2), Math.sin(2)];
    const site = points(
      CORNER.site,
      (p) => p,
      ([x, y]) => [c * x - s * y + 120, s * x + c * y - 70],
    );
    expectSame(usual, judge(site, samples), 2e-3);
  });
});
