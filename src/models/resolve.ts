/**
 * From `model.use` to a model file. Called at start-up by the launcher, by `stopsign replay` and by the doctor.
 *
 *   a path to an .onnx file   taken as it is, with its own sha256
 *   a name of the manifest    models/ → STOPSIGN_MODELS_DIR → download or conversion
 *   nothing                   the first of the manifest that is on this machine, else the first that can be had;
 *                             so only a machine without any model touches the network
 */
import { resolve } from 'node:path';
import { StopsignError } from '../errors.ts';
import type { ModelInput } from '../vision/model-input.ts';
import { locateModel, type ModelPlaces } from './locate.ts';
import { classNames, type Manifest, type ManifestEntry, readManifest } from './manifest.ts';
import { sha256OfFile } from './model-file.ts';
import { type ObtainOptions, obtainModel } from './obtain.ts';

export interface ResolveOptions extends ModelPlaces, ObtainOptions {
  /** A name of the manifest or a path; see above. */
  readonly use?: string | undefined;
  /** For tests; otherwise read from `modelsDir`. */
  readonly manifest?: Manifest;
}

export interface ResolvedModel {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
  /** The three are null for a user's own file: recognised when it is opened. */
  readonly family: ModelInput['layout'] | null;
  readonly input: ModelInput | null;
  readonly classes: readonly string[] | null;
}

/** @throws StopsignError BAD_MODEL, BAD_CONFIG (no such name), INPUT_MISSING (no such file) */
export async function resolveModel(options: ResolveOptions): Promise<ResolvedModel> {
  const manifest = options.manifest ?? (await readManifest(options.modelsDir));
  const { use } = options;
  if (use === undefined) return resolveDefault(manifest, options);
  const entry = manifest.models.find(({ name }) => name === use);
  if (entry) return resolveEntry(entry, options);
  if (looksLikePath(use)) return resolvePath(use);
  const known = manifest.models.map(({ name }) => name).join(', ');
  throw new StopsignError('BAD_CONFIG', `There is no model named ${use}.`, {
    remedy: `Known are ${known}; a path to an .onnx file is accepted too.`,
  });
}

async function resolveEntry(entry: ManifestEntry, options: ResolveOptions): Promise<ResolvedModel> {
  return describe(entry, (await locateModel(entry, options)) ?? (await obtainModel(entry, options)));
}

async function resolveDefault(manifest: Manifest, options: ResolveOptions): Promise<ResolvedModel> {
  for (const entry of manifest.models) {
    const path = await locateModel(entry, options);
    if (path) return describe(entry, path);
  }
  const { entry, path } = await obtainFirst(manifest, options);
  return describe(entry, path);
}

/**
 * Gets the first of the manifest that can be had.
 * @throws StopsignError BAD_MODEL with every reason when none can
 */
export async function obtainFirst(
  manifest: Manifest,
  options: ObtainOptions,
): Promise<{ entry: ManifestEntry; path: string }> {
  const failures: StopsignError[] = [];
  for (const entry of manifest.models) {
    try {
      return { entry, path: await obtainModel(entry, options) };
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(StopsignError.from(error, 'BAD_MODEL'));
    }
  }
  const reasons = failures.map(({ message }) => message).join(' ');
  const remedy = failures.at(-1)?.remedy;
  throw new StopsignError('BAD_MODEL', `No detector can be had. ${reasons}`, {
    ...(remedy === undefined ? {} : { remedy }),
    cause: new AggregateError(failures),
  });
}

async function resolvePath(use: string): Promise<ResolvedModel> {
  const path = resolve(use);
  const sha256 = await sha256OfFile(path);
  if (sha256 === null) {
    throw new StopsignError('INPUT_MISSING', `There is no model file ${path}.`, {
      remedy: 'Correct the path in `model.use`, or leave it out to use the default model.',
    });
  }
  return { name: use, path, sha256, family: null, input: null, classes: null };
}

function describe(entry: ManifestEntry, path: string): ResolvedModel {
  const { name, sha256, family, input } = entry;
  return { name, path: resolve(path), sha256, family, input, classes: classNames(entry) };
}

function looksLikePath(use: string): boolean {
  return use.endsWith('.onnx') || use.includes('/') || use.includes('\\');
}
