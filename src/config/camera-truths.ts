/**
 * The truth files that cameras name: found relative to the configuration, and checked. Called by `load.ts` when the form
 * is right.
 */
import { resolve } from 'node:path';
import { StopsignError } from '../errors.ts';
import type { Config } from './schema.ts';
import type { SourceText } from './source-text.ts';
import { readTruthHeader } from './truth-header.ts';

/**
 * The configuration with absolute paths.
 * @param folder of the configuration file
 * @throws StopsignError INPUT_MISSING or BAD_CONFIG with the place of the key
 */
export function resolveCameraTruths(config: Config, source: SourceText, folder: string): Config {
  if (!config.cameras?.some((camera) => camera.truth !== undefined)) return config;
  const cameras = config.cameras.map((camera, index) => {
    if (camera.truth === undefined) return camera;
    const truth = resolve(folder, camera.truth);
    try {
      readTruthHeader(truth);
    } catch (error) {
      throw atPlace(StopsignError.from(error), `${source.locate(['cameras', index, 'truth'])} cameras[${index}].truth`);
    }
    return { ...camera, truth };
  });
  return { ...config, cameras };
}

function atPlace(error: StopsignError, place: string): StopsignError {
  const code = error.code === 'BAD_INPUT' ? 'BAD_CONFIG' : error.code;
  return new StopsignError(code, `${place}: ${error.message}`, {
    cause: error,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  });
}
