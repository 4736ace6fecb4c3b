import { describe, expect, it } from 'vitest';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';

function ring(capacity = 256, initialPosition = 0) {
  const memory = RecordRing.allocate({ capacity, initialPosition });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  return { memory, writer: new RecordRingWriter(memory, bell), reader: new RecordRingReader(memory), bell };
}

describe('a record ring', () => {
  it.each([48, 100, 1024 * 1024 + 1])('rejects a capacity of %i bytes', (capacity) => {
    expect(() => ring(capacity)).toThrow(RangeError);
  });

  it('rejects a write when the record could never fit', () => {
    expect(() => ring().writer.tryWrite(1, new Uint8Array(121))).toThrow(RangeError);
    expect(ring().writer.tryWrite(1, new Uint8Array(120))).toBe(true);
  });

  it('stops after the limit and goes on from there', () => {
    const { writer, reader } = ring();
    for (let i = 0; i < 3; i += 1) writer.tryWrite(i, new Uint8Array(1));
    const types: number[] = [];
    expect(reader.drain((type) => types.push(type), 2)).toBe(2);
    expect(reader.drain((type) => types.push(type), 9)).toBe(1);
    expect(types).toEqual([0, 1, 2]);
  });

  it.each([0, 2 ** 31 - 64, -64])('shows its writer what has not been read yet, from %i on', (from) => {
    const { memory, writer, reader, bell } = ring(64, from);
    const seen: number[] = [];
    for (let i = 0; i < 40; i += 1) {
      writer.tryWrite(i, new Uint8Array(i % 9));
      if (i % 3 > 0) reader.drain(() => {}, 2);
      const unread = writer.counts().inRing;
      seen.length = 0;
      expect(writer.peek((type) => seen.push(type))).toBe(unread);
      const taken: number[] = [];
      expect(reader.peek((type) => taken.push(type))).toBe(unread);
      expect(seen).toEqual(taken);
    }
    new RecordRingWriter(memory, bell, 2);
    expect(writer.peek(() => {})).toBe(0);
  });

  it('keeps a record whose handler threw', () => {
    const { writer, reader } = ring();
    writer.tryWrite(5, new Uint8Array([1]));
    const fail = () => {
      throw new Error('handler failed');
    };
    expect(() => reader.drain(fail, 1)).toThrow('handler failed');
    expect(reader.drain((type) => expect(type).toBe(5), 1)).toBe(1);
  });

  it('rings the reader’s bell', () => {
    const { writer, bell } = ring();
    const seen = bell.seen();
    writer.tryWrite(1, new Uint8Array(0));
    expect(bell.seen()).not.toBe(seen);
  });

  it('rings the writer’s bell also when a handler failed after others had read', () => {
    const { memory, writer, bell } = ring();
    const reader = new RecordRingReader(memory, bell);
    writer.tryWrite(1, new Uint8Array(1));
    writer.tryWrite(2, new Uint8Array(1));
    const seen = bell.seen();
    expect(() =>
      reader.drain((type) => {
        if (type === 2) throw new Error('handler failed');
      }, 9),
    ).toThrow();
    expect(bell.seen()).not.toBe(seen);
  });

  it.each([0xffff_ffff, -1, 2 ** 32, 0.5])('refuses the type %d, which would not come back', (type) => {
    expect(() => ring().writer.tryWrite(type, new Uint8Array(1))).toThrow(RangeError);
  });

  it('refuses to begin where no record can begin', () => {
    expect(() => ring(256, 4)).toThrow(RangeError);
  });

  it('carries its counts over 2³² records', () => {
    const { memory, writer, reader } = ring();
    // Both tallies of both ends, as after 2³² - 1 records.
    const cells = new Int32Array(memory);
    for (const lane of [256, 1280]) for (const tally of [16, 32]) cells[(lane + tally) / 4 + 1] = -1;
    writer.tryWrite(1, new Uint8Array(1));
    expect(reader.counts()).toMatchObject({ written: 2 ** 32, read: 2 ** 32 - 1, inRing: 1 });
    reader.drain(() => {}, 1);
    expect(reader.counts()).toMatchObject({ written: 2 ** 32, read: 2 ** 32, inRing: 0 });
  });

  it('takes nothing more once it is closed, until it has a new writer', () => {
    const { memory, writer, bell } = ring();
    writer.close();
    expect([writer.tryWrite(1, new Uint8Array(1)), writer.closed, writer.counts().rejected]).toEqual([false, true, 1]);
    const successor = new RecordRingWriter(memory, bell, 1);
    expect([successor.closed, successor.tryWrite(1, new Uint8Array(1)), writer.isSuperseded]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
