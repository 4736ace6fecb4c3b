/** Where vehicles drive, as evidence of a camera that has moved: what alarms and what does not. */
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/domain/stop/sample.ts';
import { lineCrossing } from '../../../../src/domain/view-watch/line-crossing.ts';
import { LATEST_PASSES, USUAL_PASSES, WayWatch } from '../../../../src/domain/view-watch/way-watch.ts';
import { seeded } from '../synthetic-scene.ts';

/** Finding of each pass; `offset` and `heading` say where the n-th drives. */
function drive(passes: number, offset: (n: number) => number, heading: (n: number) => number = () => 0) {
  const watch = new WayWatch();
  return Array.from({ length: passes }, (_, n) =>
    watch.take({ offsetM: offset(n), headingDeg: heading(n) }, 1000 + 10 * n),
  );
}

const shifted = (findings: ReturnType<typeof drive>) => findings.findIndex((found) => found?.state === 'shifted');

describe('the ways of vehicles over the line', () => {
  it('raise no alarm over a thousand passes of ordinary scatter, whatever the seed', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { normal } = seeded(seed);
      expect(
        shifted(
          drive(
            1000,
            () => 0.35 * normal(),
            () => 2.5 * normal(),
          ),
        ),
        `seed ${seed}`,
      ).toBe(-1);
    }
  });

  it('raise none when some drivers keep left and some right, and their shares change over the day', () => {
    for (let seed = 8; seed <= 12; seed++) {
      const { normal, uniform } = seeded(seed);
      const keepsLeft = (n: number) => uniform() < 0.5 + 0.3 * Math.sin(n / 60);
      const offset = (n: number) => (keepsLeft(n) ? -0.6 : 0.6) + 0.2 * normal();
      expect(shifted(drive(1000, offset, () => 2 * normal())), `seed ${seed}`).toBe(-1);
    }
  });

  it('raise none for a shift below the threshold, however regular', () => {
    expect(
      shifted(
        drive(
          500,
          (n) => (n < 60 ? 0 : 0.39),
          (n) => (n < 60 ? 0 : 2.9),
        ),
      ),
    ).toBe(-1);
  });

  it('raise none before enough passes were seen', () => {
    const passes = USUAL_PASSES + LATEST_PASSES - 1;
    expect(shifted(drive(passes, (n) => (n < USUAL_PASSES ? 0 : 3)))).toBe(-1);
    expect(shifted(drive(passes + 1, (n) => (n < USUAL_PASSES ? 0 : 3)))).toBe(passes);
  });

  it('tell of a shift within the last passes, how large it is and when it began', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { normal } = seeded(seed);
      const findings = drive(
        160,
        (n) => (n < 100 ? 0 : -0.8) + 0.25 * normal(),
        () => 2 * normal(),
      );
      const at = shifted(findings);
      expect(at, `seed ${seed}`).toBeGreaterThan(100);
      expect(at).toBeLessThanOrEqual(100 + LATEST_PASSES);
      const found = findings[at];
      if (found?.state !== 'shifted') throw new Error('nothing was found');
      expect(Math.abs(found.sinceUtc - 2000)).toBeLessThanOrEqual(30);
      const last = findings[130];
      if (last?.state !== 'shifted') throw new Error('it was not found for good');
      expect(Math.abs(last.shift.offsetM + 0.8)).toBeLessThan(0.25);
    }
  });

  it('tell of a turn', () => {
    const { normal } = seeded(4);
    const findings = drive(
      160,
      () => 0.2 * normal(),
      (n) => (n < 100 ? 0 : 5) + 1.5 * normal(),
    );
    expect(shifted(findings)).toBeGreaterThan(100);
    expect(shifted(findings)).toBeLessThanOrEqual(100 + LATEST_PASSES);
  });
});

describe('one way over the line', () => {
  const at = (along: number, across: number) => ({ along, across }) as Sample;

  it('is its place at the line and its direction, however long it stood before it', () => {
    const way = Array.from({ length: 40 }, (_, k) => at(-8 + k / 4, 0.5 + 0.05 * (-8 + k / 4)));
    const stood = Array.from({ length: 500 }, () => at(-1, 0.45));
    const crossing = lineCrossing([...way.slice(0, 28), ...stood, ...way.slice(28)]);
    expect(crossing?.offsetM).toBeCloseTo(0.5, 2);
    expect(crossing?.headingDeg).toBeCloseTo((Math.atan(0.05) * 180) / Math.PI, 1);
  });

  it('is unknown when little of it was seen', () => {
    expect(lineCrossing(Array.from({ length: 9 }, (_, k) => at(-1 + k / 8, 0)))).toBeNull();
  });
});
