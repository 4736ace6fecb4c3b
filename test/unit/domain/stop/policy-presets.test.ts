/** Policies as data: presets, overrides, and old configurations that have none. */
import { expect, it } from 'vitest';
import { siteSchema } from '../../../../src/config/site.ts';
import type { Site } from '../../../../src/domain/types.ts';
import { demoSite } from '../synthetic-scene.ts';

const site = (policy: unknown, units = 'km/h'): Site =>
  siteSchema.parse({ ...JSON.parse(JSON.stringify(demoSite)), units, policy });

it('a preset sets what is not given', () => {
  expect(site({ preset: 'strict' }).policy).toMatchObject({ min_stop_s: 3, stop_speed: 1.5, rolling_below: 8 });
  expect(site({ preset: 'strict', min_stop_s: 2 }).policy).toMatchObject({ min_stop_s: 2, stop_speed: 1.5 });
  expect(site({ preset: 'predecessor' }).policy.min_stop_s).toBe(1.2);
});

it('a preset speaks the units of the site', () => {
  expect(site({ preset: 'standard' }, 'mph').policy).toMatchObject({ stop_speed: 1, rolling_below: 5 });
});

it('without a preset the numbers are those of before, and nothing is added', () => {
  const plain = { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 };
  expect(site(undefined).policy).toEqual(plain);
  expect(site({ min_stop_s: 1 }, 'mph').policy).toEqual({ ...plain, min_stop_s: 1 });
});

it('a policy that was read can be read again', () => {
  const once = site({ preset: 'strict' }, 'mph');
  expect(siteSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
});

it('an unknown preset is refused', () => {
  expect(() => site({ preset: 'lenient' })).toThrow();
});
