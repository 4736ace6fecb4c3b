/**
 * models/manifest.json: every detector the project knows, pinned by sha256. Weights are fetched, never committed.
 * Read by the resolver, `stopsign models` and the doctor, on the main thread.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StopsignError } from '../errors.ts';
import { COCO80 } from '../vision/coco80.ts';
import { FAMILIES } from '../vision/model-input.ts';

const sidePx = z
  .int()
  .positive()
  .refine((value) => value % 32 === 0, 'must be a multiple of 32');

const download = z.strictObject({
  kind: z.literal('download'),
  repository: z.url(),
  /** The pinned release asset. */
  url: z.url(),
});

const npm = z.strictObject({
  kind: z.literal('npm'),
  repository: z.url(),
  package: z.string(),
  version: z.string(),
  /** TensorFlow.js graph model within the package; it is converted to ONNX. */
  graph: z.string(),
});

export const manifestEntrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** Its name in models/ and in STOPSIGN_MODELS_DIR. */
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  licence: z.string(),
  copyright: z.string(),
  origin: z.discriminatedUnion('kind', [download, npm]),
  family: z.enum(FAMILIES),
  input: z.strictObject({ width: sidePx, height: sidePx, layout: z.enum(FAMILIES) }),
  /** `coco80`, or the names by index. */
  classes: z.union([z.literal('coco80'), z.array(z.string()).min(1)]),
});

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** In order of preference. */
  models: z
    .array(manifestEntrySchema)
    .min(1)
    .refine((models) => new Set(models.map(({ name }) => name)).size === models.length, 'names must be unique'),
});

export type ManifestEntry = z.infer<typeof manifestEntrySchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** @param modelsDir the checkout's models/ folder. @throws StopsignError INPUT_MISSING, BAD_CONFIG */
export async function readManifest(modelsDir: string): Promise<Manifest> {
  const path = join(modelsDir, 'manifest.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StopsignError('INPUT_MISSING', `The model manifest ${path} cannot be read.`, {
      remedy: 'Restore it from the repository.',
      cause,
    });
  });
  return parseManifest(text, path);
}

export function parseManifest(text: string, path: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'It is not JSON.';
    throw new StopsignError('BAD_CONFIG', `The model manifest ${path} is not valid. ${why}`, {
      remedy: 'Restore it from the repository.',
      cause,
    });
  }
}

export function classNames(entry: ManifestEntry): readonly string[] {
  return entry.classes === 'coco80' ? COCO80 : entry.classes;
}
