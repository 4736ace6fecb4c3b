/** What a process holds, as the system sees it. Linux; elsewhere only the resident size is known. */
import { type ReadText, readText } from './read-text.ts';

/** Bytes in memory, shared pages counted in full; cheap. null while no file can be opened to read it from. */
export function residentBytes(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}

/** Bytes in memory, shared pages counted by their share; takes milliseconds. null where nobody knows. */
export function proportionalBytes(pid: number | 'self' = 'self', read: ReadText = readText): number | null {
  const text = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return text === undefined ? null : Number(text) * 1_024;
}
