import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitHomography, groundToImage, imageToGround } from '../../../src/domain/geometry/homography.ts';
import {
  isSelfCrossing,
  polygonContains,
  segmentCrossing,
  signedArea,
  signedDistance,
} from '../../../src/domain/geometry/polygon.ts';
import { checkSite, fromRoad, siteGeometry, toRoad } from '../../../src/domain/geometry/site-geometry.ts';
import type { CalibrationPoint, Point, Site } from '../../../src/domain/types.ts';
import { demoSite, project } from './synthetic-scene.ts';

const at = (x: number, z: number): CalibrationPoint => ({ image: project([x, 0, z]), ground: [x, z] });

describe('homography', () => {
  const fit = fitHomography([at(-20, -3), at(-20, 3), at(3, -3), at(3, 3), at(-8, 1)]);

  it('finds every ground point of a projective camera again', () => {
    if (!fit.ok) throw new Error(fit.problem);
    expect(fit.homography.rmsPx).toBeLessThan(1e-6);
    fc.assert(
      fc.property(fc.double({ min: -40, max: 5, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true }), (x, z) => {
        const seen = project([x, 0, z]);
        const back = imageToGround(fit.homography, seen) as Point<'ground'>;
        expect(back[0]).toBeCloseTo(x, 5);
        expect(back[1]).toBeCloseTo(z, 5);
        expect(groundToImage(fit.homography, back)?.[0]).toBeCloseTo(seen[0], 4);
      }),
    );
  });

  it('says nothing of points above the horizon', () => {
    if (!fit.ok) throw new Error(fit.problem);
    expect(imageToGround(fit.homography, [640, 5])).toBeNull();
  });

  it('spreads disagreement over all points and reports it', () => {
    const noisy = [at(-20, -3), at(-20, 3), at(3, -3), at(3, 3), at(-8, 1), at(-3, -2)].map((p, i) => ({
      ...p,
      image: [p.image[0] + (i % 2 ? 2 : -2), p.image[1]] as const,
    }));
    const result = fitHomography(noisy);
    if (!result.ok) throw new Error(result.problem);
    expect(result.homography.rmsPx).toBeGreaterThan(0.5);
    expect(result.homography.rmsPx).toBeLessThan(8);
  });

  it.each([
    ['too few points', [at(0, 0), at(1, 0), at(0, 1)], /at least 4/],
    ['points on one line', [at(-4, 0), at(-3, 0), at(-2, 0), at(-1, 0)], /one line/],
    ['three of four on one line', [at(-4, 0), at(-3, 0), at(-2, 0), at(-1, 2)], /one line/],
    ['one place', [at(1, 1), at(1, 1), at(1, 1), at(1, 1)], /one place/],
  ])('refuses %s with a sentence', (_, points, sentence) => {
    const result = fitHomography(points);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.problem).toMatch(sentence);
  });
});

describe('plane', () => {
  const square = [
    [0, 0],
    [10, 0],
    [10, 10],
    [0, 10],
  ] as const;

  it('knows inside from outside', () => {
    expect(polygonContains(square, [5, 5])).toBe(true);
    expect(polygonContains(square, [11, 5])).toBe(false);
    expect(polygonContains([...square].reverse(), [5, 5])).toBe(true);
    expect(signedArea(square)).toBe(100);
  });

  it('lets segments cross only where both of them are', () => {
    expect(segmentCrossing([0, -1], [0, 1], [-1, 0], [1, 0])).toBeCloseTo(0.5);
    expect(segmentCrossing([0, -1], [0, 1], [1, 0], [3, 0])).toBeNull();
    expect(segmentCrossing([0, 1], [0, 2], [-1, 0], [1, 0])).toBeNull();
    expect(segmentCrossing([0, 0], [1, 0], [0, 1], [1, 1])).toBeNull();
  });

  it('measures distances with a sign', () => {
    expect(
      signedDistance(
        [
          [0, 0],
          [2, 0],
        ],
        [1, 3],
      ),
    ).toBeCloseTo(3);
    expect(
      signedDistance(
        [
          [2, 0],
          [0, 0],
        ],
        [1, 3],
      ),
    ).toBeCloseTo(-3);
  });

  it('sees a polygon that crosses itself', () => {
    expect(isSelfCrossing(square)).toBe(false);
    expect(
      isSelfCrossing([
        [0, 0],
        [10, 10],
        [10, 0],
        [0, 10],
      ]),
    ).toBe(true);
  });
});

describe('site geometry', () => {
  it('puts the line at 0 and the way before it below 0, whatever the slant of the line', () => {
    const slanted: Site = {
      ...demoSite,
      stop_line: [
        [860, 400],
        [720, 455],
      ],
    };
    for (const site of [demoSite, slanted]) {
      const result = siteGeometry(site);
      if (!result.ok) throw new Error(result.problems.join());
      const g = result.geometry;
      for (const end of site.stop_line) {
        const plane = g.toPlane(end);
        expect(plane && toRoad(g, plane)[0]).toBeCloseTo(0, 6);
      }
      const start = g.toPlane(site.approach[0]);
      expect(start && toRoad(g, start)[0]).toBeLessThan(-10);
      fc.assert(
        fc.property(
          fc.double({ min: -30, max: 10, noNaN: true }),
          fc.double({ min: -4, max: 4, noNaN: true }),
          (u, d) => {
            const [u2, d2] = toRoad(g, fromRoad(g, [u, d]));
            expect(u2).toBeCloseTo(u, 6);
            expect(d2).toBeCloseTo(d, 6);
          },
        ),
      );
    }
  });

  it('accepts the demo site, with and without its calibration', () => {
    expect(checkSite(demoSite)).toEqual([]);
    expect(checkSite({ ...demoSite, calibration: undefined })).toEqual([]);
  });

  const [p0, p1, p2, p3] = demoSite.stop_zone as [Point<'image'>, Point<'image'>, Point<'image'>, Point<'image'>];
  it.each([
    [
      'an approach from the other side',
      {
        approach: [
          [1000, 477],
          [786, 427],
        ],
      },
      /stop_zone lies beyond/,
    ],
    [
      'an approach that begins beyond the line',
      {
        approach: [
          [900, 450],
          [1100, 500],
        ],
      },
      /begins beyond/,
    ],
    [
      'an approach that runs away from the line',
      { approach: [demoSite.approach[1], demoSite.approach[0]] },
      /approach/,
    ],
    [
      'an approach along the line',
      {
        approach: [
          [739, 447],
          [827, 409],
        ],
      },
      /along the stop line/,
    ],
    [
      'a line without length',
      {
        stop_line: [
          [800, 420],
          [800, 420],
        ],
      },
      /stop_line has no length/,
    ],
    ['a zone that encloses nothing', { stop_zone: [p0, p1, p0] }, /encloses/],
    ['a zone that crosses itself', { stop_zone: [p0, p2, p1, p3] }, /crosses itself|encloses/],
    [
      'a zone beyond the line',
      {
        stop_zone: [
          [860, 420],
          [1000, 440],
          [1000, 480],
          [800, 460],
        ],
      },
      /beyond the stop line/,
    ],
    ['a zone above the horizon', { stop_zone: [[400, 10], p1, p2, p3] }, /horizon/],
  ])('finds fault with %s', (_, change, sentence) => {
    expect(checkSite({ ...demoSite, ...(change as Partial<Site>) }).join(' ')).toMatch(sentence);
  });
});
