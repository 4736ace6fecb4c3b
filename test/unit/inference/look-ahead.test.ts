/** A lossless camera before a detector that works on several pictures at once: all begun ahead, all told in order. */
import { describe, expect, it } from 'vitest';
import { CameraLane } from '../../../src/actors/inference/camera-lane.ts';
import { MotionGate } from '../../../src/actors/inference/motion-gate.ts';
import type { FramePicture } from '../../../src/actors/inference/ports.ts';
import type { Detection } from '../../../src/domain/types.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import type { RingPolicy } from '../../../src/shm/frame-ring-layout.ts';
import type { FrameSlot } from '../../../src/shm/frame-slot.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';

const SIZE = { width: 4, height: 2 };

function open({ policy = 'lossless', gate = null }: { policy?: RingPolicy; gate?: MotionGate | null } = {}) {
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  const memory = FrameRing.allocate({ slots: 8, maxWidth: 4, maxHeight: 2, policy });
  const records = RecordRing.allocate({ capacity: 4096 });
  const writer = new FrameRingWriter(memory, bell);
  const lane = new CameraLane('c', new FrameRingReader(memory, bell), new RecordRingWriter(records, bell), gate);
  let frame = 0;
  const offer = (count: number): void => {
    for (let i = 0; i < count; i += 1, frame += 1) {
      const times = { captureTsUs: frame, ptsUs: frame, receivedUs: frame, decodedUs: frame };
      writer.tryClaim({ frame, epoch: 1, rtp: frame, fullRange: false, ...SIZE, ...times })?.y.fill(frame);
      writer.commit();
    }
  };
  return { lane, offer, reader: new RecordRingReader(records), counts: () => new FrameRing(memory).counts() };
}

/** Its answers wait until they are called for; each detection's score tells which picture it was. */
function patient(parallel: number) {
  const begun: number[] = [];
  const answers = new Map<number, { give(): void; refuse(): void }>();
  return {
    begun,
    answers,
    detector: {
      parallel,
      detect: ({ y }: FramePicture) => {
        const luma = y[0] as number;
        begun.push(luma);
        return new Promise<readonly Detection[]>((resolve, reject) => {
          answers.set(luma, {
            give: () => resolve([{ bbox: [0, 0, 1, 1], score: luma, class: 'car' }]),
            refuse: () => reject(new Error(`picture ${luma}`)),
          });
        });
      },
      close: async () => {},
    },
  };
}

async function step({ lane }: ReturnType<typeof open>, detector: ReturnType<typeof patient>['detector']) {
  lane.sift();
  const slot = lane.next();
  if (!slot) return null;
  const detections = await lane.detect(detector, slot, () => {});
  const { frame, epoch, rtp, captureTsUs, width, height } = slot;
  const stages = { received: 0, decoded: 0 };
  lane.put({ camera: 'c', frame, epoch, rtp, captureTsUs, width, height, detections, stages });
  return { frame, found: detections.map(({ score }) => score) };
}

describe('a camera that loses nothing', () => {
  it('gives the detector as many frames as it takes, and tells them in order however they are done', async () => {
    const house = open();
    const { begun, answers, detector } = patient(3);
    house.offer(5);
    const first = step(house, detector);
    expect(begun).toEqual([0, 1, 2]);
    for (const luma of [2, 1]) answers.get(luma)?.give();
    expect(house.counts().consumed).toBe(0);
    answers.get(0)?.give();
    expect(await first).toEqual({ frame: 0, found: [0] });
    expect(house.counts().consumed).toBe(1);
    const second = step(house, detector);
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(await second).toEqual({ frame: 1, found: [1] });
    for (const frame of [2, 3, 4]) {
      const next = step(house, detector);
      answers.get(frame)?.give();
      expect(await next).toEqual({ frame, found: [frame] });
    }
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(await step(house, detector)).toBeNull();
  });

  it('tells of a failure when its frame’s turn comes, and begins anew behind it', async () => {
    const house = open();
    const { begun, answers, detector } = patient(2);
    house.offer(2);
    const first = step(house, detector);
    answers.get(1)?.refuse();
    answers.get(0)?.give();
    await first;
    await expect(step(house, detector)).rejects.toThrow('picture 1');
    house.lane.drop();
    const again = step(house, detector);
    answers.get(1)?.give();
    expect(await again).toEqual({ frame: 1, found: [1] });
    expect(begun).toEqual([0, 1, 1]);
  });

  it('begins nothing ahead behind a gate, which has to know what was found before', async () => {
    const square = [
      [0, 0],
      [4, 0],
      [4, 2],
    ] as const;
    const line = [
      [0, 1],
      [4, 1],
    ] as const;
    const gate = new MotionGate({
      image: SIZE,
      stop_line: line,
      approach: line,
      stop_zone: square,
      vehicles: ['car'],
    });
    const house = open({ gate });
    const { begun, answers, detector } = patient(3);
    house.offer(3);
    const first = step(house, detector);
    expect(begun).toEqual([0]);
    answers.get(0)?.give();
    await first;
  });
});

describe('a live camera', () => {
  it('begins the newest frame only, whatever the detector takes', async () => {
    const { lane, offer } = open({ policy: 'live' });
    const { begun, detector } = patient(3);
    offer(3);
    lane.sift();
    const newest = lane.next();
    expect(newest?.frame).toBe(2);
    // Those that come meanwhile are judged when it is done.
    offer(2);
    void lane.detect(detector, newest as FrameSlot, () => {});
    expect(begun).toEqual([2]);
  });
});
