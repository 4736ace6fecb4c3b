/** The model a command works with: resolved as at start-up, from the configuration and the environment. */

import { MODELS_DIR } from '../config/project-files.ts';
import type { Config } from '../config/schema.ts';
import { type ResolvedModel, resolveModel } from '../models/resolve.ts';

export function resolveCommandModel(config: Config): Promise<ResolvedModel> {
  return resolveModel({ use: config.model.use, modelsDir: MODELS_DIR, env: process.env });
}
