/**
 * A thread dies at every single step of its work at a ring. Whoever comes after it finds the ring whole: no torn picture or
 * record, every count exact. The steps are not listed anywhere: each touch of shared memory is one.
 */
import { describe, expect, it } from 'vitest';
import { FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import { RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import {
  atEveryStep,
  bell,
  byteOf,
  expectConserved,
  frameRing,
  headerOf,
  payloadOf,
  put,
  READING,
  recordRing,
  STORES,
  takeAll,
  takeRecords,
  WRITING,
} from '../support/stepped-ring.ts';

describe('a frame ring', () => {
  it.each(WRITING)('is whole after its writer was killed at any step of: %s', async (operation, n) => {
    const argument = { header: headerOf(n), byte: byteOf(n) };
    const steps = await atEveryStep(
      () => frameRing(n),
      { operation, argument, generation: 1, touches: STORES },
      async ({ memory, reader, ring }, thread) => {
        expectConserved(ring);
        await thread[Symbol.asyncDispose]();
        const before = ring.counts();
        const writer = new FrameRingWriter(memory, bell, 2);
        const { offered, committed, dropped, aborted, claimed } = ring.counts();
        // What was open is aborted, all else was known before.
        expect({ offered, committed, dropped }).toMatchObject({
          offered: before.offered,
          committed: before.committed,
          dropped: before.dropped,
        });
        expect([claimed, aborted]).toEqual([0, before.aborted + before.claimed]);
        // Under the right name: what had no room was dropped, and nothing else was.
        expect(operation === 'drop a frame' ? aborted : dropped).toBe(0);
        const found = takeAll(reader);
        expect(found).toHaveLength(committed);
        expect(found).toEqual(Array.from({ length: committed }, (_, i) => i));
        expect([put(writer, 50), put(writer, 51)]).toEqual([true, true]);
        expect(takeAll(reader)).toEqual([50, 51]);
        expect(ring.counts()).toMatchObject({
          ...{ offered: offered + 2, committed: found.length + 2, consumed: found.length + 2, skipped: 0, inRing: 0 },
        });
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(2);
  });

  it.each(READING)('is whole after its reader was killed at any step of: %s', async (operation) => {
    const steps = await atEveryStep(
      () => frameRing(4),
      { operation, generation: 1, touches: STORES },
      async ({ memory, writer, ring }, thread) => {
        expectConserved(ring);
        await thread[Symbol.asyncDispose]();
        const before = ring.counts();
        const reader = new FrameRingReader(memory, bell, 2);
        expect(ring.counts()).toEqual(before);
        const found = takeAll(reader);
        expect(operation === 'skip frames' ? before.consumed : before.skipped).toBe(0);
        // Every frame once: read, passed over, or still there for the successor.
        expect(before.consumed + before.skipped + found.length).toBe(4);
        expect(found).toEqual([0, 1, 2, 3].slice(4 - found.length));
        expect([put(writer, 50), takeAll(reader)]).toEqual([true, [50]]);
        expect(ring.counts()).toMatchObject({ committed: 5, consumed: before.consumed + found.length + 1, inRing: 0 });
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(3);
  });

  it('is whole after the one who repaired it was killed at any step, too', async () => {
    const steps = await atEveryStep(
      () => {
        const made = frameRing(2);
        made.writer.tryClaim(headerOf(2));
        // Published, but died before it was counted.
        const lane = new Int32Array(made.memory, 256 + 128);
        lane[0] = ((lane[0] as number) + 1) | 0;
        return made;
      },
      { operation: 'take a writing end over', generation: 2, touches: STORES },
      async ({ memory, ring }, thread) => {
        await thread[Symbol.asyncDispose]();
        const writer = new FrameRingWriter(memory, bell, 3);
        expect(ring.counts()).toMatchObject({ offered: 3, committed: 3, aborted: 0, claimed: 0, inRing: 3 });
        expect(put(writer, 50)).toBe(true);
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(20);
  });
});

describe('a record ring', () => {
  it.each([1, 2, 4])('is whole after its writer was killed at any step, with %i records in it', async (count) => {
    const argument = { type: 9, payload: payloadOf(9) };
    const steps = await atEveryStep(
      () => recordRing(count),
      { operation: 'write a record', argument, generation: 1, touches: STORES },
      async ({ memory, reader, ring }, thread) => {
        await thread[Symbol.asyncDispose]();
        const { written, read, inRing } = ring.counts();
        const writer = new RecordRingWriter(memory, bell, 2);
        const found = takeRecords(reader);
        expect(found).toEqual([1, 2, 3, 4].slice(0, count).concat(9).slice(0, found.length));
        expect([written, read, inRing]).toEqual([found.length, 0, found.length]);
        expect([writer.tryWrite(50, payloadOf(50)), writer.tryWrite(0, payloadOf(0))]).toEqual([true, true]);
        expect(takeRecords(reader)).toEqual([50, 0]);
        expect(ring.counts()).toMatchObject({ written: written + 2, read: written + 2, inRing: 0, bytesInRing: 0 });
      },
    );
    expect(steps).toBeGreaterThanOrEqual(count === 4 ? 1 : 5);
  });

  it('is whole after its reader was killed at any step', async () => {
    const steps = await atEveryStep(
      () => recordRing(3),
      { operation: 'read records', argument: { limit: 2 }, generation: 1, touches: STORES },
      async ({ memory, writer, ring }, thread) => {
        await thread[Symbol.asyncDispose]();
        const { written, read } = ring.counts();
        const reader = new RecordRingReader(memory, bell, 2);
        const found = takeRecords(reader);
        // What was not counted as read comes again; nothing else does.
        expect(found).toEqual([1, 2, 3].slice(read));
        expect([writer.tryWrite(50, payloadOf(50)), takeRecords(reader)]).toEqual([true, [50]]);
        expect([written, ring.counts().read, ring.bytesInRing]).toEqual([3, 4, 0]);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(8);
  });
});
