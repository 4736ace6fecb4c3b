import { describe, expect, it } from 'vitest';
import { ocSort } from '../../../../src/domain/tracking/oc-sort.ts';
import type { Box } from '../../../../src/domain/types.ts';

const FPS = 30;
const frames = (count: number, boxes: (t: number) => (Box | null)[]) =>
  Array.from({ length: count }, (_, k) => ({
    time: k / FPS,
    boxes: boxes(k / FPS).flatMap((bbox) => (bbox ? [{ bbox, score: 0.9 }] : [])),
  }));
const at = (x: number, y = 100): Box => [x, y, x + 80, y + 50];

describe('OC-SORT', () => {
  it('keeps the ids of two that meet', () => {
    const ids = [...ocSort(frames(60, (t) => [at(200 * t), at(400 - 200 * t, 115)]))];
    expect(ids.at(-1)).toEqual(ids[0]);
    expect(new Set(ids.flat())).toEqual(new Set([1, 2]));
  });

  it('finds what drives on within a second, and gives another id after that', () => {
    for (const [gap, count] of [
      [0.5, 1],
      [1.2, 2],
    ] as const) {
      const ids = [...ocSort(frames(90, (t) => [t > 1 && t < 1 + gap ? null : at(120 * t)]))];
      expect(new Set(ids.flat().filter((id) => id > 0)).size, `${gap} s`).toBe(count);
    }
  });

  it('says nothing of what was seen twice only', () => {
    const ids = [...ocSort(frames(20, (t) => [t > 0.4 && t < 0.46 ? at(10) : null]))];
    expect(ids.flat().every((id) => id === -1)).toBe(true);
  });
});
