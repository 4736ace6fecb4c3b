/** A models/ folder of its own for a test, removed with the test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, type ManifestEntry, readManifest } from '../../../src/models/manifest.ts';

export interface TemporaryModels extends AsyncDisposable {
  readonly dir: string;
  /** The real manifest of another folder. */
  manifest(from: string): Promise<Manifest>;
  write(file: string, bytes: Uint8Array | string): Promise<string>;
}

export async function temporaryModels(): Promise<TemporaryModels> {
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-models-'));
  return {
    dir,
    manifest: (from) => readManifest(from),
    async write(file, bytes) {
      const path = join(dir, file);
      await writeFile(path, bytes);
      return path;
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A download entry; give it the sha256 and URL the test is about. */
export function downloadEntry(changes: Partial<ManifestEntry> & { readonly url?: string } = {}): ManifestEntry {
  const { url = 'http://127.0.0.1:9/none.onnx', ...rest } = changes;
  return {
    name: 'tiny',
    file: 'tiny.onnx',
    sha256: 'a'.repeat(64),
    bytes: 1000,
    licence: 'CC0-1.0',
    copyright: 'nobody',
    origin: { kind: 'download', repository: 'http://127.0.0.1', url },
    family: 'yolox',
    input: { width: 416, height: 416, layout: 'yolox' },
    classes: 'coco80',
    ...rest,
  };
}
