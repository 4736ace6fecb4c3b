/** The fits of the judge on exact kinematics with noise: duration of stands, slowest speed. */
import { describe, expect, it } from 'vitest';
import { fitDip } from '../../../src/domain/stop/dip-fit.ts';
import { localFit, type Series } from '../../../src/domain/stop/local-fit.ts';
import { normalQuantile } from '../../../src/domain/stop/normal-quantile.ts';
import { fitStand } from '../../../src/domain/stop/stand-fit.ts';
import { differenceScale } from '../../../src/domain/stop/track-noise.ts';
import { seeded } from './synthetic-scene.ts';

function series(position: (t: number) => number, fps: number, sigma: number, seed: number, seconds = 8): Series {
  const { normal, uniform } = seeded(seed);
  const t = Array.from({ length: fps * seconds }, (_, i) => (i + 0.4 * uniform()) / fps);
  return { t, s: t.map((time) => position(time) + sigma * normal()), sigma: t.map(() => sigma) };
}

const speeds = (s: Series) => s.t.map((at) => localFit(s, at, 0.4, 2)?.speed ?? 0);
const stand = (from: number, duration: number) => (t: number) =>
  -1.25 * Math.max(0, from - t) ** 2 + Math.max(0, t - from - duration) ** 2;

describe('local fit', () => {
  it('reads position, speed and acceleration of a parabola exactly, at uneven times', () => {
    const s = series((t) => 3 + 2 * t - 0.7 * t * t, 12, 1e-9, 5);
    const fit = localFit(s, 4, 0.5, 2);
    expect(fit?.position).toBeCloseTo(3 + 8 - 0.7 * 16, 6);
    expect(fit?.speed).toBeCloseTo(2 - 1.4 * 4, 5);
    expect(fit?.acceleration).toBeCloseTo(-1.4, 4);
  });

  it('states the spread of its speed truthfully', () => {
    const errors: number[] = [];
    let stated = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const fit = localFit(
        series((t) => 5 * t, 15, 0.05, seed, 4),
        2,
        0.5,
        2,
      );
      errors.push((fit?.speed ?? 0) - 5);
      stated = Math.sqrt(fit?.speedVariance ?? 0);
    }
    const sd = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    expect(sd / stated).toBeGreaterThan(0.85);
    expect(sd / stated).toBeLessThan(1.15);
  });

  it('says nothing when there are too few samples', () => {
    expect(localFit({ t: [0, 1], s: [0, 1], sigma: [1, 1] }, 0.5, 2, 2)).toBeNull();
    expect(localFit({ t: [1, 1, 1], s: [0, 1, 2], sigma: [1, 1, 1] }, 1, 2, 1)).toBeNull();
  });

  it('estimates the noise from the track itself, wild boxes left out', () => {
    const s = series((t) => 4 * t - 0.3 * t * t, 15, 0.07, 3);
    const wild = { ...s, s: s.s.map((v, i) => (i % 17 === 0 ? v + 3 : v)), sigma: s.t.map(() => 1) };
    expect(differenceScale(wild).scale).toBeGreaterThan(0.05);
    expect(differenceScale(wild).scale).toBeLessThan(0.12);
  });
});

describe('stand fit', () => {
  it.each([0.25, 0.5, 1, 1.5, 2, 3])(
    'reads a stand of %f s within its stated uncertainty and without bias',
    (duration) => {
      const errors: number[] = [];
      let covered = 0;
      for (let seed = 1; seed <= 60; seed++) {
        const s = series(stand(3, duration), 15, 0.03, seed);
        const fit = fitStand(s, speeds(s), 2.85, 3.15 + duration);
        expect(fit).not.toBeNull();
        if (!fit) continue;
        errors.push(fit.duration - duration);
        if (Math.abs(fit.duration - duration) <= 1.96 * fit.sigma) covered++;
      }
      const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
      expect(Math.abs(mean)).toBeLessThan(0.03);
      expect(errors.map(Math.abs).sort((a, b) => a - b)[57] as number).toBeLessThan(0.12);
      expect(covered / errors.length).toBeGreaterThan(0.85);
    },
  );

  it('gives a negative duration to a vehicle that kept rolling', () => {
    const s = series((t) => 1.5 * (t - 4) + (t < 4 ? -1.25 : 1) * (t - 4) ** 2, 15, 0.02, 9);
    const fit = fitStand(s, speeds(s), 3.9, 4.1);
    expect(fit === null || fit.duration < 0).toBe(true);
  });
});

describe('dip fit', () => {
  it.each([
    ['sharp', (d: number) => 1.8 * d + ((d < 0 ? -2.5 : 2) * d * d) / 2],
    ['gentle', (d: number) => 1.8 * d + (1.2 / 3) * d ** 3],
  ])('reads the slowest speed of a %s dip without rounding it off', (_, shape) => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const s = series((t) => shape(t - 4), 15, 0.03, seed);
      const v = speeds(s);
      const around = v.indexOf(Math.min(...v.slice(30, 90)));
      const dip = fitDip(s, v, around, 20, 100, 0.5);
      errors.push((dip?.speed ?? 9) - 1.8);
    }
    const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
    expect(Math.abs(mean)).toBeLessThan(0.12);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.45);
  });
});

it('knows the quantiles of the normal distribution', () => {
  expect(normalQuantile(0.95)).toBeCloseTo(1.959964, 5);
  expect(normalQuantile(0.99)).toBeCloseTo(2.575829, 5);
  expect(normalQuantile(0.5)).toBeCloseTo(0.67449, 5);
});
