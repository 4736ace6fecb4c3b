/**
 * Rings filled with pictures and records whose bytes follow from their number, and a thread stopped at every step of its
 * work at one.
 */
import { expect } from 'vitest';
import { Bell } from '../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import type { FrameHeader } from '../../src/shm/frame-slot.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import { type ParkedThread, type Parking, park, type Touch } from './parked-ring.ts';

export const STORES: readonly Touch[] = ['store', 'add', 'notify'];
/** For who is given up and goes on: what it had looked at before counts as well. */
export const ALL: readonly Touch[] = ['load', ...STORES];
export const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);

const MAXIMUM_STEPS = 200;

/** Runs `then` for each step that the operation has; each time on a ring that `fresh` made. */
export async function atEveryStep<T extends { memory: SharedArrayBuffer }>(
  fresh: () => T,
  parking: Omit<Parking, 'memory'>,
  then: (ring: T, thread: ParkedThread, step: number) => Promise<void>,
): Promise<number> {
  for (let step = 0; step < MAXIMUM_STEPS; step += 1) {
    const ring = fresh();
    await using thread = await park({ ...parking, memory: ring.memory }, step);
    if (!thread) return step;
    await then(ring, thread, step);
  }
  throw new Error('the operation has no end');
}

const SIDE = 16;
export const byteOf = (frame: number): number => (frame * 37 + 11) & 255;
export const headerOf = (frame: number): FrameHeader => ({
  ...{ frame, epoch: 1, rtp: frame * 3_000, captureTsUs: frame, ptsUs: frame, receivedUs: frame, decodedUs: frame },
  ...{ width: SIDE, height: SIDE, fullRange: false },
});

export function put(writer: FrameRingWriter, frame: number): boolean {
  const slot = writer.tryClaim(headerOf(frame));
  if (!slot) return false;
  for (const plane of [slot.y, slot.u, slot.v]) plane.fill(byteOf(frame));
  writer.commit();
  return true;
}

/** Reads all; throws when a picture is not of one piece. */
export function takeAll(reader: FrameRingReader): number[] {
  const frames: number[] = [];
  for (let slot = reader.tryPeek(); slot; slot = reader.tryPeek()) {
    const { frame, captureTsUs, rtp } = slot;
    const isWhole = [slot.y, slot.u, slot.v].every((plane) => plane.every((byte) => byte === byteOf(frame)));
    if (!isWhole || captureTsUs !== frame || rtp !== frame * 3_000) throw new Error(`frame ${frame} is torn`);
    frames.push(frame);
    reader.release();
  }
  return frames;
}

/** Frames 0 … n-1 are in the ring, of generation 1 at both ends, just before the int32 wrap. */
export function frameRing(n: number) {
  const memory = FrameRing.allocate({
    ...{ slots: 4, maxWidth: SIDE, maxHeight: SIDE, policy: 'live', initialSequence: 0x7fff_fffe },
  });
  const writer = new FrameRingWriter(memory, bell, 1);
  const reader = new FrameRingReader(memory, bell, 1);
  for (let frame = 0; frame < n; frame += 1) put(writer, frame);
  // Both have seen the other's end before anything happens to it.
  reader.tryPeek();
  return { memory, writer, reader, ring: new FrameRing(memory) };
}

export function expectConserved(ring: FrameRing): void {
  const c = ring.counts();
  expect(c.offered).toBe(c.committed + c.dropped + c.aborted + c.claimed);
  expect(c.committed).toBe(c.consumed + c.skipped + c.inRing);
  expect([0, 1]).toContain(c.claimed);
}

/** Operations, and how many frames lie in the ring before. */
export const WRITING = [
  ['commit a frame', 2],
  ['abort a frame', 2],
  ['drop a frame', 4],
] as const;
export const READING = ['release a frame', 'skip frames'] as const;

export const payloadOf = (type: number): Uint8Array => new Uint8Array(type === 0 ? 0 : 40 + (type % 17)).fill(type);

export function takeRecords(reader: RecordRingReader): number[] {
  const types: number[] = [];
  reader.drain((type, payload) => {
    expect(payload).toEqual(payloadOf(type));
    types.push(type);
  }, Number.POSITIVE_INFINITY);
  return types;
}

/**
 * Three records are in a ring of 256 bytes that begins 64 bytes before its end: so the first or second is preceded by
 * padding, just where the position wraps.
 */
export function recordRing(count: number, first = 2 ** 31 - 128) {
  const memory = RecordRing.allocate({ capacity: 256, initialPosition: first });
  const writer = new RecordRingWriter(memory, bell, 1);
  const reader = new RecordRingReader(memory, bell, 1);
  for (let type = 1; type <= count; type += 1) expect(writer.tryWrite(type, payloadOf(type))).toBe(true);
  expect(reader.hasUnread).toBe(count > 0);
  return { memory, writer, reader, ring: new RecordRing(memory) };
}
