/**
 * Pictures from one decoder to the inference room through shared memory: single producer, single consumer, fixed slots.
 * "Full" and "empty" are values. A thread may die between any two stores: whoever attaches after it books what is missing.
 * The order of the stores is chosen such that what is missing tells what had happened.
 *
 * Shape after Agrona's `tryClaim / commit / abort` (Real Logic, Apache-2.0) and the LMAX Disruptor's sequences.
 */
import type { Bell } from './bell.ts';
import { countFrames, repairReader, repairWriter } from './frame-ring-accounts.ts';
import {
  CELL,
  type FrameRingCounts,
  type FrameRingSpec,
  HEADER_BYTES,
  MAGIC,
  READER_COUNT,
  slotBytesFor,
  WRITER_COUNT,
  yuv420pBytes,
} from './frame-ring-layout.ts';
import { type FrameHeader, FrameSlot } from './frame-slot.ts';
import { Ring } from './ring.ts';
import type { RingLane } from './ring-lane.ts';
import { CLOSED, FIRST_LANE } from './ring-layout.ts';

export class FrameRing extends Ring {
  protected readonly slots: readonly FrameSlot[];
  protected readonly mask: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly lossless: boolean;

  constructor(buffer: SharedArrayBuffer) {
    super(buffer, MAGIC, 'frame');
    const count = this.cells[CELL.slots] as number;
    const slotBytes = this.cells[CELL.slotBytes] as number;
    this.mask = count - 1;
    this.maxWidth = this.cells[CELL.maxWidth] as number;
    this.maxHeight = this.cells[CELL.maxHeight] as number;
    this.lossless = this.cells[CELL.policy] === 1;
    this.slots = Array.from(
      { length: count },
      (_, i) => new FrameSlot(buffer, HEADER_BYTES + i * slotBytes, slotBytes),
    );
  }

  static bytesFor(spec: FrameRingSpec): number {
    return HEADER_BYTES + spec.slots * slotBytesFor(spec);
  }

  /** Allocates and formats the memory; throws a RangeError when `slots` is not a power of two. */
  static allocate(spec: FrameRingSpec): SharedArrayBuffer {
    if (!Number.isInteger(spec.slots) || spec.slots < 1 || (spec.slots & (spec.slots - 1)) !== 0) {
      throw new RangeError(`a frame ring needs a power of two of slots, not ${spec.slots}`);
    }
    const buffer = new SharedArrayBuffer(FrameRing.bytesFor(spec));
    const cells = new Int32Array(buffer);
    const initial = spec.initialSequence ?? 0;
    cells[CELL.slots] = spec.slots;
    cells[CELL.slotBytes] = slotBytesFor(spec);
    cells[CELL.maxWidth] = spec.maxWidth;
    cells[CELL.maxHeight] = spec.maxHeight;
    cells[CELL.policy] = spec.policy === 'lossless' ? 1 : 0;
    cells[CELL.initial] = initial;
    cells[FIRST_LANE.writer] = initial;
    cells[FIRST_LANE.reader] = initial;
    cells[CELL.magic] = MAGIC;
    return buffer;
  }

  get inRing(): number {
    return this.distance;
  }

  /** Of the skipped ones those that were left out on purpose: nobody misses them. */
  get leftOut(): number {
    return this.ends.reader.lane().count(READER_COUNT.leftOut);
  }

  /** Exact at any time, also while both threads work and after one was killed: nothing is booked here, only read. */
  counts(): FrameRingCounts {
    return countFrames(this.ends, this.initial);
  }

  protected slotAt(sequence: number): FrameSlot {
    return this.slots[sequence & this.mask] as FrameSlot;
  }

  protected get initial(): number {
    return this.cells[CELL.initial] as number;
  }
}

/** The producer's end. Used by one thread at a time: the decoder. */
export class FrameRingWriter extends FrameRing {
  private readonly readerBell: Bell;
  private readonly generation: number;
  private readonly lane: RingLane;
  private hasClaim = false;

  /**
   * Attaching books what a predecessor that was killed half way left open: a frame that was claimed is aborted.
   * @param generation of the thread; without it the present one is joined
   */
  constructor(buffer: SharedArrayBuffer, readerBell: Bell, generation?: number) {
    super(buffer);
    this.readerBell = readerBell;
    this.generation = this.enter('writer', generation);
    this.lane = this.ends.writer.lane(this.generation);
    if (!this.isSuperseded) repairWriter(this.lane, this.initial);
  }

  /** A successor has this end: nothing that this view does is seen any more. */
  get isSuperseded(): boolean {
    return !this.ends.writer.isHeldBy(this.generation);
  }

  /**
   * A slot to write the picture into, or null when the ring is full or closed. `live` then counts the frame as dropped;
   * `lossless` counts nothing: the caller offers the same frame again. A claim that was left open is aborted.
   * @throws RangeError when the picture is larger than the ring was made for
   */
  tryClaim(header: FrameHeader): FrameSlot | null {
    if (yuv420pBytes(header.width, header.height) > yuv420pBytes(this.maxWidth, this.maxHeight)) {
      throw new RangeError(
        `a ${header.width}×${header.height} frame does not fit a ring for ${this.maxWidth}×${this.maxHeight}`,
      );
    }
    if (this.isSuperseded) return null;
    if (this.hasClaim) this.abort();
    const sequence = this.lane.position;
    const isFull = ((sequence - this.ends.reader.position) | 0) > this.mask || this.closed;
    if (isFull && this.lossless) return null;
    if (isFull) {
      // Before it counts as offered: one that is more than was offered can only be this.
      this.lane.add(WRITER_COUNT.dropped, 1);
      this.lane.add(WRITER_COUNT.offered, 1);
      return null;
    }
    this.lane.add(WRITER_COUNT.offered, 1);
    this.hasClaim = true;
    const slot = this.slotAt(sequence);
    slot.writeHeader(header);
    return slot;
  }

  /**
   * Hands the claimed slot to the consumer.
   * @throws Error without a claim: the slot would hold an old picture
   */
  commit(): void {
    this.endClaim('commit');
    this.lane.position = (this.lane.position + 1) | 0;
    this.lane.add(WRITER_COUNT.committed, 1);
    this.readerBell.ring();
  }

  /** Gives the claimed slot back unused. */
  abort(): void {
    this.endClaim('abort');
    this.lane.add(WRITER_COUNT.aborted, 1);
  }

  override close(): void {
    if (this.hasClaim) this.abort();
    if (!this.isSuperseded) this.lane.setCell(CLOSED, 1);
  }

  private endClaim(what: string): void {
    if (!this.hasClaim) throw new Error(`${what} without a claim`);
    this.hasClaim = false;
  }
}

/** The consumer's end. Used by one thread at a time: the inference room. */
export class FrameRingReader extends FrameRing {
  private readonly writerBell: Bell | undefined;
  private readonly generation: number;
  private readonly lane: RingLane;

  /**
   * Attaching books what a predecessor that was killed half way left open. A frame it had peeked is there still.
   * @param generation of the thread; without it the present one is joined
   */
  constructor(buffer: SharedArrayBuffer, writerBell?: Bell, generation?: number) {
    super(buffer);
    this.writerBell = writerBell;
    this.generation = this.enter('reader', generation);
    this.lane = this.ends.reader.lane(this.generation);
    if (!this.isSuperseded) repairReader(this.lane, this.initial);
  }

  /** A successor has this end: nothing that this view does is seen any more. */
  get isSuperseded(): boolean {
    return !this.ends.reader.isHeldBy(this.generation);
  }

  /**
   * The oldest unread frame, or null. Peeking twice gives the same frame: only `release` and `skip` move on.
   * @param ahead the frame so many places behind the oldest
   */
  tryPeek(ahead = 0): FrameSlot | null {
    return this.unread > ahead && !this.isSuperseded ? this.slotAt((this.lane.position + ahead) | 0) : null;
  }

  /**
   * The frame that was peeked may be overwritten from here on.
   * @throws Error when there is none
   */
  release(): void {
    if (this.unread <= 0) throw new Error('release without a frame');
    this.advance(1);
    this.lane.add(READER_COUNT.consumed, 1);
    this.writerBell?.ring();
  }

  /** Live rooms: leaves only the newest frame unread. Returns how many older ones were passed over. */
  skipToLatest(): number {
    return this.skip(this.unread - 1);
  }

  /**
   * Passes over the `count` oldest frames, or as many as there are, without their having been used. Returns how many.
   * @param leftOut of them on purpose, where not every frame is wanted; a thread that dies here may leave them untold
   */
  skip(count: number, leftOut = 0): number {
    const passed = Math.min(count, this.unread);
    if (passed <= 0 || this.isSuperseded) return 0;
    // Before it moves: a count ahead of the position can only be this.
    this.lane.add(READER_COUNT.skipped, passed);
    this.advance(passed);
    if (leftOut > 0) this.lane.add(READER_COUNT.leftOut, Math.min(leftOut, passed));
    this.writerBell?.ring();
    return passed;
  }

  private get unread(): number {
    return (this.ends.writer.position - this.lane.position) | 0;
  }

  private advance(n: number): void {
    this.lane.position = (this.lane.position + n) | 0;
  }
}
