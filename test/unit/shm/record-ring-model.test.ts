/** A record ring against a queue and its own byte map, walked here from scratch: any calls, any sizes, any wrap. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';

const CAPACITY = 256;
const LARGEST = CAPACITY / 2 - 8;
const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);

interface Entry {
  readonly type: number;
  readonly payload: number[];
}

interface Model {
  queue: Entry[];
  /** Positions that never wrap. */
  written: number;
  read: number;
  records: number;
  rejected: number;
  closed: boolean;
  next: number;
  /** Where each entry of the queue ends. */
  ends: number[];
}

interface Real {
  readonly memory: SharedArrayBuffer;
  readonly ring: RecordRing;
  writer: RecordRingWriter;
  reader: RecordRingReader;
  oldWriter: RecordRingWriter | null;
  oldReader: RecordRingReader | null;
}

/** By the bytes alone, as docs and headers tell them. */
function walk({ memory, ring }: Real): Entry[] {
  const view = new DataView(memory);
  const laneOf = (end: 'writer' | 'reader', first: number): number => first + 128 * (ring.generationOf(end) % 8);
  const written = view.getInt32(laneOf('writer', 256), true);
  const entries: Entry[] = [];
  for (let at = view.getInt32(laneOf('reader', 1280), true); at !== written; ) {
    const offset = 2304 + (((at % CAPACITY) + CAPACITY) % CAPACITY);
    const length = view.getUint32(offset, true);
    const type = view.getUint32(offset + 4, true);
    if (type !== 0xffff_ffff) entries.push({ type, payload: [...new Uint8Array(memory, offset + 8, length)] });
    at = (at + Math.ceil((8 + length) / 8) * 8) | 0;
    if (entries.length > CAPACITY) throw new Error('the records have no end');
  }
  return entries;
}

function expectSame(m: Model, r: Real): void {
  expect(r.ring.counts()).toEqual({
    ...{ written: m.records + m.queue.length, read: m.records, inRing: m.queue.length, rejected: m.rejected },
    bytesInRing: m.written - m.read,
  });
  expect([r.ring.closed, r.ring.isDrained]).toEqual([m.closed, m.closed && m.queue.length === 0]);
  expect(walk(r)).toEqual(m.queue);
}

type Step = (m: Model, r: Real) => void;

const write =
  (size: number, isZeroType: boolean): Step =>
  (m, r) => {
    const n = m.next++;
    const type = isZeroType ? 0 : n;
    const payload = Array.from({ length: size }, (_, i) => (i * 31 + n) & 255);
    const bytes = Math.ceil((8 + size) / 8) * 8;
    const tail = CAPACITY - (m.written % CAPACITY);
    const end = m.written + bytes + (bytes > tail ? tail : 0);
    const fits = end - m.read <= CAPACITY && !m.closed;
    expect(r.writer.tryWrite(type, Uint8Array.from(payload))).toBe(fits);
    if (!fits) {
      m.rejected += 1;
      return;
    }
    m.written = end;
    m.ends.push(end);
    m.queue.push({ type, payload });
  };

function took(m: Model, count: number): void {
  if (count === 0) return;
  m.read = m.ends[count - 1] as number;
  m.queue.splice(0, count);
  m.ends.splice(0, count);
  m.records += count;
}

const drain =
  (limit: number): Step =>
  (m, r) => {
    const got: Entry[] = [];
    const count = r.reader.drain((type, payload) => got.push({ type, payload: [...payload] }), limit);
    expect(got).toEqual(m.queue.slice(0, limit));
    expect(count).toBe(got.length);
    took(m, count);
  };

/** A handler that fails at its nth record: that one stays. */
const fail =
  (nth: number): Step =>
  (m, r) => {
    let seen = 0;
    const handler = (): void => {
      if (seen === nth) throw new Error('handler failed');
      seen += 1;
    };
    if (m.queue.length > nth) expect(() => r.reader.drain(handler, 99)).toThrow('handler failed');
    else expect(r.reader.drain(handler, 99)).toBe(m.queue.length);
    took(m, seen);
  };

const close: Step = (m, r) => {
  r.writer.close();
  m.closed = true;
};
const replaceWriter: Step = (m, r) => {
  r.oldWriter = r.writer;
  r.ring.handOver('writer', r.ring.generationOf('writer') + 1);
  r.writer = new RecordRingWriter(r.memory, bell);
  // What was rejected is counted over all generations; a new writer opens what was closed.
  m.closed = false;
};
const replaceReader: Step = (_m, r) => {
  r.oldReader = r.reader;
  r.reader = new RecordRingReader(r.memory, undefined, r.ring.generationOf('reader') + 1);
};
const haunt: Step = (_m, r) => {
  expect(r.oldWriter?.tryWrite(77, Uint8Array.of(7, 7, 7)) ?? false).toBe(false);
  r.oldWriter?.close();
  const surprised = (): void => {
    throw new Error('a reader that was given up must get nothing');
  };
  expect(r.oldReader?.drain(surprised, 99) ?? 0).toBe(0);
};

const size = fc.oneof(fc.integer({ min: 0, max: LARGEST }), fc.constantFrom(0, LARGEST, LARGEST - 1, 8, 7, 1));
const command: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.tuple(size, fc.boolean()).map(([bytes, isZeroType]) => write(bytes, isZeroType)), weight: 120 },
  { arbitrary: fc.integer({ min: 0, max: 5 }).map(drain), weight: 80 },
  { arbitrary: fc.integer({ min: 0, max: 2 }).map(fail), weight: 20 },
  { arbitrary: fc.constantFrom(replaceWriter, replaceReader, haunt), weight: 30 },
  { arbitrary: fc.constant(close), weight: 3 },
);

/** Near 0, 2³¹ and 2³², at any place of the buffer. */
const beginning = fc.tuple(fc.constantFrom(0, 2 ** 31 - 512, 2 ** 32 - 512), fc.integer({ min: 0, max: 64 }));

describe('a record ring', () => {
  it('is a bounded queue of bytes that counts everything', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120, size: 'max' }), beginning, (steps, [near, eighths]) => {
        const initialPosition = near + 8 * eighths;
        const memory = RecordRing.allocate({ capacity: CAPACITY, initialPosition });
        const real: Real = {
          ...{ memory, ring: new RecordRing(memory), oldWriter: null, oldReader: null },
          ...{ writer: new RecordRingWriter(memory, bell), reader: new RecordRingReader(memory) },
        };
        const model: Model = {
          ...{ queue: [], ends: [], written: initialPosition, read: initialPosition },
          ...{ records: 0, rejected: 0, closed: false, next: 1 },
        };
        for (const step of steps) {
          step(model, real);
          expectSame(model, real);
        }
      }),
      { numRuns: 300 },
    );
  });
});
