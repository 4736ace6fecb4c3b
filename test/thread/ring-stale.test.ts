/**
 * A thread is given up at every single step of its work at a ring, and goes on when its successor is at work already.
 * Nothing that it then does can be seen. (The supervisor starts a successor only after the thread has ended: this is the
 * second lock on that door.)
 */
import { describe, expect, it } from 'vitest';
import { FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import { RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import {
  ALL,
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
  it.each(WRITING)('does not see what a writer does that was given up at any step of: %s', async (operation, n) => {
    const argument = { header: headerOf(n), byte: byteOf(n) };
    const steps = await atEveryStep(
      () => frameRing(n),
      { operation, argument, generation: 1, touches: ALL },
      async ({ memory, reader, ring }, thread) => {
        ring.handOver('writer', 2);
        const writer = new FrameRingWriter(memory, bell, 2);
        const found = takeAll(reader);
        expect(put(writer, 50)).toBe(true);
        expect(takeAll(reader)).toEqual([50]);
        writer.tryClaim(headerOf(51));
        const before = ring.counts();
        await thread.goOn();
        expect(ring.counts()).toEqual(before);
        expect([before.committed, before.claimed]).toEqual([found.length + 1, 1]);
        writer.abort();
        expect([put(writer, 52), takeAll(reader)]).toEqual([true, [52]]);
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  });

  it.each(READING)('does not see what a reader does that was given up at any step of: %s', async (operation) => {
    const steps = await atEveryStep(
      () => frameRing(4),
      { operation, generation: 1, touches: ALL },
      async ({ memory, writer, ring }, thread) => {
        ring.handOver('reader', 2);
        const reader = new FrameRingReader(memory, bell, 2);
        const peeked = reader.tryPeek()?.frame as number;
        const before = ring.counts();
        await thread.goOn();
        expect(ring.counts()).toEqual(before);
        expect(reader.tryPeek()?.frame).toBe(peeked);
        // No slot that is still to be read was given free.
        for (let frame = 50; put(writer, frame); frame += 1);
        expect(takeAll(reader).slice(0, 4 - peeked)).toEqual([0, 1, 2, 3].slice(peeked));
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  });

  it('stays open when a writer that was given up closes it', async () => {
    const steps = await atEveryStep(
      () => frameRing(1),
      { operation: 'close a frame ring', generation: 1, touches: ALL },
      async ({ ring }, thread) => {
        ring.handOver('writer', 2);
        await thread.goOn();
        expect(ring.closed).toBe(false);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(1);
  });

  it('does not let its reader see what was published after the hand-over, at any step of looking', async () => {
    const steps = await atEveryStep(
      () => frameRing(1),
      { operation: 'release a frame', generation: 1, touches: ALL },
      async ({ memory, writer, reader, ring }, thread) => {
        const hasRead = reader.inRing === 0;
        writer.tryClaim(headerOf(60));
        ring.handOver('writer', 2);
        writer.commit();
        await thread.goOn();
        expect(ring.counts()).toMatchObject({ committed: 1, consumed: 1, inRing: 0, claimed: 1 });
        const successor = new FrameRingWriter(memory, bell, 2);
        expect([put(successor, 50), takeAll(reader), hasRead]).toEqual([true, [50], hasRead]);
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  });

  it('does not let its writer use what was released after the hand-over, at any step of looking', async () => {
    const argument = { header: headerOf(60), byte: byteOf(60) };
    const steps = await atEveryStep(
      () => frameRing(4),
      { operation: 'commit a frame', argument, generation: 1, touches: ALL },
      async ({ memory, reader, ring }, thread) => {
        ring.handOver('reader', 2);
        reader.release();
        await thread.goOn();
        expect(ring.counts()).toMatchObject({ committed: 4, dropped: 1, consumed: 0, inRing: 4 });
        expect(takeAll(new FrameRingReader(memory, bell, 2))).toEqual([0, 1, 2, 3]);
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  });

  it('keeps or loses as a whole what its writer does at any step of the hand-over', async () => {
    const steps = await atEveryStep(
      () => frameRing(1),
      { operation: 'take a writing end over', generation: 2, touches: STORES },
      async ({ memory, writer, reader, ring }, thread) => {
        const isEarly = !writer.isSuperseded;
        expect(put(writer, 1)).toBe(isEarly);
        const seen = takeAll(reader);
        await thread.goOn();
        expect([...seen, ...takeAll(reader)]).toEqual(isEarly ? [0, 1] : [0]);
        const successor = new FrameRingWriter(memory, bell, 2);
        expect([put(successor, 50), takeAll(reader)]).toEqual([true, [50]]);
        expectConserved(ring);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(20);
  });

  it('keeps or loses as a whole what is under way at its ends at any step of the hand-over', async () => {
    for (const end of ['writing', 'reading'] as const) {
      const steps = await atEveryStep(
        () => {
          const made = frameRing(2);
          made.writer.tryClaim(headerOf(2));
          return made;
        },
        { operation: `take a ${end} end over`, generation: 2, touches: STORES },
        async ({ memory, writer, reader, ring }, thread) => {
          // Both had begun before, so neither asks any more.
          if (end === 'writing') writer.commit();
          else reader.release();
          await thread.goOn();
          expectConserved(ring);
          const { committed, aborted, consumed, inRing } = ring.counts();
          if (end === 'writing') expect(committed + aborted).toBe(3);
          else expect(consumed + inRing).toBe(2);
          const next = new FrameRingReader(memory, bell, 2);
          for (const left of [1, 0]) {
            if (next.inRing > left) expect(next.tryPeek()?.frame).toBe(committed - next.inRing);
          }
          expectConserved(ring);
        },
      );
      expect(steps).toBeGreaterThanOrEqual(20);
    }
  });
});

describe('a record ring', () => {
  it('does not see what a writer does that was given up at any step', async () => {
    const argument = { type: 9, payload: payloadOf(9) };
    const steps = await atEveryStep(
      () => recordRing(1),
      { operation: 'write a record', argument, generation: 1, touches: ALL },
      async ({ memory, reader, ring }, thread) => {
        ring.handOver('writer', 2);
        const writer = new RecordRingWriter(memory, bell, 2);
        const found = takeRecords(reader);
        expect([writer.tryWrite(50, payloadOf(50)), takeRecords(reader)]).toEqual([true, [50]]);
        const before = ring.counts();
        await thread.goOn();
        expect(ring.counts()).toEqual(before);
        expect(before.written).toBe(found.length + 1);
        expect([writer.tryWrite(51, payloadOf(51)), takeRecords(reader)]).toEqual([true, [51]]);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(10);
  });

  it('does not see what a reader does that was given up at any step', async () => {
    const steps = await atEveryStep(
      () => recordRing(3),
      { operation: 'read records', argument: { limit: 3 }, generation: 1, touches: ALL },
      async ({ memory, writer, ring }, thread) => {
        ring.handOver('reader', 2);
        const before = ring.counts();
        await thread.goOn();
        expect(ring.counts()).toEqual(before);
        const reader = new RecordRingReader(memory, bell, 2);
        // Room that was not given free is not written into.
        const accepted = writer.tryWrite(9, payloadOf(9));
        expect(takeRecords(reader)).toEqual([1, 2, 3].slice(before.read).concat(accepted ? 9 : []));
        expect(ring.counts()).toMatchObject({ written: 3 + Number(accepted), read: 3 + Number(accepted), inRing: 0 });
      },
    );
    expect(steps).toBeGreaterThanOrEqual(12);
  });

  it('keeps or loses as a whole what its writer and reader do at any step of the hand-over', async () => {
    for (const end of ['write', 'read'] as const) {
      const steps = await atEveryStep(
        () => recordRing(2),
        { operation: `take the end of who ${end}s records over`, generation: 2, touches: STORES },
        async ({ memory, writer, reader, ring }, thread) => {
          // Whoever is at work: the counts of a lane and its position are one.
          const isWritten = writer.tryWrite(3, payloadOf(3));
          const read = reader.drain(() => {}, 1);
          await thread.goOn();
          expect(ring.counts()).toMatchObject({ written: 2 + Number(isWritten), read });
          expect(takeRecords(new RecordRingReader(memory, bell, 2))).toEqual(
            [1, 2, 3].slice(read, 2 + Number(isWritten)),
          );
          const successor = new RecordRingWriter(memory, bell, 2);
          expect([successor.tryWrite(50, payloadOf(50)), ring.counts().inRing]).toEqual([true, 1]);
        },
      );
      expect(steps).toBeGreaterThanOrEqual(20);
    }
  });

  it('does not let its writer use what was released after the hand-over, at any step of looking', async () => {
    const argument = { type: 9, payload: payloadOf(9) };
    const steps = await atEveryStep(
      () => recordRing(3),
      { operation: 'write a record', argument, generation: 1, touches: ALL },
      async ({ memory, reader, ring }, thread) => {
        // In the middle of a record when its end is taken away: what it then gives free does not count.
        reader.drain(() => {
          if (ring.generationOf('reader') === 1) ring.handOver('reader', 2);
        }, 1);
        await thread.goOn();
        const { written } = ring.counts();
        expect(takeRecords(new RecordRingReader(memory, bell, 2))).toEqual([1, 2, 3, 9].slice(0, written));
        expect(ring.counts()).toMatchObject({ read: written, bytesInRing: 0 });
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  });
});
