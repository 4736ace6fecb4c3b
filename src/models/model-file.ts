/** Model files on disk: their sha256, and writing one so that nobody ever sees half of it. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StopsignError } from '../errors.ts';

/** Hex, or null when there is no such file. */
export async function sha256OfFile(path: string): Promise<string | null> {
  try {
    await access(path);
  } catch {
    return null;
  }
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new StopsignError('INPUT_MISSING', `The model file ${path} cannot be read.`, {
      remedy: 'Check that it is a file and its permissions.',
      cause,
    });
  }
  return hash.digest('hex');
}

export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes beside the target first, then renames: a reader sees the old file, none, or the whole new one. */
export async function writeModelFile(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    throw new StopsignError('INTERNAL', `The model cannot be written to ${path}.`, {
      remedy: 'Make its folder writable, or put the file into a folder named by STOPSIGN_MODELS_DIR.',
      cause,
    });
  }
}
