import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Letterbox } from '../../../src/vision/letterbox.ts';
import type { Family } from '../../../src/vision/model-input.ts';
import type { YuvPicture } from '../../../src/vision/picture.ts';
import { placePicture, toSource } from '../../../src/vision/placement.ts';
import { matrixFor } from '../../../src/vision/yuv-to-rgb.ts';
import { type ReferenceLayout, referenceLetterbox } from './reference-letterbox.ts';

const BT601 = { kr: 0.299, kb: 0.114 };
const BT709 = { kr: 0.2126, kb: 0.0722 };

function picture(width: number, height: number, fullRange: boolean, value: (i: number) => number): YuvPicture {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const memory = new Uint8Array(new SharedArrayBuffer(width * height + 2 * chroma));
  memory.forEach((_, i) => {
    memory[i] = value(i);
  });
  const y = memory.subarray(0, width * height);
  const u = memory.subarray(y.length, y.length + chroma);
  return { width, height, fullRange, y, u, v: memory.subarray(y.length + chroma) };
}

function flat(y: number, u: number, v: number, fullRange: boolean, width = 64, height = 48): YuvPicture {
  const luma = width * height;
  const chroma = luma / 4;
  return picture(width, height, fullRange, (i) => (i < luma ? y : i < luma + chroma ? u : v));
}

/** The colour at the middle of the drawn picture, in tensor order. */
function colourOf(source: YuvPicture, layout: Family): number[] {
  const box = Letterbox.alone({ width: 96, height: 96, layout });
  const at = box.fill(source);
  const middle = (at.top + (at.height >> 1)) * 96 + at.left + (at.width >> 1);
  return [0, 1, 2].map((plane) => box.data[plane * 96 * 96 + middle] as number);
}

function expectColour(actual: number[], expected: number[], tolerance: number): void {
  expected.forEach((value, i) => {
    expect(Math.abs((actual[i] as number) - value), `channel ${i} of ${actual}`).toBeLessThanOrEqual(tolerance);
  });
}

describe('letterbox colours', () => {
  it.each([
    ['limited black', flat(16, 128, 128, false), [0, 0, 0]],
    ['limited white', flat(235, 128, 128, false), [255, 255, 255]],
    ['limited below black', flat(0, 128, 128, false), [0, 0, 0]],
    ['limited above white', flat(255, 128, 128, false), [255, 255, 255]],
    ['full black', flat(0, 128, 128, true), [0, 0, 0]],
    ['full white', flat(255, 128, 128, true), [255, 255, 255]],
    ['full 16 is a dark grey', flat(16, 128, 128, true), [16, 16, 16]],
    ['full 235 is a light grey', flat(235, 128, 128, true), [235, 235, 235]],
    ['limited mid grey', flat(126, 128, 128, false), [128.1, 128.1, 128.1]],
  ])('%s', (_, source, expected) => {
    expectColour(colourOf(source, 'centernet'), expected, 0.1);
  });

  // Coded values of the colour bars: BT.601-7 and BT.709-6, rounded to 8 bit, hence the tolerance.
  it.each([
    ['BT.601 red', flat(81, 90, 240, false), [255, 0, 0]],
    ['BT.601 green', flat(145, 54, 34, false), [0, 255, 0]],
    ['BT.601 blue', flat(41, 240, 110, false), [0, 0, 255]],
    ['BT.709 red, 720 lines', flat(63, 102, 240, false, 1280, 720), [255, 0, 0]],
    ['BT.709 green, 720 lines', flat(173, 42, 26, false, 1280, 720), [0, 255, 0]],
    ['BT.709 blue, 720 lines', flat(32, 240, 118, false, 1280, 720), [0, 0, 255]],
    ['full-range BT.601 red', flat(76, 85, 255, true), [255, 0, 0]],
  ])('%s', (_, source, expected) => {
    expectColour(colourOf(source, 'centernet'), expected, 2);
  });

  it('gives YOLOX blue first and YOLOv8 red first, from 0 to 1', () => {
    const red = flat(81, 90, 240, false);
    expectColour(colourOf(red, 'yolox'), [0, 0, 255], 2);
    expectColour(colourOf(red, 'yolov8'), [1, 0, 0], 2 / 255);
  });
});

describe('the colour matrix', () => {
  it.each([
    [640, 480, 'bt601'],
    [720, 576, 'bt601'],
    [768, 720, 'bt709'],
    [1280, 534, 'bt709'],
    [1920, 1080, 'bt709'],
  ])('of a %i×%i picture is %s', (width, height, matrix) => {
    expect(matrixFor({ width, height })).toBe(matrix);
  });
});

describe('letterbox against a slow reference', () => {
  const yolox = { order: 'bgr', white: 255, pad: 114, left: 0, top: 0 } as const;
  const cases: [string, YuvPicture, Family, ReferenceLayout][] = [
    [
      'YOLOX, 16:9, limited: top-left',
      noise(128, 72, false),
      'yolox',
      { ...yolox, ...BT601, width: 64, height: 64, drawnWidth: 64, drawnHeight: 36 },
    ],
    [
      'YOLOX, enlarged, full range, odd size',
      noise(31, 45, true),
      'yolox',
      { ...yolox, ...BT601, width: 96, height: 96, drawnWidth: 66, drawnHeight: 96 },
    ],
    [
      'YOLOv8, centred, limited',
      noise(128, 72, false),
      'yolov8',
      { ...yolox, ...BT601, order: 'rgb', white: 1, width: 64, height: 64, top: 14, drawnWidth: 64, drawnHeight: 36 },
    ],
    [
      'CenterNet, stretched, full range',
      noise(90, 70, true),
      'centernet',
      { ...yolox, ...BT601, order: 'rgb', pad: 0, width: 160, height: 96, drawnWidth: 160, drawnHeight: 96 },
    ],
    [
      'HD takes BT.709',
      noise(1280, 34, false),
      'yolox',
      { ...yolox, ...BT709, width: 320, height: 32, drawnWidth: 320, drawnHeight: 9 },
    ],
  ];

  it.each(cases)('%s', (_, source, layout, reference) => {
    const box = Letterbox.alone({ width: reference.width, height: reference.height, layout });
    box.fill(source);
    const expected = referenceLetterbox(source, reference);
    let worst = 0;
    expected.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (box.data[i] as number)));
    });
    expect(worst / reference.white).toBeLessThan(1e-6);
  });

  it('repairs the padding when cameras of different shapes take turns', () => {
    const wide = noise(128, 72, false);
    const tall = noise(72, 128, false);
    const alone = Letterbox.alone({ width: 64, height: 64, layout: 'yolov8' });
    alone.fill(wide);
    const shared = Letterbox.alone({ width: 64, height: 64, layout: 'yolov8' });
    for (const each of [wide, tall, wide]) shared.fill(each);
    expect(shared.data).toEqual(alone.data);
  });

  it('refuses planes that are too short', () => {
    const broken = { ...noise(64, 48, false), width: 128 };
    const box = Letterbox.alone({ width: 64, height: 64, layout: 'yolox' });
    expect(() => box.fill(broken)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('placement', () => {
  it('leads back from model pixels to source pixels', () => {
    const side = fc.integer({ min: 8, max: 4000 });
    const layout = fc.constantFrom<Family>('yolox', 'yolov8', 'end2end', 'centernet');
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, side, layout, unit, unit, (width, height, family, u, v) => {
        const at = placePicture({ width, height }, { width: 640, height: 352, layout: family });
        expect(at.left + at.width).toBeLessThanOrEqual(640);
        expect(at.top + at.height).toBeLessThanOrEqual(352);
        const [x, y] = [at.left + u * at.width, at.top + v * at.height];
        const back = toSource([x, y, x, y], at);
        expect(back[0]).toBeCloseTo(u * width, 6);
        expect(back[1]).toBeCloseTo(v * height, 6);
      }),
    );
  });

  it('keeps the aspect within a pixel and clips to the picture', () => {
    const at = placePicture({ width: 1280, height: 720 }, { width: 416, height: 416, layout: 'yolox' });
    expect(at).toMatchObject({ left: 0, top: 0, width: 416, height: 234 });
    expect(toSource([-5, -5, 500, 500], at)).toEqual([0, 0, 1280, 720]);
  });
});

/** Seeded: the same picture every time (xorshift32). */
function noise(width: number, height: number, fullRange: boolean): YuvPicture {
  let state = 0x9e3779b9;
  return picture(width, height, fullRange, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}
