import { describe, expect, it } from 'vitest';
import type { DecodeOptions, OutputTensor } from '../../../src/vision/candidate.ts';
import { recogniseFamily } from '../../../src/vision/families.ts';
import type { Family } from '../../../src/vision/model-input.ts';

const CAR = 2;
const TRUCK = 7;
const options: DecodeOptions = { inputWidth: 96, inputHeight: 64, minScore: 0.1, wanted: [CAR, TRUCK] };
const size = { width: 96, height: 64 };

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
  // 96×64 has 12·8 + 6·4 + 3·2 = 126 rows; row 96 + 8 is stride 16, column 2, row 1.
  const at = 104 * 85;
  const row = { [at]: 0.5, [at + 1]: 0.25, [at + 2]: Math.log(2), [at + 3]: 0, [at + 4]: 0.9, [at + 5 + CAR]: 0.8 };

  it('turns grid offsets and logarithms into corners', () => {
    const { family, found } = decode([tensor('output', [1, 126, 85], row)]);
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
    const { found } = decode([tensor('output', [1, 126, 85], values)]);
    expect(found.map(({ classIndex }) => classIndex)).toEqual([TRUCK]);
  });

  it('passes over rows below the score and rows that are not numbers', () => {
    const weak = decode([tensor('output', [1, 126, 85], { ...row, [at + 4]: 0.12 })]);
    expect(weak.found).toEqual([]);
    const broken = decode([tensor('output', [1, 126, 85], { ...row, [at + 4]: Number.NaN })]);
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
  const cells = 24 * 16;
  const at = 5 * 24 + 3;
  const sides = tensor('wh', [1, 4, 16, 24], { [at]: 6, [cells + at]: 4, [2 * cells + at]: 10, [3 * cells + at]: 8 });

  it('takes the peak of a hill and leaves its slope', () => {
    const base = CAR * cells + at;
    const heat = tensor('heat', [1, 80, 16, 24], { [base]: 0.7, [base + 1]: 0.6, [base - 24]: 0.5 });
    const { family, found } = decode([heat, sides]);
    expect(family).toBe('centernet');
    expect(found).toEqual([{ box: [6, 16, 22, 28], score: expect.closeTo(0.7, 6), classIndex: CAR }]);
  });

  it.each([
    [0.5, 0.9],
    [0.9, 0.5],
  ])('does not look for neighbours beyond the edge (%d, %d)', (last, first) => {
    const base = CAR * cells;
    // The last cell of row 0 and the first of row 1 are neighbours in memory only.
    const heat = tensor('heat', [1, 80, 16, 24], { [base + 23]: last, [base + 24]: first });
    expect(decode([sides, heat]).found).toHaveLength(2);
  });
});

describe('recognising a family', () => {
  it.each([
    ['a YOLOv5 head, three anchors a cell', [{ name: 'out', dims: [1, 378, 85] }]],
    ['a classifier', [{ name: 'logits', dims: [1, 1000] }]],
    ['nothing', []],
    ['two maps of different size', [heatShape(), { name: 'wh', dims: [1, 4, 8, 8] }]],
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
    const call = () => recogniseFamily([{ name: 'out', dims: [1, 126, 85] }], size, 'centernet');
    expect(call).toThrow(expect.objectContaining({ code: 'BAD_MODEL' }));
  });

  it('counts the classes', () => {
    expect(recogniseFamily([{ name: 'o', dims: [1, 126, 85] }], size).classCount).toBe(80);
    expect(recogniseFamily([{ name: 'o', dims: [1, 7, 100] }], size).classCount).toBe(3);
    expect(recogniseFamily([heatShape(), { name: 'wh', dims: [1, 4, 16, 24] }], size).classCount).toBe(80);
  });
});

function heatShape() {
  return { name: 'heat', dims: [1, 80, 16, 24] };
}
