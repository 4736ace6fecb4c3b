/** A disk that refused at the change of segments made the spool delete the very file it was writing. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { encodeRecord } from '../../src/rpc/records.ts';
import { Spool } from '../../src/store/spool.ts';

const disk = vi.hoisted(() => ({ refuses: null as 'fdatasyncSync' | 'fsyncSync' | null }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const refusing = (name: 'fdatasyncSync' | 'fsyncSync') => (fd: number) => {
    if (disk.refuses === name) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
    real[name](fd);
  };
  return { ...real, fdatasyncSync: refusing('fdatasyncSync'), fsyncSync: refusing('fsyncSync') };
});

const fact = (n: number): Uint8Array => encodeRecord({ kind: 'event', n });
const openFiles = (): number => readdirSync('/proc/self/fd').length;

function readAll(spool: Spool): number[] {
  const all: number[] = [];
  while (spool.pendingBytes > 0) {
    const batch = spool.read(100);
    all.push(...batch.lines.map((line) => (JSON.parse(line) as { n: number }).n));
    spool.release(batch);
  }
  return all;
}

it.each(['fdatasyncSync', 'fsyncSync'] as const)('keeps every fact it took when %s fails between segments', (call) => {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-spool-'));
  const spool = new Spool({ dir, segmentBytes: 50 });
  spool.append(fact(1));
  spool.append(fact(2));
  disk.refuses = call;
  for (let attempt = 0; attempt < 3; attempt += 1) expect(() => spool.append(fact(3))).toThrow('input/output error');
  disk.refuses = null;
  spool.append(fact(4));
  expect(readAll(spool)).toEqual([1, 2, 4]);
  spool.append(fact(5));
  expect(readAll(new Spool({ dir }))).toEqual([5]);
  spool.close();
  rmSync(dir, { recursive: true });
});

it.skipIf(process.platform !== 'linux')('leaves no file open when the folder cannot be brought onto the disk', () => {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-spool-'));
  const spool = new Spool({ dir, segmentBytes: 50 });
  spool.append(fact(1));
  spool.append(fact(2));
  const before = openFiles();
  disk.refuses = 'fsyncSync';
  for (let attempt = 0; attempt < 5; attempt += 1) expect(() => spool.append(fact(3))).toThrow();
  disk.refuses = null;
  expect(openFiles()).toBe(before);
  spool.close();
  rmSync(dir, { recursive: true });
});
