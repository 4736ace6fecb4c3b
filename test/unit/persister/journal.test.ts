/** Where facts wait for Postgres: order, bounds, and a disk that refuses or is slow. */
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../src/actors/persister/journal.ts';
import type { Spool } from '../../../src/actors/persister/ports.ts';
import { until } from '../../support/until.ts';

/** A spool in memory on a disk that the test plays. */
class PlayedDisk implements Spool {
  lines: string[] = [];
  refuses = false;
  syncs = 0;
  endSync = (): void => {};
  get pendingBytes(): number {
    return this.lines.join('').length;
  }
  append(payload: Uint8Array): boolean {
    if (this.refuses) throw new Error('no space left on device');
    return this.lines.push(Buffer.from(payload).toString()) > 0;
  }
  read(limit: number) {
    return { lines: this.lines.slice(0, limit), segment: 1, endOffset: Math.min(limit, this.lines.length) };
  }
  release({ endOffset }: { endOffset: number }): void {
    this.lines = this.lines.slice(endOffset);
  }
  sync(): Promise<void> {
    this.syncs += 1;
    return new Promise((resolve) => {
      this.endSync = resolve;
    });
  }
  close(): void {}
}

const fact = (n: number, kind = 'event', bytes = 0) =>
  Buffer.from(JSON.stringify({ kind, n, ...(bytes && { x: 'x'.repeat(bytes) }) }));

function open() {
  const disk = new PlayedDisk();
  const problems: string[] = [];
  const journal = new Journal(disk, (sentence) => problems.push(sentence));
  const takeAll = (): number[] => {
    const numbers: number[] = [];
    while (!journal.isEmpty) {
      const batch = journal.nextBatch(2);
      numbers.push(...batch.lines.map((line) => JSON.parse(line).n));
      batch.release();
    }
    return numbers;
  };
  return { disk, journal, problems, takeAll };
}

describe('the journal', () => {
  it('keeps the order over a disk that refuses for a while', () => {
    const { disk, journal, takeAll } = open();
    journal.keep(fact(1));
    disk.refuses = true;
    expect(journal.keep(fact(2))).toBe(true);
    expect(journal.keep(fact(3, 'frame'))).toBe(false);
    expect(journal.keep(fact(4))).toBe(true);
    expect(journal).toMatchObject({ isRefusing: true, heldFacts: 2 });
    disk.refuses = false;
    journal.keep(fact(5));
    expect(journal).toMatchObject({ isRefusing: false, heldFacts: 0 });
    expect(takeAll()).toEqual([1, 2, 4, 5]);
  });

  it('forgets nothing when what it held reached the disk while a batch of it was under way', () => {
    const { disk, journal, takeAll } = open();
    disk.refuses = true;
    for (const n of [1, 2, 3]) journal.keep(fact(n));
    const underWay = journal.nextBatch(2);
    expect(underWay.lines).toHaveLength(2);
    disk.refuses = false;
    journal.keep(fact(4));
    disk.refuses = true;
    for (const n of [5, 6]) journal.keep(fact(n));
    underWay.release();
    // The two are delivered a second time: that is harmless, losing one is not.
    expect(takeAll()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on where it was when the disk refuses again in the middle', () => {
    const { disk, journal, takeAll } = open();
    disk.refuses = true;
    for (const n of [1, 2, 3]) journal.keep(fact(n));
    disk.refuses = false;
    const append = disk.append.bind(disk);
    disk.append = (payload) => {
      if (disk.lines.length === 2) disk.refuses = true;
      return append(payload);
    };
    journal.keep(fact(4));
    expect(journal).toMatchObject({ isRefusing: true, heldFacts: 2 });
    disk.append = append;
    disk.refuses = false;
    expect(takeAll()).toEqual([1, 2, 3, 4]);
  });

  it.each([
    { what: 'facts', bytes: 0, sent: 10_100, most: 10_000 },
    { what: 'bytes', bytes: 1_000_000, sent: 60, most: 26 },
  ])('holds a bounded number of $what while the disk refuses', ({ bytes, sent, most }) => {
    const { disk, journal, takeAll } = open();
    disk.refuses = true;
    let kept = 0;
    for (let n = 0; n < sent; n += 1) if (journal.keep(fact(n, 'event', bytes))) kept += 1;
    expect(kept).toBeLessThanOrEqual(most);
    expect(kept).toBeGreaterThan(20);
    expect(takeAll()).toEqual(Array.from({ length: kept }, (_, n) => n));
    // Room was given back.
    expect(journal.keep(fact(0, 'event', bytes))).toBe(true);
  });

  it('never asks a slow disk for durability while it has not answered', async () => {
    const { disk, journal } = open();
    journal.keep(fact(1));
    for (let s = 2; s < 60; s += 1) {
      journal.keep(fact(s));
      journal.keepDurable(s * 1e6);
    }
    expect(disk.syncs).toBe(1);
    disk.endSync();
    await until(
      () => {
        journal.keepDurable(61e6);
        return disk.syncs === 2;
      },
      { what: 'the next call for durability' },
    );
  });
});
