/** How exactly a shift, a turn and a zoom are read from a real picture, whatever they are. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { edgeMap } from '../../../src/domain/view-watch/edge-map.ts';
import { type LumaPlane, lumaGrid } from '../../../src/domain/view-watch/luma-grid.ts';
import { Reference, type Registration, registerView } from '../../../src/domain/view-watch/register-view.ts';
import '../../support/seed.ts';
import { demoPicture, half, lit, moved, noisy, pasted } from '../../support/view-pictures.ts';

let full: LumaPlane;
let view: LumaPlane;
let reference: Reference;
beforeAll(async () => {
  full = await demoPicture();
  view = half(full);
  reference = new Reference(mapOf(view));
});

function mapOf(picture: LumaPlane) {
  const grid = lumaGrid(picture);
  if (!grid) throw new Error('too small');
  return edgeMap(grid);
}

/** Pixels of `picture`. */
function shiftOf({ movement: { tx, ty } }: Registration, { width }: LumaPlane) {
  return [(tx * width) / 160, (ty * width) / 160] as const;
}

describe('a shift', () => {
  it.each([
    ['by day, of any size up to a fifth of the picture', { x: 130, y: 70 }, { min: 0.35, max: 1.2 }],
    ['in the dark, of up to a tenth', { x: 64, y: 36 }, { min: 0.15, max: 0.35 }],
  ])('%s, is read within a pixel of 640', { timeout: 60_000 }, (_, most, light) => {
    const axis = (limit: number) => fc.integer({ min: -limit, max: limit });
    fc.assert(
      fc.property(axis(most.x), axis(most.y), fc.double({ ...light, noNaN: true }), fc.nat(), (dx, dy, gain, seed) => {
        const found = registerView(reference, mapOf(noisy(lit(moved(view, { dx, dy }), gain), 4, seed)));
        const [x, y] = shiftOf(found, view);
        expect(found.matched).toBeGreaterThan(0.45);
        expect(Math.hypot(x - dx, y - dy)).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });

  it('of parts of a pixel is read within two tenths of a cell', () => {
    for (let dx = -4; dx <= 4; dx += 0.5) {
      const [x, y] = shiftOf(registerView(reference, mapOf(moved(view, { dx, dy: -dx / 2 }))), view);
      expect(Math.hypot(x - dx, y + dx / 2), `${dx} px`).toBeLessThan(0.8);
    }
  });

  it('is the same in a picture of twice the size', () => {
    const [x, y] = shiftOf(registerView(reference, mapOf(moved(full, { dx: 40, dy: -16 }))), full);
    expect(Math.hypot(x - 40, y + 16)).toBeLessThan(2);
  });

  it('is read while a third of the picture is vehicles that move otherwise', () => {
    const street = pasted(pasted(moved(view, { dx: 12 }), 0.1, 0.4, 0.4, 0.8, 200), 0.5, 0.45, 0.85, 0.8, 40);
    const [x, y] = shiftOf(registerView(reference, mapOf(street)), view);
    expect(Math.hypot(x - 12, y)).toBeLessThan(1);
  });
});

describe('a turn and a zoom', () => {
  it('of a few degrees and percent are read', () => {
    const motion = fc.record({
      turnDeg: fc.double({ min: -2, max: 2, noNaN: true }),
      zoom: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
    });
    fc.assert(
      fc.property(motion, ({ turnDeg, zoom }) => {
        const { movement } = registerView(reference, mapOf(moved(view, { turnDeg, zoom })));
        expect(Math.abs((movement.turn * 180) / Math.PI - turnDeg)).toBeLessThan(0.35);
        expect(Math.abs(1 + movement.zoom - zoom)).toBeLessThan(0.006);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what cannot be found', () => {
  it('is not found: noise, another place, nothing', () => {
    const noise = noisy({ ...view, y: new Uint8Array(view.y.length).fill(128) }, 60, 1);
    const elsewhere = { ...view, y: view.y.toReversed() };
    const nothing = { ...view, y: new Uint8Array(view.y.length).fill(128) };
    for (const picture of [noise, elsewhere, nothing]) {
      expect(registerView(reference, mapOf(picture)).matched).toBeLessThan(0.15);
    }
    expect(registerView(reference, mapOf(nothing)).faded).toBe(1);
  });
});
