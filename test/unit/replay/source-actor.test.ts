/** The beginning of a replay on a real ring: it waits for room, keeps the order, and closes the ring behind the last. */
import { describe, expect, it } from 'vitest';
import { SourceActor } from '../../../src/replay/source-actor.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';

const SIZE = { width: 4, height: 2 };

/** A file whose pictures are good until the call after the next, as a decoder's are. */
function played(batches: readonly (readonly number[])[]) {
  let next = 0;
  let closed = 0;
  let broken = Number.POSITIVE_INFINITY;
  const picture = (n: number) => {
    const plane = (bytes: number) => ({ data: new Uint8Array(bytes).fill(n), stride: bytes });
    const planes = [{ data: new Uint8Array(8).fill(n), stride: 4 }, plane(2), plane(2)] as const;
    // A replay takes what the decoder makes of a damaged picture.
    return { tag: n, ...SIZE, fullRange: false, isDamaged: true, planes, ptsUs: n * 40_000 };
  };
  let before: readonly { planes: readonly { data: Uint8Array }[] }[] = [];
  let valid = before;
  return {
    calls: () => next,
    closes: () => closed,
    breakAt: (call: number) => {
      broken = call;
    },
    file: {
      next: async () => {
        if (next >= broken) throw new Error('broken');
        for (const { planes } of before) for (const { data } of planes) data.fill(255);
        before = valid;
        const batch = batches[next++];
        const pictures = batch ? batch.map(picture) : null;
        valid = pictures ?? [];
        return pictures;
      },
      close: async () => {
        closed += 1;
      },
    },
  };
}

function open(batches: readonly (readonly number[])[]) {
  const memory = FrameRing.allocate({ slots: 2, maxWidth: 4, maxHeight: 2, policy: 'lossless' });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  const row = new StatusRow(StatusBoard.allocate(1), 0);
  const video = played(batches);
  const actor = new SourceActor({ name: 'source', file: video.file, frames: new FrameRingWriter(memory, bell), row });
  const reader = new FrameRingReader(memory, bell);
  const take = () => {
    const slot = reader.tryPeek();
    if (!slot) return null;
    const { frame, captureTsUs, rtp, y } = slot;
    const seen = { frame, captureTsUs, rtp, luma: y[0] };
    reader.release();
    return seen;
  };
  return { actor, reader, row, take, video };
}

describe('the source of a replay', () => {
  it('hands on every picture once and in order through a ring smaller than its batches, and closes it at the end', async () => {
    const { actor, reader, row, take, video } = open([[0, 1, 2, 3, 4], [], [5], [6, 7]]);
    const seen: unknown[] = [];
    for (let turn = 0; turn < 50 && !reader.isDrained; turn += 1) {
      await actor.doWork();
      const one = take();
      if (one) seen.push(one);
    }
    expect(seen).toEqual(
      Array.from({ length: 8 }, (_, n) => ({ frame: n, captureTsUs: n * 40_000, rtp: n * 3_600, luma: n })),
    );
    expect(reader.isDrained).toBe(true);
    expect(reader.counts()).toMatchObject({ offered: 8, committed: 8, dropped: 0, consumed: 8 });
    expect(row.snapshot()).toMatchObject({ out: 8, inNative: 0 });
    expect(await actor.doWork()).toBe(0);
    expect(video.calls()).toBe(5);
  });

  it('has the next pictures decoded while it copies, and no more while the ring is full', async () => {
    const { actor, video } = open([[0], [1, 2, 3], [4], [5]]);
    expect(await actor.doWork()).toBeGreaterThan(0);
    expect(video.calls()).toBe(2);
    expect(await actor.doWork()).toBeGreaterThan(0);
    expect(await actor.doWork()).toBe(0);
    expect(await actor.doWork()).toBe(0);
    expect(video.calls()).toBe(3);
  });

  it('fails of pictures that cannot be decoded when their turn comes, behind those before them', async () => {
    const { actor, take, video } = open([[0]]);
    video.breakAt(1);
    await actor.doWork();
    expect(take()).toMatchObject({ frame: 0 });
    await expect(actor.doWork()).rejects.toThrow('broken');
    await actor.onClose();
    expect(video.closes()).toBe(1);
  });

  it('closes its file once it is closed itself', async () => {
    const { actor, video } = open([[0]]);
    await actor.doWork();
    await actor.onClose();
    expect(video.closes()).toBe(1);
  });
});
