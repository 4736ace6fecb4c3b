/** The view watch and pictures of other sizes: one shape is one view, and another shape is none of its business. */
import { describe, expect, it } from 'vitest';
import { CameraView, FORGETFUL } from '../../../src/actors/inference/camera-view.ts';
import type { FramePicture } from '../../../src/actors/inference/ports.ts';
import { redrawn } from '../../support/view-pictures.ts';

const IMAGE = { width: 1280, height: 720 };

/** Boxes in a checked pattern whose squares differ in brightness: the same view in whatever size. */
function street(width: number, height: number): FramePicture {
  const chroma = new Uint8Array((width * height) / 4);
  const blank = { width, height, y: new Uint8Array(width * height) };
  const shade = (a: number, b: number): number => 40 + ((a * 7 + b * 13 + a * b * 5) % 11) * 18;
  const { y } = redrawn(blank, (_, col, row) => shade(Math.floor((col / width) * 20), Math.floor((row / height) * 11)));
  return { width, height, fullRange: false, y, u: chroma, v: chroma };
}

async function open() {
  const view = await CameraView.open(FORGETFUL, IMAGE);
  let second = 0;
  const states = (picture: FramePicture, seconds: number) =>
    Array.from({ length: seconds }, () => view.see(picture, ++second * 1e6)?.state ?? null);
  return { view, states };
}

describe('the view watch of a camera', () => {
  it('knows its view again in another size, also when that was rounded to a few lines more', async () => {
    const { states } = await open();
    expect(states(street(640, 360), 6).at(-1)).toBe('steady');
    for (const picture of [street(320, 180), street(640, 364), street(848, 480)]) {
      expect(new Set(states(picture, 5))).toEqual(new Set(['steady']));
    }
  });

  it('says and learns nothing of pictures of another shape, and goes on where it was behind them', async () => {
    const { states } = await open();
    expect(new Set(states(street(640, 480), 10))).toEqual(new Set([null]));
    expect(states(street(640, 360), 6)).toEqual(['learning', 'learning', 'learning', 'learning', 'steady', 'steady']);
    expect(new Set(states(street(640, 480), 60))).toEqual(new Set([null]));
    expect(states(street(640, 360), 2)).toEqual(['steady', 'steady']);
  });

  it('learns its view anew in the calibrated shape when it was confirmed in another', async () => {
    const { view, states } = await open();
    states(street(640, 360), 6);
    states(street(640, 480), 3);
    await view.confirm();
    expect(new Set(states(street(640, 480), 3))).toEqual(new Set([null]));
    expect(states(street(640, 360), 1)).toEqual(['learning']);
  });
});
