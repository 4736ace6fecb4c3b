/** Which boxes of a frame are one vehicle told twice. */
import { describe, expect, it } from 'vitest';
import { dropDoubles } from '../../../../src/domain/tracking/doubled-detections.ts';
import type { Detection } from '../../../../src/domain/types.ts';

const at = (x: number, score: number, type = 'car'): Detection => ({
  bbox: [x, 100, x + 100, 150],
  score,
  class: type,
});

describe('boxes that overlap almost wholly', () => {
  it('are one, the most confident, whatever they are called', () => {
    const truck = at(102, 0.8, 'truck');
    expect(dropDoubles([at(100, 0.6), truck, at(104, 0.3)])).toEqual([truck]);
    expect(dropDoubles([at(100, 0.6), at(130, 0.8)])).toHaveLength(2);
  });

  it('take no neighbour along when they go: who overlaps the double only, stays', () => {
    const [vehicle, double, neighbour] = [at(100, 0.9), at(112, 0.8), at(124, 0.7)];
    expect(dropDoubles([vehicle, neighbour])).toEqual([vehicle, neighbour]);
    expect(dropDoubles([double, vehicle, neighbour])).toEqual([vehicle, neighbour]);
  });

  it('stay in the order in which they were told, and of equals the first stays', () => {
    const [a, b] = [at(100, 0.5), at(400, 0.9)];
    expect(dropDoubles([a, b, { ...a }])).toEqual([a, b]);
    expect(dropDoubles([a, b, { ...a }])[0]).toBe(a);
  });
});
