import { describe, expect, it } from 'vitest';
import type { DecodeOptions, OutputTensor } from '../../../src/vision/candidate.ts';
import { recogniseFamily } from '../../../src/vision/families.ts';
import type { Family } from '../../../src/vision/model-input.ts';

const CAR = 2;
const TRUCK = 7;
const options: DecodeOptions = { inputWidth: 64, inputHeight: 64, minScore: 0.1, wanted: [CAR, TRUCK] };
const size = { width: 64, height: 64 };

function tensor(name: string, dims: number[], values: Record<number, number> = {}): OutputTensor {
  const data = new Float32Array(dims.reduce((product, n) => product * n, 1));
  for (const [at, value] of Object.entries(values)) data[Number(at)] = value;
  return { name, dims, data };
}

function decode(outputs: OutputTensor[], forced?: Family) {
  const family = recogniseFamily(outputs, size, forced);
  return { family: family.family, found: family.decode(outputs, options) };
}

describe('decoding YOLOX', () => {
  // 64² has 8×8 + 4×4 + 2×2 = 84 rows; row 64 + 6 is stride 16, column 2, row 1.
  const at = 70 * 85;
  const row = { [at]: 0.5, [at + 1]: 0.25, [at + 2]: Math.log(2), [at + 3]: 0, [at + 4]: 0.9, [at + 5 + CAR]: 0.8 };

  it('turns grid offsets and logarithms into corners', () => {
    const { family, found } = decode([tensor('output', [1, 84, 85], row)]);
    expect(family).toBe('yolox');
    expect(found).toHaveLength(1);
    // centre (2.5, 1.25) · 16 = (40, 20); size (2, 1) · 16
    [24, 12, 56, 28].forEach((value, i) => {
      expect(found[0]?.box[i]).toBeCloseTo(value, 4);
    });
    expect(found[0]?.score).toBeCloseTo(0.72, 5);
    expect(found[0]?.classIndex).toBe(CAR);
  });

  it('takes the best wanted class and ignores the others', () => {
    const values = { ...row, [at + 5 + TRUCK]: 0.85, [at + 5]: 1 };
    const { found } = decode([tensor('output', [1, 84, 85], values)]);
    expect(found.map(({ classIndex }) => classIndex)).toEqual([TRUCK]);
  });

  it('passes over rows below the score and rows that are not numbers', () => {
    const weak = decode([tensor('output', [1, 84, 85], { ...row, [at + 4]: 0.12 })]);
    expect(weak.found).toEqual([]);
    const broken = decode([tensor('output', [1, 84, 85], { ...row, [at + 4]: Number.NaN })]);
    expect(broken.found).toEqual([]);
  });
});

describe('decoding YOLOv8', () => {
  it('reads boxes column by column', () => {
    const n = 100;
    const i = 17;
    const column = { [i]: 30, [n + i]: 20, [2 * n + i]: 8, [3 * n + i]: 4, [(4 + TRUCK) * n + i]: 0.6 };
    const { family, found } = decode([tensor('output0', [1, 84, n], column)]);
    expect(family).toBe('yolov8');
    expect(found).toEqual([{ box: [26, 18, 34, 22], score: expect.closeTo(0.6, 6), classIndex: TRUCK }]);
  });

  it('is what an 84-row tensor is even when YOLOX would have 84 rows of another length', () => {
    expect(decode([tensor('output0', [1, 84, 8400])], 'yolov8').family).toBe('yolov8');
  });
});

describe('decoding an NMS-free export', () => {
  it('reads corners, score and class', () => {
    const rows = { 6: 1, 7: 2, 8: 30, 9: 40, 10: 0.5, 11: CAR, 12: 1, 13: 2, 14: 3, 15: 4, 16: 0.9, 17: 0 };
    const { family, found } = decode([tensor('output0', [1, 300, 6], rows)]);
    expect(family).toBe('end2end');
    expect(found).toEqual([{ box: [1, 2, 30, 40], score: 0.5, classIndex: CAR }]);
  });
});

describe('decoding CenterNet', () => {
  const cells = 16 * 16;
  const at = 5 * 16 + 3;
  const sides = tensor('wh', [1, 4, 16, 16], { [at]: 6, [cells + at]: 4, [2 * cells + at]: 10, [3 * cells + at]: 8 });

  it('takes the peak of a hill and leaves its slope', () => {
    const base = CAR * cells + at;
    const heat = tensor('heat', [1, 80, 16, 16], { [base]: 0.7, [base + 1]: 0.6, [base - 16]: 0.5 });
    const { family, found } = decode([heat, sides]);
    expect(family).toBe('centernet');
    expect(found).toEqual([{ box: [6, 16, 22, 28], score: expect.closeTo(0.7, 6), classIndex: CAR }]);
  });

  it('does not look for neighbours beyond the edge', () => {
    const base = CAR * cells;
    // The last cell of row 0 and the first of row 1 are neighbours in memory only.
    const heat = tensor('heat', [1, 80, 16, 16], { [base + 15]: 0.5, [base + 16]: 0.9 });
    expect(decode([sides, heat]).found).toHaveLength(2);
  });
});

describe('recognising a family', () => {
  it.each([
    ['a YOLOv5 head, three anchors a cell', [{ name: 'out', dims: [1, 252, 85] }]],
    ['a classifier', [{ name: 'logits', dims: [1, 1000] }]],
    ['nothing', []],
    ['two maps of different size', [heatShape(16), { name: 'wh', dims: [1, 4, 8, 8] }]],
    ['a batch of two', [{ name: 'out', dims: [2, 84, 100] }]],
  ])('refuses %s and names what it found', (_, outputs) => {
    const shapes = outputs.map(({ dims }) => dims.join(',')).join(' ');
    let message = '';
    try {
      recogniseFamily(outputs, size);
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_MODEL', remedy: expect.any(String) });
      message = (error as Error).message;
    }
    for (const shape of shapes.split(' ').filter(Boolean)) expect(message).toContain(`[${shape}]`);
    expect(message).toContain('Accepted are yolox');
  });

  it('refuses a forced family that the shapes contradict', () => {
    const call = () => recogniseFamily([{ name: 'out', dims: [1, 84, 85] }], size, 'centernet');
    expect(call).toThrow(expect.objectContaining({ code: 'BAD_MODEL' }));
  });

  it('counts the classes', () => {
    expect(recogniseFamily([{ name: 'o', dims: [1, 84, 85] }], size).classCount).toBe(80);
    expect(recogniseFamily([{ name: 'o', dims: [1, 7, 100] }], size).classCount).toBe(3);
    expect(recogniseFamily([heatShape(16), { name: 'wh', dims: [1, 4, 16, 16] }], size).classCount).toBe(80);
  });
});

function heatShape(side: number) {
  return { name: 'heat', dims: [1, 80, side, side] };
}
