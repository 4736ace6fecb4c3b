/** While the system works for the spool, the persister's row says so. */
import { expect, test } from 'vitest';
import { markDiskWaits } from '../../../src/actors/persister/disk-wait.ts';
import type { Spool } from '../../../src/actors/persister/ports.ts';

test('waiting for the disk shows, also when the disk refuses, and nothing else does', async () => {
  const cells: number[] = [];
  let inNative = 0;
  const seen: number[] = [];
  const row = {
    set: (_cell: string, value: number) => {
      inNative = value;
      cells.push(value);
    },
  };
  const batch = { lines: ['a'], segment: 1, endOffset: 2 };
  const spool: Spool = {
    pendingBytes: 7,
    append: (payload) => {
      seen.push(inNative);
      if (payload.length === 0) throw new Error('ENOSPC');
      return true;
    },
    read: () => {
      seen.push(inNative);
      return batch;
    },
    release: () => void seen.push(inNative),
    sync: async () => void seen.push(inNative),
    close: () => void seen.push(inNative),
  };
  const marked = markDiskWaits(spool, row);
  expect(marked.append(new Uint8Array(1))).toBe(true);
  expect(marked.read(5)).toBe(batch);
  marked.release(batch);
  expect(() => marked.append(new Uint8Array(0))).toThrow('ENOSPC');
  expect(inNative).toBe(0);
  // Awaited, not waited for: the event loop turns meanwhile.
  await marked.sync();
  marked.close();
  expect(seen).toEqual([1, 1, 1, 1, 0, 1]);
  expect(marked.pendingBytes).toBe(7);
  expect(cells.length % 2).toBe(0);
});
