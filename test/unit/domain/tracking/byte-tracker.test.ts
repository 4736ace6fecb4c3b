import { describe, expect, it } from 'vitest';
import { ByteTracker, REFERENCE_OPTIONS, type ScoredBox } from '../../../../src/domain/tracking/byte-tracker.ts';
import { dropDoubles } from '../../../../src/domain/tracking/doubled-detections.ts';
import type { Detection } from '../../../../src/domain/types.ts';

const box = (x: number, score = 0.9): ScoredBox => ({ bbox: [x, 100, x + 80, 150], score });

describe('ByteTrack', () => {
  it('keeps the id of a moving box, also over faint detections', () => {
    const tracker = new ByteTracker(REFERENCE_OPTIONS);
    const ids = new Set<number>();
    for (let i = 0; i < 30; i++) {
      for (const track of tracker.step([box(10 + 5 * i, i % 4 === 3 ? 0.15 : 0.9)], i)) ids.add(track.id);
    }
    expect([...ids]).toEqual([1]);
  });

  it('never begins a track from a faint detection', () => {
    const tracker = new ByteTracker(REFERENCE_OPTIONS);
    for (let i = 0; i < 10; i++) expect(tracker.step([box(10, 0.2)], i)).toEqual([]);
  });

  it('finds an object again within the buffer of frames and not after', () => {
    for (const [gap, ids] of [
      [25, [1]],
      [40, [1, 2]],
    ] as const) {
      const tracker = new ByteTracker(REFERENCE_OPTIONS);
      const seen = new Set<number>();
      for (let i = 0; i < 20 + gap; i++) {
        const boxes = i < 10 || i >= 10 + gap ? [box(10)] : [];
        for (const track of tracker.step(boxes, i)) seen.add(track.id);
      }
      expect([...seen]).toEqual(ids);
    }
  });

  it('goes on counting from the given id', () => {
    const tracker = new ByteTracker({ ...REFERENCE_OPTIONS, firstId: 41 });
    expect(tracker.step([box(10), box(300)], 0).map((track) => track.id)).toEqual([41, 42]);
    expect(tracker.nextId).toBe(43);
  });
});

it('keeps one box of a vehicle that came as two classes', () => {
  const car: Detection = { bbox: [0, 0, 100, 50], score: 0.6, class: 'car' };
  const truck: Detection = { bbox: [2, 0, 101, 50], score: 0.7, class: 'truck' };
  const other: Detection = { bbox: [60, 0, 160, 50], score: 0.5, class: 'car' };
  expect(dropDoubles([car, truck, other])).toEqual([truck, other]);
  expect(dropDoubles([car, { ...car }])).toHaveLength(1);
});
