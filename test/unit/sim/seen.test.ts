/** Projection, outlines and hiding: against hand-worked cases and an earlier renderer's own truth. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bodySize, hullPoints } from '../../../src/sim/body-shape.ts';
import { CAMERAS } from '../../../src/sim/cameras.ts';
import { pinhole } from '../../../src/sim/pinhole.ts';
import type { BodyKind, BodyState } from '../../../src/sim/scenario.ts';
import { isInFront, seenBodies } from '../../../src/sim/seen.ts';
import { sharedDir } from '../../support/shared.ts';

const size = { width: 1280, height: 720 };
const corner = pinhole(CAMERAS.corner, size);

function body(kind: BodyKind, x: number, z: number, heading = 0, id = 'body'): BodyState {
  return {
    id,
    body: kind,
    vehicle: 'car',
    lane: null,
    colour: '#000000',
    center: [x, z],
    heading,
    front: 0,
    speedMps: 0,
    accelerationMps2: 0,
    braking: false,
    headlights: false,
    ...bodySize(kind),
  };
}

describe('the pinhole', () => {
  it('puts the point it looks at into the middle of the picture', () => {
    const [x, y] = corner.project(CAMERAS.corner.lookAt) ?? [];
    expect(x).toBeCloseTo(640, 9);
    expect(y).toBeCloseTo(360, 9);
  });

  it('has the stated vertical field of view', () => {
    const camera = pinhole({ position: [0, 0, 10], lookAt: [0, 0, 0], fovDeg: 60 }, size);
    expect(camera.project([0, 10 * Math.tan(Math.PI / 6), 0])?.[1]).toBeCloseTo(0, 9);
    expect(camera.project([1, 0, 0])?.[0]).toBeGreaterThan(640);
  });

  it('finds its way back to the ground', () => {
    for (const [x, z] of [
      [-30, 1.75],
      [-0.25, 3.5],
      [8, -3],
    ] as const) {
      const ground = corner.groundAt(corner.projectXyz(x, 0, z));
      expect(ground?.[0]).toBeCloseTo(x, 6);
      expect(ground?.[1]).toBeCloseTo(z, 6);
    }
    expect(corner.groundAt([640, 0])).toBeNull();
  });

  it('does not see what is behind it', () => {
    expect(corner.project([20, 5, 40])).toBeNull();
    expect(seenBodies(corner, [body('sedan', 14, 26)])).toEqual([]);
  });
});

describe('a body', () => {
  it.each(['sedan', 'suv', 'hatch', 'van', 'bus', 'cyclist', 'pedestrian'] as const)(
    'of kind %s is as large as it says and stands on the ground',
    (kind) => {
      const points = hullPoints(kind);
      const extent = (axis: 0 | 1 | 2) => [
        Math.min(...points.map((p) => p[axis])),
        Math.max(...points.map((p) => p[axis])),
      ];
      const { lengthM, widthM, heightM } = bodySize(kind);
      expect((extent(0)[1] as number) - (extent(0)[0] as number)).toBeCloseTo(lengthM, 1);
      expect(extent(1)[0]).toBe(0);
      expect(Math.abs((extent(1)[1] as number) - heightM)).toBeLessThan(0.03);
      expect(Math.abs((extent(2)[1] as number) - (extent(2)[0] as number) - widthM)).toBeLessThan(0.03);
    },
  );

  it('is cut off at the edge of the picture, and says how much of it is left', () => {
    const [whole] = seenBodies(corner, [body('sedan', -3, 1.75)]);
    expect(whole?.inside).toBe(1);
    expect(whole?.box).toEqual(whole?.fullBox);
    const [cut] = seenBodies(corner, [body('sedan', 9, 1.75)]);
    expect(cut?.box[2]).toBe(1280);
    expect(cut?.fullBox[2]).toBeGreaterThan(1280);
    expect(cut?.inside).toBeGreaterThan(0);
    expect(cut?.inside).toBeLessThan(1);
  });

  it('moves with a bumped camera', () => {
    const [before] = seenBodies(corner, [body('sedan', -3, 1.75)]);
    const [after] = seenBodies(corner, [body('sedan', -3, 1.75)], [40, -10]);
    expect((after?.box[0] ?? 0) - (before?.box[0] ?? 0)).toBeCloseTo(40, 9);
    expect((after?.contactPx[1] ?? 0) - (before?.contactPx[1] ?? 0)).toBeCloseTo(-10, 9);
    expect((after?.middlePx[0] ?? 0) - (before?.middlePx[0] ?? 0)).toBeCloseTo(40, 9);
  });
});

describe('hiding', () => {
  const across = pinhole({ position: [0, 1.2, 20], lookAt: [0, 0.8, 0], fovDeg: 40 }, size);

  it('is complete behind a bus and nothing beside it', () => {
    const [car, bus] = seenBodies(across, [body('sedan', 0, 0), body('bus', 0, 5)]);
    expect(car?.occluded).toBe(1);
    expect(bus?.occluded).toBe(0);
    expect(seenBodies(across, [body('sedan', -14, 0), body('bus', 6, 5)])[0]?.occluded).toBe(0);
  });

  it('is about a half behind the end of a bus', () => {
    const bus = body('bus', 6.2, 5);
    const edge = across.groundAt(across.projectXyz(bus.center[0] - bus.lengthM / 2, 0, 5)) as readonly [number, number];
    expect(edge[0]).toBeCloseTo(0.45, 6);
    const [car] = seenBodies(across, [body('sedan', (edge[0] * 20) / 15, 0), bus]);
    expect(car?.occluded).toBeGreaterThan(0.35);
    expect(car?.occluded).toBeLessThan(0.65);
  });

  it('goes by what stands between, not by which middle is nearer', () => {
    // a long bus whose middle is far away, a car behind its near end
    const camera = pinhole({ position: [0, 2, 0], lookAt: [20, 1, 0], fovDeg: 60 }, size);
    const bus = body('bus', 16, -1.3, 0, 'bus');
    const car = body('hatch', 13, -4.5, 0, 'car');
    expect(isInFront(camera, bus, car)).toBe(true);
    expect(isInFront(camera, car, bus)).toBe(false);
  });
});

const proof = sharedDir() && join(sharedDir() as string, 'proofs/sim/demo.truth.json');

describe.skipIf(!proof)('an earlier clip of the same intersection', () => {
  it('has the same boxes to the pixel and the same ground points exactly', () => {
    interface Car {
      id: string;
      type: BodyKind;
      x1: number;
      y1: number;
      x2: number;
      y2: number;
      ground: [number, number];
      world: [number, number, number];
    }
    const frames = JSON.parse(readFileSync(proof as string, 'utf8')) as { cars: Car[] }[];
    const errors: number[] = [];
    for (const { cars } of frames) {
      for (const car of cars) {
        const heading = car.id === 'parked' ? Math.PI : 0;
        const [seen] = seenBodies(corner, [body(car.type, car.world[0], car.world[2], heading)]);
        if (!seen) continue;
        [car.x1, car.y1, car.x2, car.y2].forEach((edge, i) => {
          errors.push(Math.abs(edge - (seen.box[i] as number)));
        });
        expect(seen.middlePx[0]).toBeCloseTo(car.ground[0], 6);
        expect(seen.middlePx[1]).toBeCloseTo(car.ground[1], 6);
      }
    }
    expect(errors.length).toBeGreaterThan(4000);
    errors.sort((a, b) => a - b);
    expect(errors[Math.floor(0.99 * errors.length)]).toBeLessThan(1);
    expect(errors.at(-1)).toBeLessThan(2.5);
  });
});
