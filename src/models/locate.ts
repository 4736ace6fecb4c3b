/**
 * Where a model of the manifest already is on this machine. A file of the right name with the wrong content is an
 * error and never silently replaced: somebody put it there, or something damages files.
 */
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';
import type { ManifestEntry } from './manifest.ts';
import { sha256OfFile } from './model-file.ts';

export interface ModelPlaces {
  /** The checkout's models/ folder: looked at first, and where fetched models are put. */
  readonly modelsDir: string;
  /** Read for STOPSIGN_MODELS_DIR. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface LocatedModel {
  readonly path: string;
  /** What the file has; null when there is no file. */
  readonly sha256: string | null;
  readonly intact: boolean;
}

/** Every place the model may be in, in order, with what is there. */
export async function inspectPlaces(entry: ManifestEntry, places: ModelPlaces): Promise<LocatedModel[]> {
  const extra = places.env['STOPSIGN_MODELS_DIR'];
  const folders = extra ? [places.modelsDir, extra] : [places.modelsDir];
  return Promise.all(
    folders.map(async (folder) => {
      const path = join(folder, entry.file);
      const sha256 = await sha256OfFile(path);
      return { path, sha256, intact: sha256 === entry.sha256 };
    }),
  );
}

/**
 * Path of the first file found, or null.
 * @throws StopsignError BAD_MODEL when that file's sha256 is not the manifest's
 */
export async function locateModel(entry: ManifestEntry, places: ModelPlaces): Promise<string | null> {
  const found = (await inspectPlaces(entry, places)).find(({ sha256 }) => sha256 !== null);
  if (!found) return null;
  if (found.intact) return found.path;
  throw wrongSha256(found.path, found.sha256 ?? '', entry);
}

export function wrongSha256(what: string, actual: string, entry: ManifestEntry): StopsignError {
  return new StopsignError(
    'BAD_MODEL',
    `${what} is not ${entry.name}: its sha256 is ${actual}, but models/manifest.json says ${entry.sha256}.`,
    { remedy: `Replace it with \`stopsign models pull ${entry.name}\`, or name your own file in \`model.use\`.` },
  );
}
