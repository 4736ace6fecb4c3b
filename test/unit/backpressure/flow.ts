/**
 * One camera's way through the house in the test's own time: a camera of 30 pictures a second, the real rooms of inference
 * and tracker on real rings, a detector that takes as long as the test says. Whoever is not asked to work is stuck.
 */
import pino from 'pino';
import { InferenceActor } from '../../../src/actors/inference/actor.ts';
import { inferenceSpec } from '../../../src/actors/inference/spec.ts';
import { type ChildSpec, DEFAULT_TIMES } from '../../../src/actors/runtime/child-spec.ts';
import { createRoom } from '../../../src/actors/runtime/create-room.ts';
import { House } from '../../../src/actors/runtime/house.ts';
import type { RingPlan } from '../../../src/actors/runtime/plan.ts';
import { TrackerActor } from '../../../src/actors/tracker/actor.ts';
import type { TrackerSettings } from '../../../src/actors/tracker/settings.ts';
import type { Detection, Site } from '../../../src/domain/types.ts';
import { type DetectionsRecord, decodeRecord, type Fact } from '../../../src/rpc/records.ts';
import { FrameRing } from '../../../src/shm/frame-ring.ts';
import type { RingPolicy } from '../../../src/shm/frame-ring-layout.ts';
import { RecordRing } from '../../../src/shm/record-ring.ts';

export const FRAME_MS = 1_000 / 30;
const SIZE = { width: 64, height: 36 };
const CAR: Detection = { bbox: [10, 2, 30, 20], score: 0.9, class: 'car' };

const site: Site = {
  name: 'test',
  units: 'km/h',
  timezone: 'UTC',
  image: SIZE,
  stop_line: [
    [30, 30],
    [40, 30],
  ],
  approach: [
    [35, 5],
    [35, 30],
  ],
  stop_zone: [
    [30, 15],
    [40, 15],
    [40, 30],
    [30, 30],
  ],
  policy: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 },
  vehicles: ['car'],
};
const tracker: TrackerSettings = { camera: 'c', site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };

export interface FlowOptions {
  readonly policy?: RingPolicy;
  readonly detectMs: number;
  readonly detectionBytes?: number;
  readonly liveBytes?: number;
  readonly factBytes?: number;
}

/** A frame as it came out of the inference room. */
export interface Seen {
  readonly frame: number;
  readonly latencyMs: number;
}

export class Flow {
  detectMs: number;
  readonly seen: Seen[] = [];
  readonly frames: FrameRing;
  readonly inference: InferenceActor;
  readonly tracker: TrackerActor;
  private nowMs = 1_000_000;
  private frame = 0;
  private nextMs = this.nowMs;
  private readonly house: House;
  private readonly children: readonly ChildSpec[];

  constructor({ policy = 'live', detectMs, detectionBytes = 2 ** 16, liveBytes = 2 ** 20, factBytes }: FlowOptions) {
    this.detectMs = detectMs;
    const end = (name: string, reads: string[], writes: string[]): ChildSpec => {
      return { ...DEFAULT_TIMES, name, entry: '', reads, writes, settings: {} };
    };
    const records = (name: string, capacity: number): RingPlan => ({ name, kind: 'records', spec: { capacity } });
    this.children = [
      end('camera', [], ['frames:c']),
      inferenceSpec({ cameras: ['c'], model: { path: '' }, minScore: 0.25, nmsIou: 0.5, threads: 1 }),
      end('tracker:c', ['detections:c'], ['tracks:c', 'facts:c']),
      end('gateway', ['tracks:c'], []),
      end('persister', ['facts:c'], []),
    ];
    this.house = new House({
      rings: [
        { name: 'frames:c', kind: 'frames', spec: { slots: 4, maxWidth: 64, maxHeight: 36, policy } },
        records('detections:c', detectionBytes),
        records('tracks:c', liveBytes),
        records('facts:c', factBytes ?? 2 ** 20),
      ],
      children: this.children,
    });
    this.frames = new FrameRing(this.memory('frames:c'));
    this.inference = new InferenceActor(this.room('inference'), {
      openDetector: async () => ({ detect: () => this.detect(), close: async () => {} }),
    });
    const room = this.room('tracker:c');
    this.tracker = new TrackerActor(tracker, {
      name: room.name,
      detections: room.recordReader('detections:c'),
      live: room.recordWriter('tracks:c'),
      facts: room.recordWriter('facts:c'),
      row: room.row,
      clock: room.clock,
    });
    const writer = this.room('camera').frameWriter('frames:c');
    const times = (atMs: number) => ({
      captureTsUs: atMs * 1e3,
      ptsUs: 0,
      receivedUs: atMs * 1e3,
      decodedUs: atMs * 1e3,
    });
    this.offer = (atMs) => {
      const header = { frame: this.frame, epoch: 1, rtp: this.frame * 3_000, ...SIZE, fullRange: false };
      const slot = writer.tryClaim({ ...header, ...times(atMs) });
      if (slot) writer.commit();
      return slot !== null;
    };
  }

  /** Another room of the house, as its own thread would have it. */
  room(name: string) {
    const spec = this.children.find((child) => child.name === name) as ChildSpec;
    const data = { ...this.house.roomData(spec, 1), control: null, supervisor: null };
    return createRoom<never>(data, pino({ level: 'silent' }), { nowUs: () => this.nowMs * 1_000 });
  }

  counts(ring: string) {
    return new RecordRing(this.memory(ring)).counts();
  }

  /** Lets `ms` pass, with these at work whenever there is something to do. */
  async run(ms: number, working: readonly (() => number | Promise<number>)[]): Promise<void> {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      let moved = 0;
      for (const work of working) moved += await work();
      if (moved === 0) this.pass(Math.min(FRAME_MS / 4, endMs - this.nowMs));
    }
  }

  /** Reads what a room that is no part of the test would have read. */
  take<T = Fact>(ring: string, reader = this.room(ring.startsWith('facts') ? 'persister' : 'gateway')): T[] {
    const all: T[] = [];
    reader.recordReader(ring).drain((_type, payload) => all.push(decodeRecord<T>(payload)), Number.POSITIVE_INFINITY);
    return all;
  }

  /** The camera sends while time passes. A lossless source offers the same picture until it is taken. */
  private pass(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nextMs <= endMs) {
      if (!this.offer(this.nextMs) && this.frames.lossless) break;
      this.frame += 1;
      this.nextMs += FRAME_MS;
    }
    this.nowMs = endMs;
  }

  private readonly offer: (atMs: number) => boolean;

  private async detect(): Promise<readonly Detection[]> {
    this.pass(this.detectMs);
    return [CAR];
  }

  private memory(name: string): SharedArrayBuffer {
    return (this.house.rings.find((ring) => ring.name === name) as { memory: SharedArrayBuffer }).memory;
  }
}

/** What the tracker stored of each frame. */
export function seenIn(facts: readonly Fact[]): Seen[] {
  const records = facts.flatMap((fact): DetectionsRecord[] => (fact.kind === 'frame' ? [fact.record] : []));
  return records.map(({ frame, stages }) => ({
    frame,
    latencyMs: ((stages.inferred as number) - stages.decoded) / 1_000,
  }));
}
