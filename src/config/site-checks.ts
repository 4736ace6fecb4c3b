/**
 * What the schema cannot say of a configuration: cameras have different names, and each has a site that makes sense as
 * geometry. Called by `load.ts` after the form has been checked.
 */
import { checkSite } from '../domain/geometry/site-geometry.ts';
import type { Site } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import type { Config } from './schema.ts';
import type { KeyPath, SourceText } from './source-text.ts';

/** Throws BAD_CONFIG with the place of every fault. */
export function checkSites(config: Config, source: SourceText): void {
  const faults = [...cameraFaults(config, source)];
  if (config.site) faults.push(...geometryFaults(config.site, ['site'], source));
  for (const [index, camera] of (config.cameras ?? []).entries()) {
    if (camera.site) faults.push(...geometryFaults(camera.site, ['cameras', index, 'site'], source));
  }
  if (faults.length === 0) return;
  throw new StopsignError('BAD_CONFIG', faults.join('\n'), {
    remedy: 'config/stopsign.example.yaml shows a whole one.',
  });
}

function* cameraFaults(config: Config, source: SourceText): Generator<string> {
  const cameras = config.cameras ?? [];
  const seen = new Map<string, number>();
  for (const [index, camera] of cameras.entries()) {
    const path: KeyPath = ['cameras', index];
    const first = seen.get(camera.name);
    if (first !== undefined) {
      yield `${source.locate([...path, 'name'])} cameras[${index}].name: expected a name of its own, found "${camera.name}", which is also cameras[${first}].`;
    }
    seen.set(camera.name, index);
    if (!camera.site && !config.site) {
      yield `${source.locate(path)} cameras[${index}].site: is missing, and there is no site at the top level that it could share.`;
    }
  }
  if (cameras.length === 0 && !config.site) {
    yield `${source.locate([])} site: is missing, expected the place the camera looks at.`;
  }
}

/** The sentences of the geometry, each with the place of the key it begins with. */
function geometryFaults(site: Site, path: KeyPath, source: SourceText): string[] {
  const name = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : step))
    .join('.')
    .replaceAll('.[', '[');
  return checkSite(site).map((problem) => {
    const key = problem.split(' ', 1)[0] ?? '';
    return `${source.locate([...path, key])} ${name}: ${problem}.`;
  });
}
