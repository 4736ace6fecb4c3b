/** Bent lenses: there and back, and a site behind one measures as without. */
import { describe, expect, it } from 'vitest';
import { distort, undistort } from '../../../../src/domain/geometry/lens.ts';
import { siteGeometry } from '../../../../src/domain/geometry/site-geometry.ts';
import type { Point, Site } from '../../../../src/domain/types.ts';
import { demoSite } from '../synthetic-scene.ts';

const lens = { fx: 938, fy: 938, cx: 640, cy: 360, k1: -0.25, k2: 0.06, p1: 0.001, p2: -0.0005 };

describe('a lens', () => {
  it('bends and straightens every place of the picture', () => {
    for (let x = 0; x <= 1280; x += 160) {
      for (let y = 0; y <= 720; y += 120) {
        const straight = undistort(lens, [x, y]);
        expect(straight).not.toBeNull();
        const [u, v] = distort(lens, straight as readonly [number, number]);
        expect(Math.hypot(u - x, v - y)).toBeLessThan(1e-3);
      }
    }
  });

  it('follows the convention of OpenCV', () => {
    // cv2.projectPoints of (0.5, 0.25, 1) by hand: r² = 0.3125
    const r2 = 0.3125;
    const radial = 1 + lens.k1 * r2 + lens.k2 * r2 * r2;
    const x = 0.5 * radial + 2 * lens.p1 * 0.125 + lens.p2 * (r2 + 0.5);
    const y = 0.25 * radial + lens.p1 * (r2 + 0.125) + 2 * lens.p2 * 0.125;
    const [u, v] = distort(lens, [640 + 469, 360 + 234.5]);
    expect(u).toBeCloseTo(640 + 938 * x, 9);
    expect(v).toBeCloseTo(360 + 938 * y, 9);
  });

  it('leaves a site that was drawn through it where it was', () => {
    const bent = (p: Point<'image'>) => distort(lens, p) as Point<'image'>;
    const through: Site = {
      ...demoSite,
      stop_line: demoSite.stop_line.map(bent) as unknown as Site['stop_line'],
      approach: demoSite.approach.map(bent) as unknown as Site['approach'],
      stop_zone: demoSite.stop_zone.map(bent),
      calibration: {
        lens,
        points: (demoSite.calibration?.points ?? []).map((p) => ({ ...p, image: bent(p.image) })),
      },
    };
    const [plain, behind] = [siteGeometry(demoSite), siteGeometry(through)];
    if (!plain.ok || !behind.ok) throw new Error('refused');
    const place = [500, 420] as const;
    const [x0, y0] = plain.geometry.toPlane(place) as readonly [number, number];
    const [x1, y1] = behind.geometry.toPlane(bent(place)) as readonly [number, number];
    expect(Math.hypot(x1 - x0, y1 - y0)).toBeLessThan(0.01);
    // without the coefficients it would be far off
    const blind = siteGeometry({ ...through, calibration: { points: through.calibration?.points ?? [] } });
    const seen = blind.ok ? (blind.geometry.toPlane(bent(place)) as readonly [number, number]) : [99, 99];
    expect(Math.hypot((seen[0] as number) - x0, (seen[1] as number) - y0)).toBeGreaterThan(0.02);
    expect(behind.geometry.toImage([x1, y1])?.map(Math.round)).toEqual(bent(place).map(Math.round));
  });

  it('is refused where its coefficients fold the picture', () => {
    const mad = { ...demoSite, calibration: { points: demoSite.calibration?.points ?? [], lens: { ...lens, k1: -9 } } };
    const result = siteGeometry(mad);
    expect(result.ok ? '' : result.problems[0]).toContain('the lens cannot show');
  });
});
