/** What must not change the events of a street: the order of the boxes in a frame, and when it all happened. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainEvent, Observation } from '../../../../src/domain/types.ts';
import { observe } from '../../../../src/sim/observe.ts';
import { loadScenario } from '../../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../../src/sim/site-of.ts';
import { analyze } from '../synthetic-scene.ts';

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
});

/** Without the id, which is made of the time; numbers rounded, because times far from 0 have fewer digits. */
function timeless(event: DomainEvent, shift: number): object {
  return JSON.parse(
    JSON.stringify({ ...event, id: '' }, (key, value: unknown) => {
      if (typeof value !== 'number') return value;
      return Math.round((key.endsWith('_utc') ? value - shift : value) * 1e4) / 1e4;
    }),
  );
}
