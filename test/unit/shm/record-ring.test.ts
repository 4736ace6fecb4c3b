import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';

function ring(capacity = 256, initialPosition = 0) {
  const memory = RecordRing.allocate({ capacity, initialPosition });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  return { writer: new RecordRingWriter(memory, bell), reader: new RecordRingReader(memory), bell };
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

  it('gives back every accepted record in order, whatever the sizes, across the int32 wrap', () => {
    const operation = fc.oneof(fc.record({ size: fc.integer({ min: 0, max: 120 }) }), fc.constant('drain' as const));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const { writer, reader } = ring(256, 0x7fff_ff00);
        const model: number[][] = [];
        let n = 0;
        const drain = () =>
          reader.drain((type, payload) => expect([type, ...payload]).toEqual(model.shift()), Number.POSITIVE_INFINITY);
        for (const op of operations) {
          if (op === 'drain') {
            drain();
            expect(model).toHaveLength(0);
            continue;
          }
          n += 1;
          const payload = Uint8Array.from({ length: op.size }, (_, i) => (i * 31 + n) & 255);
          if (writer.tryWrite(n, payload)) model.push([n, ...payload]);
        }
        drain();
        const { written, read, bytesInRing } = reader.counts();
        expect([model.length, written - read, bytesInRing]).toEqual([0, 0, 0]);
      }),
    );
  });
});
