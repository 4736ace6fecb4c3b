import { describe, expect, it } from 'vitest';
import { ByteTracker, REFERENCE_OPTIONS, type ScoredBox } from '../../../src/domain/tracking/byte-tracker.ts';
import { dropDoubles } from '../../../src/domain/tracking/doubled-detections.ts';
import type { Detection } from '../../../src/domain/types.ts';

const box = (x: number, score = 0.9): ScoredBox => ({ bbox: [x, 100, x + 80, 150], score });
const live = (options = {}) =>
  new ByteTracker({ ...REFERENCE_OPTIONS, idsAtBirth: false, lostBuffer: 3, lostBufferStanding: 30, ...options });

describe('ByteTrack', () => {
  it('keeps the id of a moving box, also over faint detections', () => {
    const tracker = live();
    const ids = new Set<number>();
    for (let i = 0; i < 30; i++) {
      for (const track of tracker.step([box(10 + 5 * i, i % 4 === 3 ? 0.15 : 0.9)], i / 30)) ids.add(track.id);
    }
    expect([...ids]).toEqual([1]);
  });

  it('never begins a track from a faint detection', () => {
    const tracker = live();
    for (let i = 0; i < 10; i++) expect(tracker.step([box(10, 0.2)], i / 30)).toEqual([]);
  });

  it('gives no id to what was seen once only', () => {
    const tracker = live();
    tracker.step([], 0);
    tracker.step([box(10)], 0.1);
    tracker.step([], 0.2);
    expect(tracker.nextId).toBe(1);
  });

  it('finds a vehicle again within the buffer, measured in seconds, and not after', () => {
    for (const [gap, ids] of [
      [2.5, [1]],
      [4, [1, 2]],
    ] as const) {
      const tracker = live();
      const seen = new Set<number>();
      const see = (t: number, boxes: ScoredBox[]) => {
        for (const track of tracker.step(boxes, t)) seen.add(track.id);
      };
      for (let i = 0; i < 10; i++) see(i / 10, [box(10)]);
      // The two last empty frames let the track expire if it has to.
      for (const t of [1.1, gap - 0.1, gap]) see(0.9 + t - 0.2, []);
      for (let i = 0; i < 3; i++) see(0.9 + gap + i / 10, [box(10)]);
      expect([...seen]).toEqual(ids);
    }
  });

  it('remembers a standing vehicle at its place for longer', () => {
    const tracker = live({ standingIou: 0.5, rescueGrow: 0.3 });
    for (let i = 0; i < 10; i++) {
      for (const track of tracker.step([box(10)], i / 10)) track.isStanding = true;
    }
    for (let i = 10; i < 200; i++) tracker.step([], i / 10);
    expect(tracker.step([box(12)], 20).map((track) => track.id)).toEqual([1]);
  });

  it('does not let a passing vehicle carry the id of a standing one off', () => {
    const tracker = live({ standingIou: 0.5, rescueGrow: 0.3 });
    const at = (x: number, y: number): ScoredBox => ({ bbox: [x, y, x + 80, y + 50], score: 0.9 });
    for (let i = 0; i < 10; i++) {
      for (const track of tracker.step([at(300, 100)], i / 10)) track.isStanding = true;
    }
    // The standing one is hidden while the other drives by in front of it, a little lower in the picture.
    for (let i = 0; i < 12; i++) tracker.step([at(180 + 20 * i, 128)], 1 + i / 10);
    const after = tracker.step([at(300, 100), at(420, 128)], 2.2);
    const standing = after.find((track) => track.id === 1);
    expect(standing?.detection).toBe(0);
    expect(after).toHaveLength(2);
  });

  it('swaps no ids when two vehicles meet', () => {
    const tracker = live();
    let last = new Map<number, number>();
    for (let i = 0; i < 40; i++) {
      const left: ScoredBox = { bbox: [10 + 10 * i, 100, 90 + 10 * i, 150], score: 0.9 };
      const right: ScoredBox = { bbox: [410 - 10 * i, 120, 490 - 10 * i, 170], score: 0.9 };
      last = new Map(tracker.step([left, right], i / 30).map((track) => [track.detection, track.id]));
      if (i === 0) expect(last.size).toBe(2);
    }
    expect([...last.entries()].sort()).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it('goes on counting from the given id', () => {
    const tracker = live({ firstId: 41 });
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
