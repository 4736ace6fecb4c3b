/** Where tests find detectors: beside the checkout on development machines, else where set-up has put one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDir } from './shared.ts';

/** Environment for whatever resolves a model. What the caller's environment says stays. */
export function modelsEnvironment(): Record<string, string> {
  const dir = join(sharedDir() ?? '', 'data/models');
  return sharedDir() && existsSync(dir) && !process.env['STOPSIGN_MODELS_DIR'] ? { STOPSIGN_MODELS_DIR: dir } : {};
}
