/** The default tracker on small made-up scenes; what stands is set by hand, as the analyzer does. */
import { describe, expect, it } from 'vitest';
import type { ScoredBox } from '../../../../src/domain/tracking/byte-tracker.ts';
import type { FollowedTrack } from '../../../../src/domain/tracking/followed-track.ts';
import { StopsignTracker } from '../../../../src/domain/tracking/stopsign-tracker.ts';

const at = (x: number, y = 100, score = 0.9, size = 1): ScoredBox => ({
  bbox: [x, y, x + 80 * size, y + 50 * size],
  score,
});
const start = () => new StopsignTracker({ firstId: 1 });

function idOf(tracks: readonly FollowedTrack[], detection: number): number | undefined {
  return tracks.find((track) => track.detection === detection)?.id;
}

/** Lets a vehicle stand at a place for a while; the next frame is at `until`. */
function stand(tracker: StopsignTracker, box: ScoredBox, until: number, isParked = false): void {
  for (let t = 0; t < until - 1e-9; t += 0.1) {
    for (const track of tracker.step([box], t)) {
      track.place = box.bbox;
      track.isParked = isParked;
    }
  }
}

describe('the default tracker', () => {
  it('keeps the id of a moving box at any and at changing frame rates, also over faint detections', () => {
    for (const rates of [[30], [10], [5], [30, 10, 17, 6]]) {
      const tracker = start();
      const ids = new Set<number>();
      let t = 0;
      for (let i = 0; i < 40; i++) {
        for (const track of tracker.step([at(10 + 150 * t, 100, i % 4 === 3 ? 0.15 : 0.9)], t)) ids.add(track.id);
        t += 1 / (rates[i % rates.length] as number);
      }
      expect([...ids], `at ${rates} fps`).toEqual([1]);
    }
  });

  it('gives no id to what was seen once only, and none to what is faint', () => {
    const tracker = start();
    tracker.step([], 0);
    tracker.step([at(10)], 0.1);
    for (let i = 2; i < 9; i++) tracker.step([at(300, 100, 0.2)], i / 10);
    expect(tracker.nextId).toBe(1);
  });

  it('remembers a moving vehicle for seconds, not for frames', () => {
    for (const fps of [10, 30]) {
      for (const [gap, ids] of [
        [2.5, 1],
        [4, 2],
      ] as const) {
        const tracker = start();
        for (let t = 0; t < 1; t += 1 / fps) tracker.step([at(10)], t);
        for (let t = 1; t < 1 + gap; t += 1 / fps) tracker.step([], t);
        for (let t = 1 + gap; t < 2 + gap; t += 1 / fps) tracker.step([at(10)], t);
        expect(tracker.nextId - 1, `${gap} s at ${fps} fps`).toBe(ids);
      }
    }
  });

  it('finds a vehicle again where its motion has brought it, and takes no other for it', () => {
    const drive = (t: number) => 10 + 160 * t;
    const run = (after: (t: number) => ScoredBox) => {
      const tracker = start();
      for (let t = 0; t < 1; t += 0.05) tracker.step([at(drive(t))], t);
      for (let t = 1; t < 2; t += 0.05) tracker.step([], t);
      for (let t = 2; t < 2.5; t += 0.05) tracker.step([after(t)], t);
      return tracker.nextId - 1;
    };
    expect(run((t) => at(drive(t)))).toBe(1);
    // It braked meanwhile.
    expect(run((t) => at(drive(t) - 75))).toBe(1);
    // Too far behind, too far aside, or of another size.
    expect(run((t) => at(drive(t) - 170))).toBe(2);
    expect(run((t) => at(drive(t), 260))).toBe(2);
    expect(run((t) => at(drive(t), 100, 0.9, 2.2))).toBe(2);
  });

  it('does not find a lost vehicle again behind one that goes on', () => {
    const tracker = start();
    for (let t = 0; t < 1; t += 0.05) tracker.step([at(10 + 160 * t), at(500)], t);
    for (let t = 1; t < 1.6; t += 0.05) tracker.step([at(500)], t);
    expect(idOf(tracker.step([at(500), at(10 + 160 * 1.6)], 1.6), 1)).toBe(1);
  });

  it('knows a standing vehicle again at its place after half a minute, a parked one after ten', () => {
    for (const [isParked, away, id] of [
      [false, 25, 1],
      [false, 40, undefined],
      [true, 500, 1],
      [true, 700, undefined],
    ] as const) {
      const tracker = start();
      stand(tracker, at(10), 1, isParked);
      for (let t = 1; t < 1 + away; t += 0.5) tracker.step([], t);
      expect(idOf(tracker.step([at(12)], 1 + away), 0), `parked ${isParked}, ${away} s`).toBe(id);
    }
  });

  it('waits minutes for a standing vehicle that another one hides', () => {
    const tracker = start();
    stand(tracker, at(300), 1);
    const bus: ScoredBox = { bbox: [200, 60, 460, 170], score: 0.9 };
    for (let t = 1; t < 200; t += 0.2) tracker.step([bus], t);
    expect(idOf(tracker.step([bus, at(301)], 200), 1)).toBe(1);
  });

  it('does not let a passing vehicle carry the id of a standing one off', () => {
    const tracker = start();
    stand(tracker, at(300), 1);
    // The standing one is hidden while the other drives by in front of it, a little lower in the picture.
    for (let i = 0; i < 12; i++) tracker.step([at(180 + 20 * i, 128)], 1 + i / 10);
    const after = tracker.step([at(300), at(420, 128)], 2.2);
    expect(idOf(after, 0)).toBe(1);
    expect(after).toHaveLength(2);
  });

  it('does not give a box of a standing vehicle, missed for a moment, to one that drives past behind it', () => {
    const tracker = start();
    for (let i = 0; i < 60; i++) {
      const boxes = [at(10 + 12 * i, 85, 0.7)];
      const isHidden = i >= 18 && i <= 30;
      if (i !== 20) boxes.push(at(300));
      for (const track of tracker.step(isHidden ? boxes.slice(1) : boxes, i / 10)) {
        if (track.id === 1) track.place = at(300).bbox;
      }
    }
    const after = tracker.step([at(10 + 12 * 60, 85), at(300)], 6);
    expect([idOf(after, 0), idOf(after, 1)]).toEqual([2, 1]);
  });

  it('gives a newcomer its own id when it stops where another one stood before', () => {
    const tracker = start();
    stand(tracker, at(300), 1);
    for (let i = 0; i <= 20; i++) tracker.step([at(100 + 10 * i)], 1 + i / 10);
    expect(tracker.step([at(300)], 3.1).map(({ id }) => id)).toEqual([2]);
  });

  it('swaps no ids when two vehicles meet, also when one hides the other', () => {
    for (const hidden of [0, 6]) {
      const tracker = start();
      let last: (number | undefined)[] = [];
      for (let i = 0; i < 40; i++) {
        const left = at(10 + 10 * i, 100);
        const right = at(410 - 10 * i, 120);
        const isHidden = Math.abs(i - 20) < hidden / 2;
        const tracks = tracker.step(isHidden ? [right] : [right, left], i / 30);
        last = [idOf(tracks, 0), idOf(tracks, 1)];
      }
      // In the first frame the left one was the first.
      expect(last).toEqual([2, 1]);
    }
  });

  it('begins no other vehicle in the parts of one that stands', () => {
    const tracker = start();
    stand(tracker, at(300), 1);
    const left: ScoredBox = { bbox: [300, 102, 338, 150], score: 0.6 };
    const right: ScoredBox = { bbox: [340, 100, 380, 148], score: 0.6 };
    for (let i = 0; i < 10; i++) tracker.step(i % 4 < 2 ? [left, right] : [at(300)], 1 + i / 10);
    expect(tracker.nextId).toBe(2);
  });

  it('follows a small vehicle that drives inside the box of something large', () => {
    const tracker = start();
    const house: ScoredBox = { bbox: [0, 40, 460, 280], score: 0.5 };
    stand(tracker, house, 1);
    for (let i = 0; i < 20; i++) tracker.step([house, at(10 + 10 * i, 120, 0.8, 0.5)], 1 + i / 10);
    expect(tracker.nextId).toBe(3);
  });

  it('looks for recalled vehicles at their places, and counts on above them', () => {
    const tracker = new StopsignTracker({ firstId: 41 });
    tracker.recall([{ id: 7, box: at(300).bbox, isParked: true }], 100);
    const tracks = tracker.step([at(10), at(302)], 100);
    expect([idOf(tracks, 0), idOf(tracks, 1)]).toEqual([41, 7]);
  });

  it('goes on with the confident box that nobody claims when a vehicle drives off out of a faint one', () => {
    const tracker = start();
    stand(tracker, at(300), 1);
    // What is left of it behind the pole is read faintly; the rest that came out overlaps its place by little.
    const faint: ScoredBox = { bbox: [306, 104, 352, 148], score: 0.15 };
    const tracks = tracker.step([faint, at(274, 98, 0.6, 0.9)], 1);
    expect(idOf(tracks, 1)).toBe(1);
    expect(tracks).toHaveLength(1);
    expect(tracker.nextId).toBe(2);
  });

  it('leaves the faint box of a standing vehicle to it when the confident one is somebody else’s', () => {
    const tracker = start();
    stand(tracker, at(300), 1);
    for (let i = 0; i < 12; i++) {
      const passing = at(180 + 20 * i, 118, 0.8);
      const tracks = tracker.step([{ ...at(301), score: 0.15 }, passing], 1 + i / 10);
      expect(idOf(tracks, 0), `frame ${i}`).toBe(1);
    }
  });

  it('keeps the number of a vehicle that is read in two parts for a moment as it drives', () => {
    const tracker = start();
    const whole = (t: number) => at(100 + 60 * t, 100, 0.7);
    let t = 0;
    for (; t < 1.5; t += 0.05) tracker.step([whole(t)], t);
    // The front begins as another, the rear fades.
    for (let i = 0; i < 6; i++, t += 0.05) {
      const [x1, y1, x2, y2] = whole(t).bbox;
      const front: ScoredBox = { bbox: [x1 + 26 - 4 * i, y1, x2 + 14 - 2 * i, y2], score: 0.6 };
      const rear: ScoredBox = { bbox: [x1, y1, x2 - 24, y2], score: 0.5 };
      tracker.step([rear, front], t);
    }
    let ids: number[] = [];
    for (let i = 0; i < 10; i++, t += 0.05) ids = tracker.step([whole(t)], t).map(({ id }) => id);
    expect(ids).toEqual([1]);
  });
});
