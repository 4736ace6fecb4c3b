import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RtspReader } from '../../../../src/media/hub/rtsp-reader.ts';
import { Stream } from '../../../../src/media/hub/stream.ts';
import { formatRtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';

const MAX_BACKLOG_BYTES = 300_000;
const PICTURE_BYTES = 50_000;

/** A reader on a socket that takes bytes only when it is told to. */
function open(timeoutMs = 60_000) {
  const stream = new Stream('cam', { payloadType: 96, codec: 'h264', parameterSets: [] } as never, {
    nowUs: () => 1e15,
  });
  const sequences: number[] = [];
  let taken: (() => void) | null = null;
  const socket = new Duplex({
    read: () => {},
    write: (frame: Buffer, _encoding, done) => {
      if (frame[1] === 0) sequences.push(frame.readUInt16BE(6));
      taken = done;
    },
  });
  let slow = 0;
  const ended: string[] = [];
  const reader = new RtspReader({
    id: 'r',
    stream,
    socket,
    channels: [0, 1],
    maxBacklogBytes: MAX_BACKLOG_BYTES,
    timeoutMs,
    onSlow: () => {
      slow += 1;
    },
    onEnd: (reason) => ended.push(reason),
  });
  let sequence = 0;
  return {
    stream,
    reader,
    sequences,
    slow: () => slow,
    ended,
    /** Lets the socket take one frame more. */
    takeOne() {
      const done = taken;
      taken = null;
      done?.();
    },
    publish(isKey: boolean) {
      const payload = Buffer.alloc(PICTURE_BYTES, isKey ? 0x65 : 0x41);
      stream.publish(
        formatRtpPacket({ payloadType: 96, marker: true, sequence, timestamp: sequence * 3_000, ssrc: 1, payload }),
      );
      sequence += 1;
    },
    /** Lets the socket take everything it has and gets. */
    async drain() {
      for (let n = 0; n < 2_000 && taken; n += 1) {
        const done = taken;
        taken = null;
        done();
        await new Promise(setImmediate);
      }
    },
  };
}

describe('a reader that is too slow', () => {
  it('misses the oldest pictures up to the next key picture, said once', async () => {
    const { publish, drain, reader, stream, sequences, slow } = open();
    // Three fit into the socket, six wait: the fourth of a group is the last that fits.
    for (let n = 0; n < 14; n += 1) publish(n % 4 === 0);
    await drain();
    const kept = sequences.slice(3);
    expect(sequences.slice(0, 3)).toEqual([0, 1, 2]);
    expect((kept[0] ?? -1) % 4).toBe(0);
    expect(kept).toEqual(Array.from({ length: 14 - (kept[0] ?? 0) }, (_, n) => (kept[0] ?? 0) + n));
    expect(stream.leftOutPackets).toBe(14 - sequences.length);
    expect(slow()).toBe(1);
    reader.close();
  });

  it('goes on at the next key picture when none waits', async () => {
    const { publish, drain, reader, sequences } = open();
    for (let n = 0; n < 20; n += 1) publish(n === 0);
    await drain();
    publish(false);
    publish(true);
    publish(false);
    await drain();
    expect(sequences.slice(-2)).toEqual([21, 22]);
    expect(sequences).not.toContain(20);
    reader.close();
  });

  it('never holds more than its bound, and after each gap comes a key picture', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('key', 'slice', 'slice', 'slice', 'drain'), { maxLength: 60 }),
        async (steps) => {
          const { publish, drain, reader, stream, sequences } = open();
          const keys = new Set<number>();
          let published = 0;
          for (const step of steps) {
            if (step === 'drain') await drain();
            else {
              if (step === 'key') keys.add(published);
              published += 1;
              publish(step === 'key');
            }
          }
          await drain();
          for (const [n, sequence] of sequences.entries()) {
            const before = sequences[n - 1];
            if (before !== undefined && sequence !== before + 1) expect(keys).toContain(sequence);
          }
          expect(published - sequences.length).toBe(stream.leftOutPackets);
          reader.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a reader that is always behind', () => {
  afterEach(() => void vi.useRealTimers());

  it('is kept as long as his socket takes something, and cut off when it takes nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const { publish, takeOne, ended, reader } = open(1_000);
    for (let n = 0; n < 20; n += 1) {
      publish(true);
      publish(false);
      takeOne();
      await vi.advanceTimersByTimeAsync(400);
    }
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ended).toEqual(['takes nothing']);
    reader.close();
  });
});
