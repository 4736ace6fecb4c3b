import { describe, expect, it } from 'vitest';
import { bodySize, hullPoints } from '../../../src/sim/body-shape.ts';
import { CAMERAS } from '../../../src/sim/cameras.ts';
import { pinhole } from '../../../src/sim/pinhole.ts';
import type { BodyState, Vec3 } from '../../../src/sim/scenario.ts';
import { appearanceOf, boundsOf, mergeRects, reachOf } from '../../../src/sim/scene/redraw.ts';

const SIZE = { width: 1280, height: 720 };
const SUN: Vec3 = [-18, 27, 17];
const camera = pinhole(CAMERAS.corner, SIZE);
const project = (point: Vec3) => camera.project(point);

function car(overrides: Partial<BodyState> = {}): BodyState {
  return {
    id: 'car',
    body: 'sedan',
    vehicle: 'car',
    lane: 'judged',
    colour: '#8f1d1d',
    center: [-4, 1.75],
    heading: 0,
    front: -1.4,
    speedMps: 3,
    accelerationMps2: 0,
    braking: false,
    headlights: false,
    ...bodySize('sedan'),
    ...overrides,
  };
}

/** Corner points of the body and where the sun throws them on the ground. */
function bodyAndShadow({ center, heading, body }: BodyState): Vec3[] {
  return hullPoints(body).flatMap(([x, y, z]) => {
    const at: Vec3 = [
      center[0] + x * Math.cos(heading) + z * Math.sin(heading),
      y,
      center[1] - x * Math.sin(heading) + z * Math.cos(heading),
    ];
    return [at, [at[0] - (SUN[0] * y) / SUN[1], 0, at[2] - (SUN[2] * y) / SUN[1]] as const];
  });
}

describe('what must be drawn again', () => {
  it.each([0, 0.7, Math.PI / 2, Math.PI, -2])('holds the body and its shadow, heading %f', (heading) => {
    const body = car({ heading });
    const rect = boundsOf(reachOf(body, SUN), project, SIZE.width, SIZE.height);
    for (const point of bodyAndShadow(body)) {
      const [x, y] = camera.project(point) ?? [Number.NaN, Number.NaN];
      expect(x).toBeGreaterThan(rect?.x0 ?? Number.NaN);
      expect(x).toBeLessThan(rect?.x1 ?? Number.NaN);
      expect(y).toBeGreaterThan(rect?.y0 ?? Number.NaN);
      expect(y).toBeLessThan(rect?.y1 ?? Number.NaN);
    }
  });

  it('reaches into the picture while only the shadow of a body is still in it', () => {
    // The body has left on the right; its shadow falls back to the left.
    const sun: Vec3 = [30, 10, 0];
    const body = car({ center: [5.9, -9.2], heading: Math.PI / 2 });
    const alone = boundsOf(bodyAndShadow(body), project, SIZE.width, SIZE.height);
    const reach = boundsOf(reachOf(body, sun), project, SIZE.width, SIZE.height);
    expect(reach?.x0).toBeLessThan(alone?.x0 ?? Number.POSITIVE_INFINITY);
  });

  it('is nothing for a body beside the picture, everything for one that reaches behind the camera', () => {
    const far = car({ center: [60, -30] });
    expect(boundsOf(reachOf(far, SUN), project, SIZE.width, SIZE.height)).toBeNull();
    // Its nose lies before the camera at (9, 17), its tail behind it.
    const passing = car({ center: [10.5, 18], heading: 0.85 + Math.PI });
    const rect = boundsOf(reachOf(passing, SUN), project, SIZE.width, SIZE.height);
    expect(rect).toEqual({ x0: 0, y0: 0, x1: SIZE.width, y1: SIZE.height });
  });

  it('joins rectangles that overlap and keeps those apart that would cost more together', () => {
    const a = { x0: 0, y0: 0, x1: 100, y1: 100 };
    const overlapping = { x0: 50, y0: 0, x1: 150, y1: 100 };
    const far = { x0: 900, y0: 500, x1: 1000, y1: 600 };
    expect(mergeRects([a, overlapping, far])).toEqual([{ x0: 0, y0: 0, x1: 150, y1: 100 }, far]);
  });

  it('joins a chain whose ends do not touch', () => {
    const link = (x: number) => ({ x0: x, y0: 0, x1: x + 100, y1: 100 });
    expect(mergeRects([link(0), link(160), link(80)])).toEqual([{ x0: 0, y0: 0, x1: 260, y1: 100 }]);
  });

  it('knows a body that rolls, brakes or lights up from one that stands', () => {
    expect(appearanceOf(car())).toBe(appearanceOf(car({ speedMps: 0 })));
    for (const change of [{ front: -1.3 }, { braking: true }, { headlights: true }, { heading: 0.01 }]) {
      expect(appearanceOf(car(change))).not.toBe(appearanceOf(car()));
    }
  });
});
