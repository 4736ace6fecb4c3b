/**
 * `stopsign models list` and `stopsign models pull [NAME]`. The command line hands in where to write; a terminal gets a
 * progress bar, anything else one line a step.
 */
import { StopsignError } from '../errors.ts';
import { inspectPlaces, type LocatedModel, type ModelPlaces } from '../models/locate.ts';
import { type Manifest, type ManifestEntry, readManifest } from '../models/manifest.ts';
import { type ModelProgress, type ObtainOptions, obtainModel } from '../models/obtain.ts';
import { obtainFirst } from '../models/resolve.ts';
import { type Progress, startProgress } from './progress.ts';

export interface ModelsCommand extends ModelPlaces {
  /** Lines for people. */
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** For tests; otherwise read from `modelsDir`. */
  readonly manifest?: Manifest;
  readonly signal?: AbortSignal;
}

/** Prints a table: what the manifest knows, and what of it is on this machine. */
export async function listModels(command: ModelsCommand): Promise<void> {
  const manifest = command.manifest ?? (await readManifest(command.modelsDir));
  const rows = [['NAME', 'LICENCE', 'INPUT', 'SHA256', 'WHERE']];
  for (const entry of manifest.models) {
    const found = (await inspectPlaces(entry, command)).filter(({ sha256 }) => sha256 !== null);
    const start = [entry.name, entry.licence, `${entry.input.width}×${entry.input.height}`];
    if (found.length === 0) rows.push([...start, '-', 'not here']);
    for (const { path, intact } of found) rows.push([...start, intact ? 'ok' : 'WRONG', path]);
  }
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows) {
    command.out.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
    command.out.write('\n');
  }
}

/**
 * Makes sure a model is here: the one named, else the one a start would use. A file whose sha256 is not the manifest's
 * is replaced: it is damaged, or an older version of the project put it there.
 * @throws StopsignError BAD_MODEL, BAD_USAGE
 */
export async function pullModel(name: string | undefined, command: ModelsCommand): Promise<string> {
  const manifest = command.manifest ?? (await readManifest(command.modelsDir));
  const progress = modelProgress(command.out);
  const options = { ...command, onProgress: progress.show };
  try {
    const path =
      name === undefined ? await pullFirst(manifest, options) : await pullNamed(find(manifest, name), options);
    progress.done();
    command.out.write(`${path}\n`);
    return path;
  } finally {
    progress.done();
  }
}

type PullOptions = ModelPlaces & ObtainOptions;

async function pullNamed(entry: ManifestEntry, options: PullOptions): Promise<string> {
  const found = await firstFile(entry, options);
  return found?.intact ? found.path : obtainModel(entry, options);
}

async function pullFirst(manifest: Manifest, options: PullOptions): Promise<string> {
  for (const entry of manifest.models) {
    const found = await firstFile(entry, options);
    if (found) return found.intact ? found.path : obtainModel(entry, options);
  }
  return (await obtainFirst(manifest, options)).path;
}

async function firstFile(entry: ManifestEntry, places: ModelPlaces): Promise<LocatedModel | undefined> {
  return (await inspectPlaces(entry, places)).find(({ sha256 }) => sha256 !== null);
}

function find(manifest: Manifest, name: string): ManifestEntry {
  const entry = manifest.models.find((each) => each.name === name);
  if (entry) return entry;
  throw new StopsignError('BAD_USAGE', `There is no model named ${name}.`, {
    remedy: `Known are ${manifest.models.map((each) => each.name).join(', ')}.`,
  });
}

export interface ProgressDisplay {
  show(progress: ModelProgress): void;
  /** Idempotent. */
  done(): void;
}

/** Shows what the resolver does; also used at start-up. */
export function modelProgress(out: ModelsCommand['out']): ProgressDisplay {
  let bar: Progress | null = null;
  let said = '';
  const done = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    done,
    show({ model, doing, receivedBytes, totalBytes }) {
      const what = `${doing} ${model}`;
      if (what !== said) {
        done();
        said = what;
        if (totalBytes) bar = startProgress({ label: `${what}, bytes`, total: totalBytes, stream: out });
        if (!bar || !out.isTTY) out.write(`${what}\n`);
      }
      bar?.update(receivedBytes ?? 0);
    },
  };
}
