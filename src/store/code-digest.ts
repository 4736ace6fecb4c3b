/**
 * One word for a state of the code: what was made by one state of it may mean nothing to another. Read once at the start of
 * a thread, which the tracker's worker does for the domain (adr/0017).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Of all source, or all compiled, files below `folder`; of their names and contents. */
export function codeDigest(folder: URL): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[jt]s$/.test(name));
  for (const name of names.sort()) hash.update(`${name}\n`).update(readFileSync(new URL(name, folder)));
  return hash.digest('hex');
}
