import { describe, expect, it } from 'vitest';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import type { FrameRingSpec } from '../../../src/shm/frame-ring-layout.ts';
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

  it.each([0, 3, 2.5, -4])('rejects %d slots, which is no power of two', (slots) => {
    expect(() => ring({ slots })).toThrow(RangeError);
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

  it('counts a frame as dropped only when live', () => {
    for (const policy of ['live', 'lossless'] as const) {
      const { writer } = ring({ policy });
      for (let i = 0; i < 6; i += 1) if (writer.tryClaim(header(i))) writer.commit();
      expect(writer.counts()).toMatchObject({ committed: 4, dropped: policy === 'live' ? 2 : 0 });
    }
  });

  it('takes nothing more once it is closed, and aborts a claim that was open', () => {
    const { writer } = ring();
    writer.tryClaim(header(1));
    writer.close();
    expect(writer.tryClaim(header(2))).toBeNull();
    expect(writer.counts()).toMatchObject({ offered: 2, aborted: 1, dropped: 1, inRing: 0 });
    expect(writer.isDrained).toBe(true);
  });

  it('lets generations only rise', () => {
    const { memory } = ring();
    const view = new FrameRing(memory);
    view.handOver('reader', 3);
    view.handOver('reader', 3);
    expect(() => view.handOver('reader', 2)).toThrow(RangeError);
    expect([view.generationOf('reader'), view.generationOf('writer')]).toEqual([3, 0]);
  });

  it('is superseded from the start for a thread that was given up before it attached', () => {
    const { memory, bell, writer } = ring();
    new FrameRing(memory).handOver('writer', 2);
    const late = new FrameRingWriter(memory, bell, 1);
    expect([late.isSuperseded, late.tryClaim(header(1)), writer.isSuperseded]).toEqual([true, null, true]);
    expect(new FrameRingWriter(memory, bell, 2).tryClaim(header(1))).not.toBeNull();
  });

  it('goes through more generations than it has lanes', () => {
    const { memory, bell } = ring();
    for (let generation = 1; generation <= 20; generation += 1) {
      const writer = new FrameRingWriter(memory, bell, generation);
      writer.tryClaim(header(generation));
      writer.commit();
      const reader = new FrameRingReader(memory, bell, generation);
      expect(reader.tryPeek()?.frame).toBe(generation);
      reader.release();
    }
    expect(new FrameRing(memory).counts()).toMatchObject({ offered: 20, committed: 20, consumed: 20, inRing: 0 });
  });

  it('counts a picture whose producer died while it wrote it as aborted once a successor attached', () => {
    const { memory, bell, writer, reader } = ring();
    writer.tryClaim(header(1));
    expect(reader.counts()).toMatchObject({ offered: 1, claimed: 1, aborted: 0 });
    const successor = new FrameRingWriter(memory, bell, 1);
    expect(reader.counts()).toMatchObject({ offered: 1, claimed: 0, aborted: 1, committed: 0 });
    successor.tryClaim(header(2));
    successor.commit();
    expect(reader.tryPeek()?.frame).toBe(2);
    expect(reader.counts()).toMatchObject({ offered: 2, claimed: 0, aborted: 1, committed: 1, inRing: 1 });
  });

  it('says what it counts of a thread that stands between two stores', () => {
    const { memory, writer } = ring();
    const view = new FrameRing(memory);
    writer.tryClaim(header(1));
    expect(view.counts()).toMatchObject({ offered: 1, committed: 0, claimed: 1, inRing: 0 });
    // Published, not counted yet.
    Atomics.add(new Int32Array(memory), 256 / 4, 1);
    expect(view.counts()).toMatchObject({ offered: 1, committed: 1, claimed: 0, inRing: 1 });
  });
});
