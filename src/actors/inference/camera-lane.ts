/**
 * One camera's way through the inference room: its frame ring in, its detection ring out, and the record that did not
 * fit yet. While a record is waiting, its frame stays unreleased and the camera is not asked for another.
 */
import { type DetectionsRecord, encodeRecord, RECORD } from '../../rpc/records.ts';
import type { FrameRingReader } from '../../shm/frame-ring.ts';
import type { FrameSlot } from '../../shm/frame-slot.ts';
import type { RecordRingWriter } from '../../shm/record-ring.ts';

export class CameraLane {
  readonly camera: string;
  private readonly frames: FrameRingReader;
  private readonly detections: RecordRingWriter;
  private pending: Uint8Array | null = null;

  constructor(camera: string, frames: FrameRingReader, detections: RecordRingWriter) {
    this.camera = camera;
    this.frames = frames;
    this.detections = detections;
  }

  /** A result waits for room in the detection ring. */
  get blocked(): boolean {
    return this.pending !== null;
  }

  /** Frames that this room could work on now. */
  get waiting(): number {
    return this.blocked ? 0 : this.frames.inRing;
  }

  /** When the oldest waiting frame was decoded, UTC µs; null without one. */
  get oldestUs(): number | null {
    return this.blocked ? null : (this.frames.tryPeek()?.decodedUs ?? null);
  }

  /** The frame to analyse: the newest of a live ring, the oldest of a lossless one. Stays until `deliver` or `drop`. */
  next(): { slot: FrameSlot; skipped: number } | null {
    const skipped = this.frames.lossless ? 0 : this.frames.skipToLatest();
    const slot = this.frames.tryPeek();
    return slot && { slot, skipped };
  }

  /** Keeps the result and tries to hand it on at once. */
  put(record: DetectionsRecord): boolean {
    this.pending = encodeRecord(record);
    return this.deliver();
  }

  /** Hands the waiting result on and releases its frame; false while there is no room (or nothing waits). */
  deliver(): boolean {
    if (!this.pending || !this.detections.tryWrite(RECORD.detections, this.pending)) return false;
    this.pending = null;
    this.frames.release();
    return true;
  }

  /** A frame that could not be analysed: a live camera goes on with the next, a lossless one keeps it. */
  drop(): void {
    if (!this.frames.lossless) this.frames.release();
  }
}
