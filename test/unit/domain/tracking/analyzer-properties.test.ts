/**
 * What must not change the events of a street: the order of the boxes in a frame, boxes told twice, frames told in parts,
 * when it all happened, how large the picture is, from which side it is seen, and the unit of speeds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinFrames } from '../../../../src/domain/join-frames.ts';
import type { Box, Detection, DomainEvent, Observation, Point, Site } from '../../../../src/domain/types.ts';
import { observe } from '../../../../src/sim/observe.ts';
import { loadScenario } from '../../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../../src/sim/site-of.ts';
import { analyze, seeded } from '../synthetic-scene.ts';

const NAMES = ['busy-street', 'queue-of-three', 'crossing-hides', 'side-by-side'] as const;
const FAULTS = { noisePx: 1, drift: 0.5, miss: 0.05, invented: 0.02, jitterS: 0 } as const;
/** Times that a float holds exactly, also after a shift by whole seconds. */
const exact = (t: number) => Math.round(t * 64) / 64;

function street(
  name: (typeof NAMES)[number],
  seed: number,
  skip: number,
): { observations: Observation[]; site: ReturnType<typeof siteOf> } {
  const scenario = loadScenario(name);
  const observations = [...observe(scenario, { ...FAULTS, fps: 8, seed })].slice(skip).map((observation) => ({
    ...observation,
    tsUtc: exact(observation.tsUtc),
  }));
  return { observations, site: siteOf(scenario) };
}

const streets = fc.record({
  name: fc.constantFrom(...NAMES),
  seed: fc.integer({ min: 1, max: 99 }),
  skip: fc.nat(150),
});

describe('the events of a street', () => {
  it('are the same in whatever order the detector tells the boxes', () => {
    fc.assert(
      fc.property(streets, fc.infiniteStream(fc.nat()), ({ name, seed, skip }, dice) => {
        const { observations, site } = street(name, seed, skip);
        const shuffled = observations.map((observation) => {
          const keyed = observation.detections.map((detection) => ({ detection, key: dice.next().value }));
          keyed.sort((a, b) => a.key - b.key);
          return { ...observation, detections: keyed.map(({ detection }) => detection) };
        });
        const plain = analyze(observations, site);
        const other = analyze(shuffled, site);
        expect(other.events).toEqual(plain.events);
        expect(other.views).toEqual(plain.views);
      }),
      { numRuns: 12 },
    );
  }, 30_000);

  it('are the same at any other time, but for their times', () => {
    fc.assert(
      fc.property(streets, fc.integer({ min: 1, max: 2 ** 31 }), ({ name, seed, skip }, shift) => {
        const { observations, site } = street(name, seed, skip);
        const moved = observations.map((observation) => ({ ...observation, tsUtc: observation.tsUtc + shift }));
        const plain = analyze(observations, site).events.map((event) => timeless(event, 0));
        expect(analyze(moved, site).events.map((event) => timeless(event, shift))).toEqual(plain);
      }),
      { numRuns: 12 },
    );
  }, 30_000);

  it('are the same when a vehicle is told in several boxes that are nearly the same', () => {
    fc.assert(
      fc.property(streets, fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })), (of, dice) => {
        const { observations, site } = street(of.name, of.seed, of.skip);
        const next = () => dice.next().value as number;
        const doubled = observations.map((observation) => ({
          ...observation,
          detections: observation.detections.flatMap((detection) => {
            const copies = Math.max(0, Math.round(1.5 * next()));
            return [...Array.from({ length: copies }, () => nearly(detection, next)), detection];
          }),
        }));
        const plain = analyze(observations, site);
        const other = analyze(doubled, site);
        expect(other.events).toEqual(plain.events);
        expect(other.views).toEqual(plain.views);
      }),
      { numRuns: 8 },
    );
  }, 30_000);

  it('are the same when each frame comes in several records of the same time', async () => {
    const { observations, site } = street('busy-street', 4, 40);
    const { uniform } = seeded(9);
    const parts = observations.flatMap(({ detections, tsUtc, ...rest }) => {
      const mine = detections.map((detection) => ({ detection, part: Math.floor(3 * uniform()) }));
      return [0, 1, 2].map((part) => ({
        ...rest,
        ts_utc: tsUtc,
        detections: mine.filter((one) => one.part === part).map(({ detection }) => detection),
      }));
    });
    const joined: Observation[] = [];
    for await (const { ts_utc, ...rest } of joinFrames(parts)) joined.push({ ...rest, tsUtc: ts_utc });
    expect(joined).toHaveLength(observations.length);
    const plain = analyze(observations, site);
    expect(analyze(joined, site).events).toEqual(plain.events);
    // Another frame with the time of the one before is no part of it.
    const repeated = parts.map((part, frame) => ({ ...part, frame }));
    let count = 0;
    for await (const _ of joinFrames(repeated)) count++;
    expect(count).toBe(parts.length);
  });

  it.each([0.5, 2, 3])('are the same in a picture %f times as large', (k) => {
    for (const name of NAMES) {
      const { observations, site } = street(name, 3, 0);
      const larger = drawn(site, ([x, y]) => [k * x, k * y]);
      const scaledSite = { ...larger, image: { width: k * site.image.width, height: k * site.image.height } };
      const scaled = boxes(observations, (box) => box.map((v) => k * v) as unknown as Box);
      expectSame(analyze(scaled, scaledSite).events, analyze(observations, site).events);
    }
  });

  it('are the same in a mirror', () => {
    for (const name of NAMES) {
      const { observations, site } = street(name, 5, 0);
      const { width } = site.image;
      const mirrored = drawn(
        site,
        ([x, y]) => [width - x, y],
        ([x, y]) => [x, -y],
      );
      const seen = boxes(observations, ([x1, y1, x2, y2]) => [width - x2, y1, width - x1, y2]);
      expectSame(analyze(seen, mirrored).events, analyze(observations, site).events);
    }
  });

  it('are the same in miles', () => {
    const MPH = 1.609344;
    for (const name of NAMES) {
      const { observations, site } = street(name, 6, 0);
      const { policy } = site;
      const inMiles = { ...policy, stop_speed: policy.stop_speed / MPH, rolling_below: policy.rolling_below / MPH };
      expectSame(
        analyze(observations, { ...site, units: 'mph', policy: inMiles }).events,
        analyze(observations, site).events,
        MPH,
      );
    }
  });
});

/** Less confident, off by a pixel or two at most, and of any vehicle's class. */
function nearly({ bbox, score }: Detection, next: () => number): Detection {
  const off = () => 0.03 * Math.min(bbox[2] - bbox[0], bbox[3] - bbox[1]) * next();
  const classes = ['car', 'truck', 'bus'];
  return {
    bbox: bbox.map((v) => v + off()) as unknown as Box,
    score: score * (0.5 + 0.4 * Math.abs(next())),
    class: classes[Math.floor(2.99 * Math.abs(next()))] as string,
  };
}

function drawn(site: Site, image: (p: Point<'image'>) => Point<'image'>, ground = (p: Point<'ground'>) => p): Site {
  return {
    ...site,
    stop_line: site.stop_line.map(image) as unknown as Site['stop_line'],
    approach: site.approach.map(image) as unknown as Site['approach'],
    stop_zone: site.stop_zone.map(image),
    calibration: {
      points: (site.calibration?.points ?? []).map((p) => ({ image: image(p.image), ground: ground(p.ground) })),
    },
  };
}

function boxes(observations: readonly Observation[], change: (box: Box) => Box): Observation[] {
  return observations.map((observation) => ({
    ...observation,
    detections: observation.detections.map((detection) => ({ ...detection, bbox: change(detection.bbox) })),
  }));
}

/** Numbers to some thousandths, since the fits of places stop at half a millimetre; `unit` is that of speeds. */
function expectSame(events: readonly DomainEvent[], usual: readonly DomainEvent[], unit = 1): void {
  expect(usual.filter(({ type }) => type === 'pass').length).toBeGreaterThan(0);
  expect(events).toHaveLength(usual.length);
  usual.forEach((event, i) => {
    const other = events[i] as DomainEvent;
    expect({ type: other.type, track: other.track_id }).toEqual({ type: event.type, track: event.track_id });
    if (event.type !== 'pass' || other.type !== 'pass') {
      expect('ts_utc' in other && other.ts_utc).toBeCloseTo('ts_utc' in event ? event.ts_utc : 0, 2);
      return;
    }
    const words = ({ verdict, forced, encroached, complete, samples }: typeof event) =>
      JSON.stringify({ verdict, forced, encroached, complete, samples });
    expect(words(other)).toBe(words(event));
    const numbers = (
      { entered_utc, exited_utc, stopped_s, min_speed, approach_speed, stop_distance_m }: typeof event,
      by: number,
    ) => [
      entered_utc,
      exited_utc,
      stopped_s?.value ?? -1,
      (min_speed?.value ?? -1) * by,
      (approach_speed?.value ?? -1) * by,
      stop_distance_m?.value ?? -1,
    ];
    const usualNumbers = numbers(event, 1);
    numbers(other, unit).forEach((value, k) => {
      expect(Math.abs(value - (usualNumbers[k] as number)), `number ${k} of pass ${event.track_id}`).toBeLessThan(0.02);
    });
  });
}

/** Without the id, which is made of the time; numbers rounded, because times far from 0 have fewer digits. */
function timeless(event: DomainEvent, shift: number): object {
  return JSON.parse(
    JSON.stringify({ ...event, id: '' }, (key, value: unknown) => {
      if (typeof value !== 'number') return value;
      return Math.round((key.endsWith('_utc') ? value - shift : value) * 1e4) / 1e4;
    }),
  );
}
