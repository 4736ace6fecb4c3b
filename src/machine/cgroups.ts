/**
 * The control groups that this process is in, from its own up to the root: limits count at every level. Version 2 and
 * version 1; in a container the own path often cannot be seen, and then what is mounted at the root is the container's.
 */
import { type ReadText, readText } from './read-text.ts';

const ROOT = '/sys/fs/cgroup';

export interface CgroupFolder {
  readonly version: 1 | 2;
  readonly folder: string;
}

/** @param controller of version 1; version 2 has one tree for all */
export function cgroupFolders(controller: 'memory' | 'cpu', read: ReadText = readText): readonly CgroupFolder[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const found: CgroupFolder[] = [];
  for (const [number, controllers = '', path = '/'] of lines) {
    const isSecond = number === '0' && controllers === '';
    if (!isSecond && !controllers.split(',').includes(controller)) continue;
    const root = isSecond ? ROOT : `${ROOT}/${controller}`;
    for (const folder of withAncestors(path)) found.push({ version: isSecond ? 2 : 1, folder: `${root}${folder}` });
  }
  return found;
}

/** `/a/b` → `/a/b`, `/a`, `` */
function withAncestors(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return [...parts.keys(), parts.length].toReversed().map((n) => (n === 0 ? '' : `/${parts.slice(0, n).join('/')}`));
}
