/** The sites that come with the project can be judged, and the demo's calibration is the camera it was rendered with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { siteSchema } from '../../../src/config/site.ts';
import { checkSite, siteGeometry } from '../../../src/domain/geometry/site-geometry.ts';
import { projectRoot } from '../../support/shared.ts';
import { demoSite, project } from './synthetic-scene.ts';

const fixtures = join(projectRoot(), 'test/fixtures/sites');

it.each(readdirSync(fixtures))('%s can be judged', (name) => {
  const site = siteSchema.parse(parse(readFileSync(join(fixtures, name), 'utf8')).site);
  expect(checkSite(site)).toEqual([]);
});

it('the demo calibration reproduces its camera to a tenth of a pixel', () => {
  const result = siteGeometry(demoSite);
  if (!result.ok) throw new Error(result.problems.join());
  for (const [x, z] of [
    [-35, 1.75],
    [-17, -2.55],
    [-6, 3],
    [-0.25, 1.75],
    [5, 0],
  ] as const) {
    const [u, v] = result.geometry.toImage([x, z]) ?? [0, 0];
    const [eu, ev] = project([x, 0, z]);
    expect(Math.hypot(u - eu, v - ev)).toBeLessThan(0.1);
  }
});
