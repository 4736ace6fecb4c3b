import { describe, expect, it } from 'vitest';
import { boxToRect, containFit, overlaps, placeLabel, pointToElement } from '../../../src/web/overlay/geometry.ts';
import { labelText } from '../../../src/web/overlay/label-painter.ts';
import { track } from './examples.ts';

const fitOf = (...sizes: Parameters<typeof containFit>) => {
  const fit = containFit(...sizes);
  if (!fit) throw new Error('no fit');
  return fit;
};

describe('containFit', () => {
  it('fills an element of the same shape', () => {
    expect(fitOf({ w: 640, h: 360 }, { w: 1920, h: 1080 }, { w: 1280, h: 720 })).toEqual({
      left: 0,
      top: 0,
      width: 640,
      height: 360,
      sx: 0.5,
      sy: 0.5,
    });
  });

  it('centres a picture between bars above and below, and left and right', () => {
    expect(fitOf({ w: 640, h: 640 }, { w: 1280, h: 720 }, { w: 1280, h: 720 })).toMatchObject({ left: 0, top: 140 });
    expect(fitOf({ w: 1000, h: 360 }, { w: 1280, h: 720 }, { w: 1280, h: 720 })).toMatchObject({ left: 180, top: 0 });
  });

  it('maps boxes and points through a scale that differs from the picture', () => {
    const fit = fitOf({ w: 960, h: 640 }, { w: 1920, h: 1080 }, { w: 480, h: 270 });
    expect(boxToRect([0, 0, 480, 270], fit)).toEqual({ x: 0, y: 50, w: 960, h: 540 });
    expect(pointToElement([240, 135], fit)).toEqual([480, 320]);
  });

  it('has no answer before the picture or the element has a size', () => {
    expect(containFit({ w: 0, h: 10 }, { w: 1, h: 1 }, { w: 1, h: 1 })).toBeNull();
    expect(containFit({ w: 10, h: 10 }, { w: 0, h: 0 }, { w: 1, h: 1 })).toBeNull();
  });
});

describe('placeLabel', () => {
  const bounds = { x: 0, y: 0, w: 400, h: 300 };
  const label = { w: 100, h: 20 };

  it('sits above its box', () => {
    expect(placeLabel({ x: 50, y: 100, w: 60, h: 40 }, label, bounds, [])).toMatchObject({ x: 50, y: 76 });
  });

  it('stays inside the picture at the right and at the upper edge', () => {
    const { x, y } = placeLabel({ x: 380, y: 2, w: 60, h: 40 }, label, bounds, []);
    expect([x, y]).toEqual([300, 6]);
  });

  it('moves out of the way of labels that are there already', () => {
    const taken = [];
    for (let i = 0; i < 3; i++) {
      const placed = placeLabel({ x: 50 + i * 10, y: 100, w: 60, h: 40 }, label, bounds, taken);
      expect(taken.some((other) => overlaps(other, placed))).toBe(false);
      taken.push(placed);
    }
  });
});

describe('labelText', () => {
  it('says id, class and speed with its unit', () => {
    expect(labelText(track({ id: 42 }))).toBe('#42 car · 31 km/h');
    expect(labelText(track({ speed: 3.24, speed_unit: 'mph' }))).toBe('#1 car · 3.2 mph');
  });
  it('says how sure the speed is, while that says something', () => {
    expect(labelText(track({ speed_error: 1.7 }))).toBe('#1 car · 31 ± 2 km/h');
    expect(labelText(track({ speed: 4.2, speed_error: 0.62 }))).toBe('#1 car · 4.2 ± 0.6 km/h');
    expect(labelText(track({ speed_error: 0.4 }))).toBe('#1 car · 31 km/h');
    expect(labelText(track({ speed_error: 35 }))).toBe('#1 car · ≈ 31 km/h');
    expect(labelText(track({ speed: 0 }))).toBe('#1 car · 0.0 km/h');
  });
  it('leaves an unknown speed out, and says parked instead of a speed', () => {
    expect(labelText(track({ speed: null }))).toBe('#1 car');
    expect(labelText(track({ is_parked: true }))).toBe('#1 car · parked');
    expect(labelText(track({ verdict: 'rolling_stop' }))).toBe('#1 car · rolling stop');
  });
});
