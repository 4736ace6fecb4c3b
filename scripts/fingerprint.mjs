/** What has changed since the last time, cheaply: a hash over the paths, sizes and times of files. Plain Node. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root
 * @param {readonly string[]} entries files and folders below root; missing ones count as missing
 * @param {(path: string) => boolean} [skip] path relative to root
 */
export function fingerprint(root, entries, skip = () => false) {
  const hash = createHash('sha256');
  for (const entry of entries) addEntry(hash, root, entry, skip);
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} file */
export function contentHash(file) {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
  } catch {
    return 'missing';
  }
}

function addEntry(hash, root, path, skip) {
  if (skip(path)) return;
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stat) hash.update(`${path}:missing\n`);
  else if (stat.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) addEntry(hash, root, `${path}/${name}`, skip);
  } else hash.update(`${path}:${stat.size}:${stat.mtimeMs}\n`);
}
