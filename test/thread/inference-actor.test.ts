/** The inference actor by hand: real rings, a detector in memory, one `doWork` at a time. */

import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { InferenceActor } from '../../src/actors/inference/actor.ts';
import type { FramePicture, NativeSection, ObjectDetector } from '../../src/actors/inference/ports.ts';
import { emitScore, type InferenceSettings } from '../../src/actors/inference/settings.ts';
import type { Room } from '../../src/actors/runtime/room.ts';
import type { Detection } from '../../src/domain/types.ts';
import { type DetectionsRecord, decodeRecord, RECORD } from '../../src/rpc/records.ts';
import { Bell } from '../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import type { RingPolicy } from '../../src/shm/frame-ring-layout.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import { StatusBoard } from '../../src/shm/status-board.ts';

const CAR: Detection = { bbox: [1, 2, 30, 20], score: 0.9, class: 'car' };
const WIDTH = 64;
const HEIGHT = 36;

interface Options {
  readonly cameras?: readonly string[];
  readonly policy?: RingPolicy;
  readonly ringBytes?: number;
  readonly detect?: (picture: FramePicture) => readonly Detection[];
}

function openInference(options: Options = {}) {
  const { cameras = ['front'], policy = 'live', ringBytes = 4096, detect = () => [CAR] } = options;
  const bells = new SharedArrayBuffer(Bell.bytesFor(2));
  const [inferenceBell, otherBell] = [new Bell(bells, 0), new Bell(bells, 1)];
  const board = new StatusBoard(StatusBoard.allocate(1), ['inference']);
  const row = board.row('inference');
  const rings = new Map(
    cameras.map((camera) => {
      const frames = FrameRing.allocate({ slots: 4, maxWidth: WIDTH, maxHeight: HEIGHT, policy });
      const detections = RecordRing.allocate({ capacity: ringBytes });
      return [camera, { frames, detections }];
    }),
  );
  const ring = (name: string) => {
    const found = rings.get(name.split(':')[1] ?? '');
    if (!found) throw new RangeError(`no ring ${name}`);
    return found;
  };
  let nowUs = 1_000_000;
  let closed = 0;
  const seen: { luma: number; inNative: number }[] = [];
  const room: Room<InferenceSettings> = {
    name: 'inference',
    generation: 1,
    settings: { cameras: [...cameras], model: { path: 'in-memory' }, minScore: 0.25, nmsIou: 0.5, threads: 1 },
    row,
    board,
    bell: inferenceBell,
    log: pino({ level: 'silent' }),
    clock: { nowUs: () => nowUs },
    reads: cameras.map((camera) => `frames:${camera}`),
    writes: cameras.map((camera) => `detections:${camera}`),
    frameReader: (name) => new FrameRingReader(ring(name).frames, otherBell),
    recordWriter: (name) => new RecordRingWriter(ring(name).detections, otherBell),
    frameWriter: () => expect.unreachable(),
    recordReader: () => expect.unreachable(),
  };
  const detectorOf = (native: NativeSection): ObjectDetector => ({
    async detect(picture, onDrawn) {
      nowUs += 1_000;
      onDrawn?.();
      native.enter();
      seen.push({ luma: picture.y[0] as number, inNative: row.get('inNative') });
      native.leave();
      nowUs += 14_000;
      return detect(picture);
    },
    async close() {
      closed += 1;
    },
  });
  const actor = new InferenceActor(room, { openDetector: async (native) => detectorOf(native) });
  const writers = new Map(cameras.map((name) => [name, new FrameRingWriter(ring(`f:${name}`).frames, inferenceBell)]));
  const readers = new Map(cameras.map((name) => [name, new RecordRingReader(ring(`d:${name}`).detections)]));
  const offer = (camera: string, frame: number, decodedUs: number): boolean => {
    const writer = writers.get(camera) as FrameRingWriter;
    const times = { captureTsUs: decodedUs - 500, ptsUs: frame * 33_000, receivedUs: decodedUs - 200, decodedUs };
    const header = { frame, epoch: 1, rtp: frame * 3000, width: WIDTH, height: HEIGHT, fullRange: false, ...times };
    const slot = writer.tryClaim(header);
    if (!slot) return false;
    slot.y.fill(frame);
    writer.commit();
    return true;
  };
  const take = (camera: string, limit = 100): DetectionsRecord[] => {
    const records: DetectionsRecord[] = [];
    readers.get(camera)?.drain((type, payload) => {
      expect(type).toBe(RECORD.detections);
      records.push(decodeRecord<DetectionsRecord>(payload));
    }, limit);
    return records;
  };
  const counts = (camera: string) => new FrameRing(ring(`f:${camera}`).frames).counts();
  return { actor, row, offer, take, counts, seen, closes: () => closed };
}

describe('the inference actor', () => {
  it('turns a frame into a record that keeps its identity and says when it left', async () => {
    const { actor, row, offer, take, seen } = openInference();
    await actor.onStart();
    offer('front', 7, 990_000);
    expect(await actor.doWork()).toBe(1);
    expect(take('front')).toEqual([
      {
        camera: 'front',
        frame: 7,
        epoch: 1,
        rtp: 21_000,
        captureTsUs: 989_500,
        width: WIDTH,
        height: HEIGHT,
        detections: [CAR],
        stages: { received: 989_800, decoded: 990_000, taken: 1_000_000, drawn: 1_001_000, inferred: 1_015_000 },
      },
    ]);
    expect(seen).toEqual([{ luma: 7, inNative: 1 }]);
    const { in: taken, out, skipped, waiting, latencyUs, inNative, lastInUs, lastOutUs, gauge0 } = row.snapshot();
    expect({ taken, out, skipped, waiting, latencyUs, inNative, lastInUs, lastOutUs, gauge0 }).toEqual({
      taken: 1,
      out: 1,
      skipped: 0,
      waiting: 0,
      latencyUs: 25_000,
      inNative: 0,
      lastInUs: 1_000_000,
      lastOutUs: 1_015_000,
      gauge0: 15_000,
    });
  });

  it('has nothing to do without a frame', async () => {
    const { actor } = openInference();
    await actor.onStart();
    expect(await actor.doWork()).toBe(0);
  });

  it('skips to the newest frame of a live ring and counts what it passed over', async () => {
    const { actor, row, offer, take, counts } = openInference();
    await actor.onStart();
    for (const frame of [1, 2, 3]) offer('front', frame, 900_000 + frame);
    await actor.doWork();
    expect(take('front').map(({ frame }) => frame)).toEqual([3]);
    expect(row.get('skipped')).toBe(2);
    expect(counts('front')).toMatchObject({ committed: 3, consumed: 1, skipped: 2, inRing: 0 });
  });

  it('analyses every frame of a lossless ring in order', async () => {
    const { actor, row, offer, take } = openInference({ policy: 'lossless' });
    await actor.onStart();
    for (const frame of [1, 2, 3]) offer('front', frame, 900_000 + frame);
    while ((await actor.doWork()) > 0);
    expect(take('front').map(({ frame }) => frame)).toEqual([1, 2, 3]);
    expect(row.get('skipped')).toBe(0);
  });

  it('serves the camera whose oldest frame waits longest', async () => {
    const { actor, offer, take } = openInference({ cameras: ['fast', 'slow'] });
    await actor.onStart();
    offer('fast', 1, 900_000);
    offer('slow', 1, 900_100);
    const served: string[] = [];
    for (let i = 2; i < 8; i += 1) {
      // The fast camera is never without a frame.
      await actor.doWork();
      for (const camera of ['fast', 'slow']) if (take(camera).length > 0) served.push(camera);
      offer('fast', i, 900_000 + i * 100);
      if (i === 5) offer('slow', 2, 900_000 + i * 100 + 50);
    }
    expect(served).toEqual(['fast', 'slow', 'fast', 'fast', 'fast', 'slow']);
  });

  it('keeps the frame while the detection ring is full and hands the same result on later', async () => {
    const { actor, row, offer, take, counts, seen } = openInference({ ringBytes: 512, policy: 'lossless' });
    await actor.onStart();
    for (const frame of [1, 2, 3]) offer('front', frame, 900_000 + frame);
    for (let i = 0; i < 6; i += 1) await actor.doWork();
    expect(await actor.doWork()).toBe(0);
    const delivered = row.get('out');
    expect(delivered).toBeLessThan(3);
    expect(counts('front').consumed).toBe(delivered);
    expect(seen).toHaveLength(delivered + 1);
    expect(row.get('waiting')).toBe(0);
    const frames: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      frames.push(...take('front').map(({ frame }) => frame));
      await actor.doWork();
    }
    expect(frames).toEqual([1, 2, 3]);
    expect(seen).toHaveLength(3);
    expect(counts('front')).toMatchObject({ committed: 3, consumed: 3, inRing: 0 });
  });

  it('goes on with other cameras while one tracker is behind', async () => {
    const { actor, offer, take } = openInference({ cameras: ['stuck', 'fine'], ringBytes: 1024 });
    await actor.onStart();
    for (let frame = 1; frame <= 5; frame += 1) {
      offer('stuck', frame, 900_000 + frame);
      offer('fine', frame, 900_001 + frame);
      await actor.doWork();
      await actor.doWork();
      expect(take('fine').map((record) => record.frame)).toEqual([frame]);
    }
  });

  it.each([
    ['live', 0],
    ['lossless', 1],
  ] as const)('a frame that breaks the detector stops the room; a %s ring keeps %i of it', async (policy, kept) => {
    const broken = (): never => {
      throw new Error('no');
    };
    const { actor, offer, counts } = openInference({ policy, detect: broken });
    await actor.onStart();
    offer('front', 1, 900_000);
    await expect(actor.doWork()).rejects.toThrow('no');
    expect(counts('front').inRing).toBe(kept);
  });

  it('closes the detector once', async () => {
    const { actor, closes } = openInference();
    await actor.onStart();
    await actor.onClose();
    await actor.onClose();
    expect(closes()).toBe(1);
  });
});

describe('the lowest score that leaves the room', () => {
  it.each([
    [0.25, 0.1],
    [0.1, 0.1],
    [0.05, 0.05],
  ])('is, for a minimum score of %d, %d', (minScore, expected) => {
    expect(emitScore({ minScore })).toBe(expected);
  });
});
