/** Calibration points: what is refused and with which sentence, and how far what is accepted may be off. */
import { describe, expect, it } from 'vitest';
import {
  fitHomography,
  groundSigma,
  groundToImage,
  imageToGround,
} from '../../../../src/domain/geometry/homography.ts';
import { siteGeometry } from '../../../../src/domain/geometry/site-geometry.ts';
import { uprightOf } from '../../../../src/domain/geometry/upright.ts';
import type { CalibrationPoint, Point } from '../../../../src/domain/types.ts';
import { demoSite, project, seeded } from '../synthetic-scene.ts';

const at = (x: number, z: number): CalibrationPoint => ({ image: project([x, 0, z]), ground: [x, z] });
const GOOD = [at(-16, 0), at(0, 0), at(0, 3.5), at(-16, 3.5)];
const problem = (points: readonly CalibrationPoint[]) => {
  const result = fitHomography(points);
  return result.ok ? 'accepted' : result.problem;
};

describe('calibration points', () => {
  it.each([
    ['three', GOOD.slice(0, 3), 'at least 4'],
    ['three of four on a line', [at(-16, 0), at(-8, 0), at(0, 0), at(0, 3.5)], '1, 2 and 3 lie on one line'],
    ['one given twice', [...GOOD.slice(0, 3), GOOD[0] as CalibrationPoint], '1 and 4 are the same place'],
    ['all on a line', [at(-16, 1), at(-8, 1), at(-4, 1), at(0, 1), at(3, 1)], 'lie on one line'],
    [
      'two exchanged',
      [
        { ...at(-16, 0), ground: [0, 0] as Point<'ground'> },
        { ...at(0, 0), ground: [-16, 0] as Point<'ground'> },
        at(0, 3.5),
        at(-16, 3.5),
      ],
      'exchanged',
    ],
  ])('are refused: %s', (_, points, sentence) => {
    expect(problem(GOOD)).toBe('accepted');
    expect(problem(points)).toContain(sentence);
  });

  it('are refused with a zone that reaches above their horizon', () => {
    const result = siteGeometry({ ...demoSite, stop_zone: [[400, 10], ...demoSite.stop_zone.slice(1)] });
    expect(result.ok ? [] : result.problems).toContainEqual(
      expect.stringContaining('stop_zone reaches above the horizon'),
    );
  });

  it('say how uncertain a place is, as repeated clicks show it', () => {
    const { normal } = seeded(4);
    const points = [...GOOD, at(-8, 0), at(-8, 3.5), at(4, 1.75), at(-12, -2)];
    const exact = fitHomography(points);
    if (!exact.ok) throw new Error(exact.problem);
    for (const place of [
      [-2, 1.75],
      [-14, 1],
    ] as const) {
      const pixel = groundToImage(exact.homography, place) as Point<'image'>;
      let square = 0;
      const tries = 600;
      for (let i = 0; i < tries; i++) {
        const clicked = points.map((p) => ({
          ...p,
          image: [p.image[0] + 0.5 * normal(), p.image[1] + 0.5 * normal()] as Point<'image'>,
        }));
        const fit = fitHomography(clicked);
        if (!fit.ok) throw new Error(fit.problem);
        const [x, y] = imageToGround(fit.homography, pixel) as Point<'ground'>;
        square += (x - place[0]) ** 2 + (y - place[1]) ** 2;
      }
      // the miss in both directions against the worst one: between 1 and √2, and the chance of 600 tries
      const ratio = Math.sqrt(square / tries) / groundSigma(exact.homography, place);
      expect(ratio).toBeGreaterThan(0.95);
      expect(ratio).toBeLessThan(1.47);
    }
  });

  it('report what each misses and how well they determine the plane', () => {
    const points = [...GOOD, at(-8, 0), at(-8, 3.5)];
    const wrong = points.map((p, i) =>
      i === 4 ? { ...p, image: [p.image[0] + 12, p.image[1]] as Point<'image'> } : p,
    );
    const fit = fitHomography(wrong);
    if (!fit.ok) throw new Error(fit.problem);
    const { missesPx, condition } = fit.homography;
    expect(missesPx).toHaveLength(6);
    expect(missesPx.indexOf(Math.max(...missesPx))).toBe(4);
    const narrow = fitHomography([at(-16, 0), at(0, 0), at(0, 0.3), at(-16, 0.3)]);
    expect(narrow.ok && narrow.homography.condition > condition).toBe(true);
  });

  it('contain the camera: focal length and height', () => {
    const fit = fitHomography([...GOOD, at(-8, -2), at(4, 3)]);
    if (!fit.ok) throw new Error(fit.problem);
    const upright = uprightOf(fit.homography.toImage, { cx: 640, cy: 360 }, 1280);
    expect(upright?.focalPx).toBeCloseTo(360 / Math.tan((42 * Math.PI) / 360), 1);
    expect(upright?.cameraHeightM).toBeCloseTo(5.6, 2);
    const [u0, u1, u2] = upright?.up ?? [0, 0, 0];
    const m = fit.homography.toImage as number[];
    const h = (row: number) => (m[row] as number) * -5 + (m[row + 1] as number) * 1 + (m[row + 2] as number);
    const depth = h(6) + 1.5 * u2;
    const [px, py] = project([-5, 1.5, 1]);
    expect((h(0) + 1.5 * u0) / depth).toBeCloseTo(px, 2);
    expect((h(3) + 1.5 * u1) / depth).toBeCloseTo(py, 2);
  });
});
