/** A few frames of a vehicle, far apart: what is told of it, and what is not made up. */
import { describe, expect, it } from 'vitest';
import { siteGeometry } from '../../../../src/domain/geometry/site-geometry.ts';
import { roadCost } from '../../../../src/domain/outage/road-cost.ts';
import type { Sample } from '../../../../src/domain/stop/sample.ts';
import type { Detection, Observation } from '../../../../src/domain/types.ts';
import { analyze, boxOf, demoSite } from '../synthetic-scene.ts';

const result = siteGeometry(demoSite);
if (!result.ok) throw new Error(result.problems.join());
const { geometry } = result;

interface Seen {
  readonly front: number;
  readonly z?: number;
  readonly heading?: 1 | -1;
}

/** Frames that far apart, with the vehicles whose fronts are there. */
function frames(intervalS: number, ...all: readonly (readonly Seen[])[]): Observation[] {
  return all.map((seen, frame) => ({
    tsUtc: frame * intervalS,
    frame,
    detections: seen.map(({ front, z, heading }): Detection => {
      return { bbox: boxOf(front, z, heading), score: 0.85, class: 'car' };
    }),
  }));
}

const at = (...fronts: readonly number[]) => fronts.map((front) => ({ front }));
const EMPTY: readonly Seen[] = [];

describe('with a frame every 1.6 s', () => {
  it('a vehicle before the zone and then beyond the line is one pass, of which nothing is said but that', () => {
    const { passes, events } = analyze(frames(1.6, EMPTY, EMPTY, at(-13), at(1.4), EMPTY, EMPTY, EMPTY));
    expect(passes).toMatchObject([{ complete: false, verdict: 'indeterminate', min_speed: null, stopped_s: null }]);
    expect(passes[0]?.reason).toMatch(/^not seen for 1\.6 s between/);
    expect(events.filter(({ type }) => type === 'seen_once')).toEqual([]);
  });

  it('a vehicle in one frame only is told as seen once, and as no pass', () => {
    for (const end of [[EMPTY, EMPTY, EMPTY, EMPTY, EMPTY], []]) {
      const { passes, events } = analyze(frames(1.6, EMPTY, EMPTY, at(-6), EMPTY, ...end));
      expect(passes).toEqual([]);
      expect(events).toMatchObject([{ type: 'seen_once', ts_utc: 3.2 }]);
    }
  });

  it('so is none that came towards, or was far beyond the line', () => {
    const oncoming = { front: -6, z: -1.75, heading: -1 } as const;
    expect(analyze(frames(1.6, EMPTY, EMPTY, [oncoming], EMPTY, EMPTY, EMPTY, EMPTY)).events).toEqual([]);
    expect(analyze(frames(1.6, EMPTY, EMPTY, at(8), EMPTY, EMPTY, EMPTY, EMPTY)).events).toEqual([]);
  });

  it('two vehicles behind each other keep their numbers', () => {
    const film = frames(1.6, EMPTY, EMPTY, at(-16), at(-6, -18), at(-0.6, -10), at(-0.6, -6.5), at(5, -4), at(-0.6));
    const { passes } = analyze(film);
    expect(passes).toHaveLength(2);
    expect(new Set(passes.map(({ track_id }) => track_id)).size).toBe(2);
  });
});

it('a box in one of many frames is no vehicle seen once', () => {
  const empty = Array.from({ length: 30 }, () => EMPTY);
  expect(analyze(frames(0.1, ...empty, at(-6), ...empty)).events).toEqual([]);
});

describe('the way on the road', () => {
  const sample = (tsUtc: number, along: number, across = 0): Sample => {
    const box = boxOf(along, 1.75 + across);
    const contact = geometry.toPlane([(box[0] + box[2]) / 2, box[3]]) as readonly [number, number];
    return { tsUtc, box, score: 0.9, along, across, length: 4.5, sigma: 0.05, contact, lead: null };
  };
  const cost = (before: readonly Sample[], now: Sample) => roadCost(geometry, before, now) as number;

  it('is possible for a vehicle of unknown speed up to 20 m/s ahead, and not backwards', () => {
    for (const along of [-20.5, -12, -2]) expect(cost([sample(0, -20)], sample(1, along))).toBeLessThan(1);
    expect(cost([sample(0, -20)], sample(1, 2))).toBeGreaterThan(1);
    expect(cost([sample(0, -20)], sample(1, -24))).toBeGreaterThan(1);
  });

  it('of a vehicle of known speed is likeliest as it drove, and as it brakes', () => {
    const before = [sample(0, -30), sample(1, -21)];
    const on = cost(before, sample(2, -12));
    expect(on).toBeLessThan(cost(before, sample(2, -16)));
    expect(on).toBeLessThan(cost(before, sample(2, -8)));
    // Nobody stops dead, or turns round.
    expect(cost(before, sample(2, -20.9))).toBeGreaterThan(1);
    expect(cost(before, sample(2, -23))).toBeGreaterThan(1);
  });

  it('leads out of the lane beyond the line only', () => {
    const before = [sample(0, -10), sample(1, -4)];
    expect(cost(before, sample(2, -1, -2.5))).toBeGreaterThan(1);
    expect(cost(before, sample(2, 3, -2.5))).toBeLessThan(1);
  });
});
