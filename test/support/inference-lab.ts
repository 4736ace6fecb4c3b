/**
 * The inference room in a laboratory: real rings and the real actor, but time is a number. Cameras send frames at the times
 * they are asked to, also while the model is at work on one; the model takes as long as it is told to.
 */
import pino from 'pino';
import { expect } from 'vitest';
import { InferenceActor } from '../../src/actors/inference/actor.ts';
import type { FramePicture } from '../../src/actors/inference/ports.ts';
import type { InferenceSettings } from '../../src/actors/inference/settings.ts';
import type { Room } from '../../src/actors/runtime/room.ts';
import type { Detection } from '../../src/domain/types.ts';
import { type DetectionsRecord, decodeRecord } from '../../src/rpc/records.ts';
import { Bell } from '../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import { StatusBoard } from '../../src/shm/status-board.ts';

const WIDTH = 16;
const HEIGHT = 16;
const START_US = 1_000_000_000;

export interface LabCamera {
  readonly name: string;
  /** Seconds from now until its next frame, asked after each; Infinity: it sends no more. @param s since the start */
  readonly gapS: (s: number) => number;
  /** What the camera claims as capture time, s; absent: the truth. */
  readonly claims?: (s: number) => number;
  /** Its tracker takes nothing. */
  readonly isStuck?: boolean;
}

export interface LabOptions {
  readonly cameras: readonly LabCamera[];
  /** Milliseconds that the model takes for the next frame. @param s since the start */
  readonly modelMs: (s: number) => number;
  readonly slots?: number;
  /** The system clock is set by so much, once. */
  readonly clockSet?: { readonly atS: number; readonly byS: number };
  readonly gates?: InferenceSettings['gates'];
  readonly detect?: (picture: FramePicture) => readonly Detection[];
}

export interface Analysed extends DetectionsRecord {
  /** Between decoded and inferred. */
  readonly latencyMs: number;
  /** Since the start, when it was taken up. */
  readonly s: number;
}

/** Plays it for so many seconds; returns what was analysed of each camera, and the counters at the end. */
export async function playLab(options: LabOptions, seconds: number) {
  const { cameras, slots = 4 } = options;
  const bells = new SharedArrayBuffer(Bell.bytesFor(2));
  const [inferenceBell, otherBell] = [new Bell(bells, 0), new Bell(bells, 1)];
  const row = new StatusBoard(StatusBoard.allocate(1), ['inference']).row('inference');
  let nowUs = START_US;
  const seconds0 = () => (nowUs - START_US) / 1e6;
  const { atS, byS } = options.clockSet ?? { atS: Number.POSITIVE_INFINITY, byS: 0 };
  const clockUs = (us: number): number => Math.round(us - START_US >= atS * 1e6 ? us + byS * 1e6 : us);
  const lanes = cameras.map((camera) => {
    const frames = FrameRing.allocate({ slots, maxWidth: WIDTH, maxHeight: HEIGHT, policy: 'live' });
    const detections = RecordRing.allocate({ capacity: 2 ** 14 });
    return {
      camera,
      frames,
      detections,
      writer: new FrameRingWriter(frames, inferenceBell),
      reader: new RecordRingReader(detections),
      sent: 0,
      nextUs: START_US + camera.gapS(0) * 1e6,
      records: [] as Analysed[],
    };
  });
  type Lane = (typeof lanes)[number];
  const laneOf = (ring: string): Lane => lanes.find(({ camera }) => ring.endsWith(`:${camera.name}`)) as Lane;

  const send = (lane: Lane): void => {
    const s = (lane.nextUs - START_US) / 1e6;
    const captureTsUs = START_US + (lane.camera.claims?.(s) ?? s) * 1e6;
    const times = { captureTsUs, ptsUs: s * 1e6, receivedUs: clockUs(lane.nextUs), decodedUs: clockUs(lane.nextUs) };
    const identity = { frame: lane.sent, epoch: 1, rtp: lane.sent };
    const slot = lane.writer.tryClaim({ ...identity, ...times, width: WIDTH, height: HEIGHT, fullRange: false });
    lane.sent += 1;
    if (slot) lane.writer.commit();
    lane.nextUs += lane.camera.gapS(s) * 1e6;
  };
  /** Lets time pass; who has a frame to send meanwhile sends it. */
  const advance = (untilUs: number): void => {
    for (;;) {
      const next = lanes.reduce((a, b) => (b.nextUs < a.nextUs ? b : a));
      if (!(next.nextUs <= untilUs)) break;
      nowUs = Math.max(nowUs, next.nextUs);
      send(next);
    }
    nowUs = Math.max(nowUs, untilUs);
  };

  const names = cameras.map(({ name }) => name);
  const room: Room<InferenceSettings> = {
    name: 'inference',
    generation: 1,
    settings: {
      ...{ cameras: names, model: { path: 'in-memory' }, minScore: 0.25, nmsIou: 0.5, threads: 1 },
      ...(options.gates && { gates: options.gates }),
    },
    row,
    board: new StatusBoard(StatusBoard.allocate(1), ['inference']),
    bell: inferenceBell,
    log: pino({ level: 'silent' }),
    clock: { nowUs: () => clockUs(nowUs) },
    reads: names.map((name) => `frames:${name}`),
    writes: names.map((name) => `detections:${name}`),
    frameReader: (name) => new FrameRingReader(laneOf(name).frames, otherBell),
    recordWriter: (name) => new RecordRingWriter(laneOf(name).detections, otherBell),
    frameWriter: () => expect.unreachable(),
    recordReader: () => expect.unreachable(),
  };
  let takenS = 0;
  const actor = new InferenceActor(room, {
    openDetector: async () => ({
      detect: async (picture) => {
        takenS = seconds0();
        advance(nowUs + options.modelMs(takenS) * 1_000);
        return options.detect?.(picture) ?? [];
      },
      close: async () => {},
    }),
  });
  await actor.onStart();
  while (seconds0() < seconds) {
    const moved = await actor.doWork();
    for (const lane of lanes) {
      if (lane.camera.isStuck) continue;
      lane.reader.drain((_type, payload) => {
        const record = decodeRecord<DetectionsRecord>(payload);
        const { decoded, inferred = Number.NaN } = record.stages;
        lane.records.push({ ...record, latencyMs: (inferred - decoded) / 1_000, s: takenS });
      }, 100);
    }
    if (moved > 0) continue;
    const nextUs = Math.min(...lanes.map((lane) => lane.nextUs));
    if (!Number.isFinite(nextUs)) break;
    advance(Math.min(nextUs, START_US + seconds * 1e6));
  }
  await actor.onClose();
  return {
    row: row.snapshot(),
    cameras: Object.fromEntries(
      lanes.map(({ camera, frames, records, sent }) => [
        camera.name,
        { sent, records, counts: new FrameRing(frames).counts(), leftOut: new FrameRing(frames).leftOut },
      ]),
    ),
  };
}

/** A camera that sends so many frames a second, evenly. */
export function evenCamera(name: string, fps: number, more: Partial<LabCamera> = {}): LabCamera {
  return { name, gapS: () => 1 / fps, ...more };
}

/** Differences between neighbours. */
export function gaps(values: readonly number[]): number[] {
  return values.slice(1).map((value, i) => value - (values[i] as number));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

/** Standard deviation over mean. */
export function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) / mean;
}
