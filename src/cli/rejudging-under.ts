/** What a site says about judging, ready for use; for the main thread and the threads of `judge-pool.ts`. */
import { configVersion } from '../config/config-version.ts';
import type { Rejudging } from '../domain/evidence/rejudge-pass.ts';
import { siteGeometry } from '../domain/geometry/site-geometry.ts';
import type { Site } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';

/** @throws StopsignError BAD_CONFIG when the site cannot be judged */
export function rejudgingUnder(site: Site): Rejudging {
  const result = siteGeometry(site);
  if (result.ok) return { site, geometry: result.geometry, configVersion: configVersion(site) };
  throw new StopsignError('BAD_CONFIG', `Site "${site.name}" cannot be judged: ${result.problems.join('; ')}.`, {
    remedy: 'Correct the points in the site configuration.',
  });
}
