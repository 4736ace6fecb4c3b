/**
 * A real detector on real streets with a camera that stands still: parked cars never move and never pass. The sites are
 * made up; their ground is that of KITTI's camera (focal length 721.5, centre 609.6 × 172.9, 1.65 m above the road).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Detection, Observation, Site } from '../../../src/domain/types.ts';
import { sharedDir } from '../../support/shared.ts';
import { analyze } from '../../unit/domain/synthetic-scene.ts';

const shared = sharedDir();
const FPS = 10;

/** Right and forward of the camera, metres, to the image. */
const seen = (x: number, z: number) => [609.6 + (721.5 * x) / z, 172.9 + (721.5 * 1.65) / z] as const;

function site(line: number, from: number, left: number, right: number, isCalibrated: boolean): Site {
  const corners = [
    [left, from],
    [right, from],
    [left, line],
    [right, line],
  ] as const;
  return {
    name: 'kitti',
    units: 'km/h',
    timezone: 'Europe/Berlin',
    image: { width: 1242, height: 375 },
    stop_line: [seen(left, line), seen(right, line)],
    approach: [seen((left + right) / 2, from), seen((left + right) / 2, line)],
    stop_zone: [seen(left, from), seen(right, from), seen(right, line), seen(left, line)],
    calibration: isCalibrated
      ? { points: corners.map(([x, z]) => ({ image: seen(x, z), ground: [x, z] })) }
      : undefined,
    policy: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 },
    vehicles: ['car'],
  };
}

function load(sequence: string): Observation[] {
  const frames: Detection[][] = [];
  const text = readFileSync(join(shared ?? '', `data/mot/kitti/${sequence}.car-det.txt`), 'utf8');
  for (const line of text.trim().split('\n')) {
    const [frame, x1, y1, x2, y2, score] = line.split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    while (frames.length <= frame) frames.push([]);
    frames[frame]?.push({ bbox: [x1, y1, x2, y2], score, class: 'car' });
  }
  return frames.map((detections, frame) => ({ tsUtc: frame / FPS, frame, detections }));
}

const centre = ([x1, , x2, y2]: readonly number[]) => [((x1 ?? 0) + (x2 ?? 0)) / 2, y2 ?? 0] as const;

describe.skipIf(!shared)('KITTI', () => {
  for (const isCalibrated of [true, false]) {
    const how = isCalibrated ? 'with a calibration' : 'in pixel mode';

    it(`0016, ${how}: the parked cars never pass and never move off`, () => {
      const observations = load('0016');
      // Zones to both sides, right where the cars are parked.
      for (const [left, right] of [
        [-7, 0],
        [0, 7],
        [-6, 6],
      ] as const) {
        for (const [line, from] of [
          [6, 28],
          [28, 6],
        ] as const) {
          const { passes, events } = analyze(observations, site(line, from, left, right, isCalibrated));
          expect(passes).toEqual([]);
          const moved = events.filter((event) => event.type === 'moved_off' || event.type === 'unparked');
          expect(moved).toEqual([]);
        }
      }
    });

    it(`0012, ${how}: one car is parked, the other one drives past, and each is one track`, () => {
      const { passes, views, events } = analyze(load('0012'), site(8, 30, -6, 6, isCalibrated));
      expect(passes.filter((pass) => pass.verdict === 'full_stop')).toEqual([]);
      const boxes = new Map<number, (readonly [number, number])[]>();
      for (const view of views.flat()) boxes.set(view.id, [...(boxes.get(view.id) ?? []), centre(view.bbox)]);
      const long = [...boxes.entries()].filter(([, places]) => places.length > 30);
      const way = ([, places]: (typeof long)[number]) => (places.at(-1)?.[0] ?? 0) - (places[0]?.[0] ?? 0);
      const [parked, ...otherParked] = long.filter((entry) => Math.abs(way(entry)) < 10).map(([id]) => id);
      const [passing, ...otherPassing] = long.filter((entry) => way(entry) > 200).map(([id]) => id);
      expect([parked, passing]).not.toContain(undefined);
      expect([...otherParked, ...otherPassing]).toEqual([]);
      expect(long).toHaveLength(2);
      const states = (id: number | undefined) =>
        views
          .flat()
          .filter((view) => view.id === id)
          .map((view) => view.state);
      expect(
        states(parked)
          .slice(10)
          .every((state) => state === 'stopped'),
      ).toBe(true);
      expect(states(passing)).not.toContain('stopped');
      const told = (id: number | undefined) => events.filter((event) => 'track_id' in event && event.track_id === id);
      expect(told(parked).map(({ type }) => type)).toEqual(['stopped']);
      expect(told(passing).map(({ type }) => type)).not.toContain('stopped');
    });
  }
});
