/** The corner camera of the synthetic intersection with its exact site, for tests of the judge alone. */
import { siteGeometry } from '../../../../src/domain/geometry/site-geometry.ts';
import { judgePass, type PassJudgement } from '../../../../src/domain/stop/judge-pass.ts';
import type { Sample } from '../../../../src/domain/stop/sample.ts';
import type { Site } from '../../../../src/domain/types.ts';
import { CAMERAS } from '../../../../src/sim/cameras.ts';
import { pinhole } from '../../../../src/sim/pinhole.ts';
import type { Scenario } from '../../../../src/sim/scenario.ts';
import { ZONE_M } from '../../../../src/sim/single-pass.ts';
import { siteOf } from '../../../../src/sim/site-of.ts';

const SIZE = { width: 1280, height: 720 };
const policy = { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 };

export function seenFrom(camera: keyof typeof CAMERAS) {
  const site = siteOf({
    name: camera,
    camera: CAMERAS[camera],
    size: SIZE,
    site: { units: 'km/h', timezone: 'UTC', zoneM: ZONE_M, policy },
  } as Scenario);
  return { site, geometry: geometryOf(site), pinhole: pinhole(CAMERAS[camera], SIZE) };
}

export function geometryOf(site: Site) {
  const result = siteGeometry(site);
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.geometry;
}

export const CORNER = seenFrom('corner');

export function judge(site: Site, samples: readonly Sample[]): PassJudgement {
  const judged = judgePass({ geometry: geometryOf(site), site, samples, vehicleClass: 'car', ending: 'crossed' });
  if (!judged) throw new Error('no pass');
  return judged;
}
