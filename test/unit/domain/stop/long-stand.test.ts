/** A long stand: judged in time proportional to its samples, and no worse than a short one. */
import { describe, expect, it, vi } from 'vitest';
import { type LateralPlace, smoothLateral } from '../../../../src/domain/stop/lateral-way.ts';
import { localFit, median } from '../../../../src/domain/stop/local-fit.ts';
import { RunningMedian } from '../../../../src/domain/stop/running-median.ts';
import { seededRandom } from '../../../../src/sim/random.ts';
import { drawPass, singlePass } from '../../../../src/sim/single-pass.ts';
import { CORNER, judge } from './corner.ts';

vi.mock(import('../../../../src/domain/stop/local-fit.ts'), async (original) => {
  const actual = await original();
  return { ...actual, localFit: vi.fn(actual.localFit) };
});

/** Points that the fits of the lateral place may have looked at. */
function pointsFitted(standing: number): number {
  const place = (along: number): LateralPlace => ({ along, across: 0.1, sigma: 0.02 });
  const way = Array.from({ length: 60 }, (_, i) => place(-20 + i / 3));
  const stand = Array.from({ length: standing }, (_, i) => place(0.01 * Math.sin(i)));
  vi.mocked(localFit).mockClear();
  smoothLateral([...way, ...stand]);
  return vi.mocked(localFit).mock.calls.reduce((sum, [series]) => sum + series.t.length, 0);
}

describe('a long stand', () => {
  it('costs the fits of the lateral place nothing, however long it is', () => {
    expect(pointsFitted(9_000)).toBe(pointsFitted(30));
    expect(pointsFitted(30)).toBeGreaterThan(60);
  });

  it('leaves the lateral place where all of its boxes see it', () => {
    const random = seededRandom(3, 'lateral');
    const places = Array.from({ length: 400 }, (_, i) => ({
      along: i < 100 ? -20 + i / 5 : 0,
      across: 0.3 + 0.02 * Math.min(i, 100) * 0.2 + 0.05 * random.normal(),
      sigma: 0.05,
    }));
    expect(smoothLateral(places)[300]).toBeCloseTo(0.7, 1);
  });

  it('is measured like a short one', () => {
    const random = seededRandom(5, 'long');
    const pass = drawPass(random, 60, 0, false);
    const faults = { fps: 10, isVariable: false, noisePx: 1, drift: 0.5, miss: 0.05 };
    const { stoppedS } = judge(CORNER.site, singlePass(pass, faults, CORNER.pinhole, random).samples);
    expect(Math.abs((stoppedS?.value ?? 0) - 60)).toBeLessThan(0.2);
  });
});

describe('a running median', () => {
  it('is the median of what is in its window', () => {
    const random = seededRandom(8, 'median');
    const values = Array.from({ length: 200 }, () => Math.round(20 * random.uniform()));
    const running = new RunningMedian(values.length);
    values.forEach((value, i) => {
      running.add(value);
      if (i >= 17) running.remove(values[i - 17] as number);
      expect(running.value).toBe(median(values.slice(Math.max(0, i - 16), i + 1)));
    });
  });
});
