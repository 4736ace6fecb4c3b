import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import { COUNTER, type FrameRingSpec, READ_SEQUENCE, WRITE_SEQUENCE } from '../../../src/shm/frame-ring-layout.ts';
import type { FrameHeader } from '../../../src/shm/frame-slot.ts';

const header = (frame: number, width = 4, height = 4): FrameHeader => ({
  frame,
  epoch: 7,
  rtp: 4_294_967_295,
  captureTsUs: 1_795_374_000_123_456,
  ptsUs: frame * 33_333,
  receivedUs: 2,
  decodedUs: 3,
  width,
  height,
  fullRange: frame % 2 === 0,
});

function ring(spec: Partial<FrameRingSpec> = {}) {
  const memory = FrameRing.allocate({ slots: 4, maxWidth: 8, maxHeight: 8, policy: 'live', ...spec });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  return { memory, bell, writer: new FrameRingWriter(memory, bell), reader: new FrameRingReader(memory) };
}

function conserves(r: FrameRing): boolean {
  const c = r.counts();
  return c.offered === c.committed + c.dropped + c.aborted && c.committed === c.consumed + c.skipped + c.inRing;
}

describe('a frame ring', () => {
  it('hands over header and pixels unchanged', () => {
    const { writer, reader } = ring();
    const claimed = writer.tryClaim(header(6, 6, 4));
    claimed?.y.fill(10);
    claimed?.u.fill(20);
    claimed?.v.fill(30);
    writer.commit();
    const got = reader.tryPeek();
    expect(got).toMatchObject(header(6, 6, 4));
    expect([got?.y.length, got?.u.length, got?.v.length]).toEqual([24, 6, 6]);
    expect([got?.y[23], got?.u[0], got?.u[5], got?.v[5]]).toEqual([10, 20, 20, 30]);
  });

  it('rejects a number of slots that is no power of two', () => {
    expect(() => ring({ slots: 3 })).toThrow(RangeError);
  });

  it('refuses a picture larger than its slots', () => {
    expect(() => ring().writer.tryClaim(header(0, 16, 16))).toThrow(RangeError);
  });

  it('refuses memory that holds no ring', () => {
    expect(() => new FrameRing(new SharedArrayBuffer(4096))).toThrow(TypeError);
  });

  it('gives the same frame again until it is released', () => {
    const { writer, reader } = ring();
    writer.tryClaim(header(1));
    writer.commit();
    expect([reader.tryPeek()?.frame, reader.tryPeek()?.frame]).toEqual([1, 1]);
    reader.release();
    expect(reader.tryPeek()).toBeNull();
  });

  it('keeps what is in it readable after it was closed', () => {
    const { writer, reader } = ring();
    writer.tryClaim(header(1));
    writer.commit();
    writer.close();
    expect([reader.closed, reader.tryPeek()?.frame]).toEqual([true, 1]);
  });

  it.each(['live', 'lossless'] as const)(
    'behaves as a bounded queue for any order of calls, across the int32 wrap (%s)',
    (policy) => {
      const operation = fc.constantFrom('write', 'abort', 'read', 'skip');
      fc.assert(
        fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
          const { writer, reader } = ring({ policy, initialSequence: 0x7fff_fff0 });
          const model: number[] = [];
          for (const [i, name] of operations.entries()) {
            if (name === 'write' || name === 'abort') {
              const slot = writer.tryClaim(header(i));
              expect(slot === null).toBe(model.length === 4);
              if (!slot) continue;
              if (name === 'abort') writer.abort();
              else {
                writer.commit();
                model.push(i);
              }
            } else if (name === 'read') {
              expect(reader.tryPeek()?.frame).toBe(model[0]);
              if (model.length > 0) {
                reader.release();
                model.shift();
              }
            } else {
              const expected = Math.max(0, model.length - 1);
              expect(reader.skipToLatest()).toBe(expected);
              model.splice(0, expected);
            }
            expect(conserves(writer)).toBe(true);
            expect(reader.inRing).toBe(model.length);
          }
        }),
      );
    },
  );

  it('counts a frame as dropped only when live', () => {
    for (const policy of ['live', 'lossless'] as const) {
      const { writer } = ring({ policy });
      for (let i = 0; i < 6; i += 1) if (writer.tryClaim(header(i))) writer.commit();
      expect(writer.counts()).toMatchObject({ committed: 4, dropped: policy === 'live' ? 2 : 0 });
    }
  });

  it('is whole again after a writer was killed between any two stores', () => {
    const { memory, bell, writer } = ring();
    writer.tryClaim(header(1)); // killed with a claim open
    expect(conserves(new FrameRingWriter(memory, bell))).toBe(true);
    const cells = new Int32Array(memory);
    writer.tryClaim(header(2));
    Atomics.add(cells, WRITE_SEQUENCE, 1); // killed in commit, before the count
    const successor = new FrameRingWriter(memory, bell);
    expect(conserves(successor)).toBe(true);
    expect(successor.counts()).toMatchObject({ committed: 1, aborted: 1, inRing: 1 });
  });

  it('is whole again after a reader was killed between release and count', () => {
    const { memory, writer } = ring();
    writer.tryClaim(header(1));
    writer.commit();
    Atomics.add(new Int32Array(memory), READ_SEQUENCE, 1);
    const reader = new FrameRingReader(memory);
    expect(reader.counts()).toMatchObject({ consumed: 1, inRing: 0 });
    expect(Atomics.load(new BigInt64Array(memory), COUNTER.consumed)).toBe(1n);
  });
});
