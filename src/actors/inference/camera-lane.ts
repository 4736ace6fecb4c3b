/**
 * One camera's way through the inference room: its frame ring in, its detection ring out, and the record that did not
 * fit yet. While a record is waiting, its frame stays unreleased and the camera is not asked for another. Decides which
 * frames of a live ring are analysed; a lossless one gives every frame, unless its gate rests.
 */
import type { Detection } from '../../domain/types.ts';
import { type DetectionsRecord, encodeRecord, RECORD, type Sampling } from '../../rpc/records.ts';
import type { FrameRingReader } from '../../shm/frame-ring.ts';
import type { FrameSlot } from '../../shm/frame-slot.ts';
import type { RecordRingWriter } from '../../shm/record-ring.ts';
import { ArrivalRate } from './arrival-rate.ts';
import { FrameSampler } from './frame-sampler.ts';
import { LookAhead } from './look-ahead.ts';
import { LOOK_EVERY_US, type MotionGate } from './motion-gate.ts';
import type { ObjectDetector } from './ports.ts';

/** Frames passed over: for a newer one, by even sampling, over an empty road. */
export interface PassedOver {
  readonly late: number;
  readonly sampled: number;
  readonly resting: number;
}

export class CameraLane {
  readonly camera: string;
  private readonly frames: FrameRingReader;
  private readonly detections: RecordRingWriter;
  private readonly gate: MotionGate | null;
  private readonly sampler: FrameSampler;
  private readonly arrivals = new ArrivalRate();
  /** What a gate says of a frame depends on what was found before it: then nothing is begun ahead. */
  private readonly ahead: LookAhead | null;
  private pending: Uint8Array | null = null;
  /** What is to become of the frames in the ring that were looked at, from the oldest on. */
  private judged: ('wanted' | keyof PassedOver)[] = [];
  private waitsSinceUs: number | null = null;

  /** @param phase of the even sampling, 0 … 1 */
  constructor(
    camera: string,
    frames: FrameRingReader,
    detections: RecordRingWriter,
    gate: MotionGate | null = null,
    phase = 0,
  ) {
    this.sampler = new FrameSampler(phase);
    this.camera = camera;
    this.frames = frames;
    this.detections = detections;
    this.gate = gate;
    this.ahead = frames.lossless && !gate ? new LookAhead(frames) : null;
  }

  /** A result waits for room in the detection ring. */
  get blocked(): boolean {
    return this.pending !== null;
  }

  /** Frames that this room could work on now. */
  get waiting(): number {
    return this.blocked ? 0 : this.frames.inRing;
  }

  /** When the oldest of the frames that wait to be analysed was decoded, UTC µs; null without one. */
  get oldestUs(): number | null {
    return this.blocked ? null : this.waitsSinceUs;
  }

  /** Frames a second that this camera would have analysed. */
  demand(nowUs: number): number {
    const rate = this.arrivals.perSecond(nowUs) ?? 0;
    return this.gate?.isResting ? Math.min(rate, 1e6 / LOOK_EVERY_US) : rate;
  }

  /** The share of its frames to be analysed, 0 … 1. */
  set share(share: number) {
    this.sampler.share = share;
  }

  /** What to say of frames that are left out on purpose; null while none are. */
  sampling(nowUs: number): Sampling | null {
    const rate = this.arrivals.perSecond(nowUs);
    if (rate === null) return null;
    if (this.gate?.isResting) {
      return { reason: 'empty_road', fps: tenths(Math.min(rate, 1e6 / LOOK_EVERY_US)), of: tenths(rate) };
    }
    const { share } = this.sampler;
    return share < 1 ? { reason: 'load', fps: tenths(rate * share), of: tenths(rate) } : null;
  }

  /** Looks at what has arrived, and passes over what is not to be analysed. */
  sift(): PassedOver {
    const passed = { late: 0, sampled: 0, resting: 0 };
    if (this.blocked) return passed;
    const newest = this.frames.lossless ? this.judgeOldest() : this.judgeNew();
    const over = newest < 0 ? this.judged.length : newest;
    for (const fate of this.judged.splice(0, over)) passed[fate === 'wanted' ? 'late' : fate] += 1;
    this.frames.skip(over, passed.sampled + passed.resting);
    return passed;
  }

  /** The frame to analyse: the newest that is wanted, the oldest of a lossless ring. Stays until `deliver` or `drop`. */
  next(): FrameSlot | null {
    return this.judged[0] === 'wanted' ? this.frames.tryPeek() : null;
  }

  /** What is on the frame of `next`. Without loss, the detector is given those behind it too, as many as it takes. */
  async detect(detector: ObjectDetector, slot: FrameSlot, onDrawn: () => void): Promise<readonly Detection[]> {
    return await (this.ahead?.oldest(detector) ?? detector.detect(slot, onDrawn));
  }

  /** Keeps the result and tries to hand it on at once. */
  put(record: DetectionsRecord): boolean {
    const slot = this.frames.tryPeek();
    if (slot) this.gate?.found(record.detections, slot, record.captureTsUs);
    this.pending = encodeRecord(record);
    return this.deliver();
  }

  /** Hands the waiting result on and releases its frame; false while there is no room (or nothing waits). */
  deliver(): boolean {
    if (!this.pending || !this.detections.tryWrite(RECORD.detections, this.pending)) return false;
    this.pending = null;
    this.release();
    return true;
  }

  /** A frame that could not be analysed: a live camera goes on with the next, a lossless one keeps it. */
  drop(): void {
    this.ahead?.forget();
    if (!this.frames.lossless) this.release();
  }

  private release(): void {
    this.frames.release();
    this.ahead?.release();
    this.judged.shift();
    this.waitsSinceUs = null;
  }

  /** Looks at all that has arrived since; returns the place of the newest that is wanted, −1 without one. */
  private judgeNew(): number {
    for (let slot = this.frames.tryPeek(this.judged.length); slot; slot = this.frames.tryPeek(this.judged.length)) {
      this.judged.push(this.judge(slot));
      if (this.judged.at(-1) === 'wanted') this.waitsSinceUs ??= slot.decodedUs;
    }
    return this.judged.lastIndexOf('wanted');
  }

  /** Without loss one after the other: only a gate that rests passes over any. */
  private judgeOldest(): number {
    const slot = this.judged.length === 0 ? this.frames.tryPeek() : null;
    if (slot) {
      const isResting = this.gate?.see(slot, slot.captureTsUs) === 'rest';
      this.judged.push(isResting ? 'resting' : 'wanted');
      this.waitsSinceUs = isResting ? null : slot.decodedUs;
    }
    return this.judged.indexOf('wanted');
  }

  private judge(slot: FrameSlot): 'wanted' | keyof PassedOver {
    this.arrivals.see(slot.frame, slot.decodedUs);
    const gate = this.gate?.see(slot, slot.captureTsUs) ?? 'open';
    const isItsTurn = this.sampler.takes(slot.frame);
    if (gate === 'rest') return 'resting';
    return isItsTurn || gate === 'look' ? 'wanted' : 'sampled';
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
