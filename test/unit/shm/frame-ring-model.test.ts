/** A frame ring against a queue: any order of calls, replaced threads among them, wherever the sequence wraps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import type { FrameRingCounts, RingPolicy } from '../../../src/shm/frame-ring-layout.ts';
import type { FrameHeader } from '../../../src/shm/frame-slot.ts';

const SLOTS = 4;
const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);

interface Model {
  readonly policy: RingPolicy;
  queue: number[];
  claimed: number | null;
  closed: boolean;
  next: number;
  offered: number;
  committed: number;
  dropped: number;
  aborted: number;
  consumed: number;
  skipped: number;
  leftOut: number;
}

interface Real {
  readonly memory: SharedArrayBuffer;
  readonly ring: FrameRing;
  writer: FrameRingWriter;
  reader: FrameRingReader;
  /** Of threads that were given up and live on. */
  oldWriter: FrameRingWriter | null;
  oldReader: FrameRingReader | null;
}

const headerOf = (frame: number): FrameHeader => ({
  ...{ frame, epoch: 1, rtp: frame, captureTsUs: frame, ptsUs: frame, receivedUs: frame, decodedUs: frame },
  ...{ width: 4, height: 4, fullRange: false },
});

function expectSame(m: Model, r: Real): void {
  const expected: FrameRingCounts = {
    ...{ offered: m.offered, committed: m.committed, dropped: m.dropped, aborted: m.aborted },
    claimed: m.claimed === null ? 0 : 1,
    ...{ consumed: m.consumed, skipped: m.skipped, inRing: m.queue.length },
  };
  expect(r.ring.counts()).toEqual(expected);
  expect(r.ring.leftOut).toBe(m.leftOut);
  expect([r.ring.closed, r.ring.hasUnread, r.ring.isDrained]).toEqual([
    m.closed,
    m.queue.length > 0,
    m.closed && m.queue.length === 0,
  ]);
  for (let ahead = 0; ahead <= SLOTS; ahead++) {
    const slot = r.reader.tryPeek(ahead);
    expect(slot?.frame ?? null).toBe(m.queue[ahead] ?? null);
    if (slot) expect([...slot.y]).toEqual(new Array(16).fill(slot.frame & 255));
  }
}

interface Step {
  readonly name: string;
  run(m: Model, r: Real): void;
}

const claim: Step = {
  name: 'claim',
  run(m, r) {
    const frame = m.next++;
    if (m.claimed !== null) {
      m.aborted += 1;
      m.claimed = null;
    }
    const slot = r.writer.tryClaim(headerOf(frame));
    const isFull = m.queue.length === SLOTS || m.closed;
    expect(slot === null).toBe(isFull);
    if (!isFull) m.claimed = frame;
    else if (m.policy === 'live') m.dropped += 1;
    if (!isFull || m.policy === 'live') m.offered += 1;
    slot?.y.fill(frame & 255);
  },
};
const commit: Step = {
  name: 'commit',
  run(m, r) {
    if (m.claimed === null) {
      expect(() => r.writer.commit()).toThrow('without a claim');
      return;
    }
    r.writer.commit();
    m.queue.push(m.claimed);
    m.claimed = null;
    m.committed += 1;
  },
};
const abort: Step = {
  name: 'abort',
  run(m, r) {
    if (m.claimed === null) {
      expect(() => r.writer.abort()).toThrow('without a claim');
      return;
    }
    r.writer.abort();
    m.claimed = null;
    m.aborted += 1;
  },
};
const release: Step = {
  name: 'release',
  run(m, r) {
    if (m.queue.length === 0) {
      expect(() => r.reader.release()).toThrow('without a frame');
      return;
    }
    r.reader.release();
    m.queue.shift();
    m.consumed += 1;
  },
};
/** @param count of the oldest; there may be fewer */
const skip = (count: number, leftOut: number): Step => ({
  name: `skip ${count}, ${leftOut} of them on purpose`,
  run(m, r) {
    const passed = Math.min(count, m.queue.length);
    expect(r.reader.skip(count, leftOut)).toBe(passed);
    m.queue.splice(0, passed);
    m.skipped += passed;
    m.leftOut += Math.min(leftOut, passed);
  },
});
const skipToLatest: Step = {
  name: 'skip to the latest',
  run(m, r) {
    const behind = Math.max(0, m.queue.length - 1);
    expect(r.reader.skipToLatest()).toBe(behind);
    m.queue.splice(0, behind);
    m.skipped += behind;
  },
};
const close: Step = {
  name: 'close',
  run(m, r) {
    r.writer.close();
    m.closed = true;
    if (m.claimed !== null) m.aborted += 1;
    m.claimed = null;
  },
};
const replaceWriter: Step = {
  name: 'replace the writer',
  run(m, r) {
    r.oldWriter = r.writer;
    r.ring.handOver('writer', r.ring.generationOf('writer') + 1);
    expect(r.oldWriter.isSuperseded).toBe(true);
    r.writer = new FrameRingWriter(r.memory, bell);
    if (m.claimed !== null) m.aborted += 1;
    m.claimed = null;
    m.closed = false;
  },
};
const replaceReader: Step = {
  name: 'replace the reader',
  run(_m, r) {
    r.oldReader = r.reader;
    r.reader = new FrameRingReader(r.memory, undefined, r.ring.generationOf('reader') + 1);
    expect(r.oldReader.isSuperseded).toBe(true);
  },
};
const dieAndAttach: Step = {
  name: 'die with a claim open',
  run(m, r) {
    r.writer = new FrameRingWriter(r.memory, bell);
    if (m.claimed !== null) m.aborted += 1;
    m.claimed = null;
  },
};
/** What threads do that were given up: their views answer, and nothing changes. */
const haunt: Step = {
  name: 'haunt',
  run(_m, r) {
    const { oldWriter, oldReader } = r;
    expect(oldWriter?.tryClaim(headerOf(0)) ?? null).toBeNull();
    try {
      oldWriter?.commit();
    } catch {
      // It had no claim.
    }
    oldWriter?.close();
    expect(oldReader?.tryPeek() ?? null).toBeNull();
    expect(oldReader?.tryPeek(1) ?? null).toBeNull();
    expect(oldReader?.skipToLatest() ?? 0).toBe(0);
    expect(oldReader?.skip(2, 1) ?? 0).toBe(0);
    try {
      oldReader?.release();
    } catch {
      // There was no frame.
    }
  },
};

const STEPS = [claim, commit, abort, release, skipToLatest, close, replaceWriter, replaceReader, dieAndAttach, haunt];
const WEIGHTS = [30, 30, 2, 16, 3, 1, 3, 3, 3, 5];
const command = fc.oneof(...STEPS.map((step, i) => ({ arbitrary: fc.constant(step), weight: WEIGHTS[i] as number })), {
  arbitrary: fc
    .record({ count: fc.integer({ min: 0, max: SLOTS + 1 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ count, share }) => skip(count, Math.round(count * share))),
  weight: 6,
});

/** Near 0, 2³¹ and 2³². */
const beginning = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -8, max: -1 }),
  fc.integer({ min: 0x7fff_fff8, max: 0x7fff_ffff }),
);

describe('a frame ring', () => {
  it.each(['live', 'lossless'] as const)('is a bounded queue that counts everything (%s)', (policy) => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120, size: 'max' }), beginning, (steps, initialSequence) => {
        const memory = FrameRing.allocate({ slots: SLOTS, maxWidth: 4, maxHeight: 4, policy, initialSequence });
        const real: Real = {
          ...{ memory, ring: new FrameRing(memory), oldWriter: null, oldReader: null },
          ...{ writer: new FrameRingWriter(memory, bell), reader: new FrameRingReader(memory) },
        };
        const model: Model = {
          ...{ policy, queue: [], claimed: null, closed: false, next: 0 },
          ...{ offered: 0, committed: 0, dropped: 0, aborted: 0, consumed: 0, skipped: 0, leftOut: 0 },
        };
        for (const step of steps) {
          step.run(model, real);
          expectSame(model, real);
        }
      }),
      { numRuns: 100 },
    );
  });
});
