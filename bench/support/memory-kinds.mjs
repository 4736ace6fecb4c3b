/** What kind of memory a process holds, from /proc/PID/smaps: the first question when something grows. Used by memory.mjs. */
import { readFileSync } from 'node:fs';

const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s*(.*)$/;
/** glibc gives an arena other than the main one a reserve that begins at a multiple of this. */
const ARENA = 64n * 2n ** 20n;
const LARGE = 2n ** 20n;

/**
 * Resident MB by kind. `malloc`: glibc's heap and arenas, so native code · `large`: other private mappings from 1 MiB (rings,
 * pictures, stacks) · `small`: those below (mostly V8's pages) · `file`: programs and libraries. The system joins
 * neighbouring mappings, so that `large` and `small` may change places; their sum cannot.
 * @returns {{ malloc: number, large: number, small: number, file: number } | null} null: it has ended
 */
export function memoryKinds(pid, read = (path) => readFileSync(path, 'utf8')) {
  let text;
  try {
    text = read(`/proc/${pid}/smaps`);
  } catch {
    return null;
  }
  const kinds = { malloc: 0, large: 0, small: 0, file: 0 };
  let kind = 'small';
  for (const line of text.split('\n')) {
    const [, from, to, rights, name] = MAPPING.exec(line) ?? [];
    if (from !== undefined) kind = kindOf(BigInt(`0x${from}`), BigInt(`0x${to}`), rights, name);
    else if (line.startsWith('Rss:')) kinds[kind] += Number.parseInt(line.slice(4), 10) / 1_024;
  }
  return kinds;
}

function kindOf(from, to, rights, name) {
  if (name === '[heap]') return 'malloc';
  // A ring is shared memory without a file that anyone could open.
  if (name.startsWith('/') && !name.startsWith('/dev/zero') && !name.startsWith('/memfd:')) return 'file';
  if (name === '' && rights === 'rw-p' && from % ARENA === 0n && to - from <= ARENA) return 'malloc';
  return to - from >= LARGE ? 'large' : 'small';
}
