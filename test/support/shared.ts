/** Footage and reference data that lie beside the checkout on development machines and are never part of it. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Absolute path of the data folder, or null where there is none. `STOPSIGN_SHARED` names another place. */
export function sharedDir(): string | null {
  const dir = process.env['STOPSIGN_SHARED'] ?? join(root, '..', 'shared');
  return existsSync(join(dir, 'data', 'SOURCES.md')) ? dir : null;
}

/** Root of the checkout. */
export function projectRoot(): string {
  return root;
}
