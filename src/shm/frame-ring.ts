/**
 * Pictures from one decoder to the inference room through shared memory: single producer, single consumer, fixed slots.
 * "Full" and "empty" are values. The ring belongs to the supervisor and outlives both threads: whoever attaches repairs
 * what a predecessor killed between two stores left behind, so that conservation always holds:
 *
 *   offered = committed + dropped + aborted        committed = consumed + skipped + inRing
 *
 * Shape after Agrona's `tryClaim / commit / abort` (Real Logic, Apache-2.0) and the LMAX Disruptor's sequences.
 */
import type { Bell } from './bell.ts';
import {
  CELL,
  COUNTER,
  type FrameRingCounts,
  type FrameRingSpec,
  GENERATION,
  HEADER_BYTES,
  MAGIC,
  READ_SEQUENCE,
  STATE,
  slotBytesFor,
  WRITE_SEQUENCE,
  yuv420pBytes,
} from './frame-ring-layout.ts';
import { type FrameHeader, FrameSlot } from './frame-slot.ts';

export class FrameRing {
  protected readonly cells: Int32Array;
  protected readonly counters: BigInt64Array;
  protected readonly slots: readonly FrameSlot[];
  protected readonly mask: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly lossless: boolean;

  constructor(buffer: SharedArrayBuffer) {
    this.cells = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.counters = new BigInt64Array(buffer, 0, HEADER_BYTES / 8);
    if (this.cells[CELL.magic] !== MAGIC) throw new TypeError('this shared buffer holds no frame ring');
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
    if (spec.slots < 1 || (spec.slots & (spec.slots - 1)) !== 0) {
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
    cells[WRITE_SEQUENCE] = initial;
    cells[READ_SEQUENCE] = initial;
    cells[CELL.magic] = MAGIC;
    return buffer;
  }

  get closed(): boolean {
    return Atomics.load(this.cells, STATE) === 1;
  }
  get generation(): number {
    return Atomics.load(this.cells, GENERATION);
  }
  get inRing(): number {
    return (this.writeSequence - this.readSequence) | 0;
  }

  get hasUnread(): boolean {
    return this.inRing > 0;
  }

  /** No more frames will come; what is in the ring can still be read. */
  close(): void {
    Atomics.store(this.cells, STATE, 1);
  }

  counts(): FrameRingCounts {
    return {
      offered: this.count(COUNTER.offered),
      committed: this.count(COUNTER.committed),
      dropped: this.count(COUNTER.dropped),
      aborted: this.count(COUNTER.aborted),
      consumed: this.count(COUNTER.consumed),
      skipped: this.count(COUNTER.skipped),
      inRing: this.inRing,
    };
  }

  protected get writeSequence(): number {
    return Atomics.load(this.cells, WRITE_SEQUENCE);
  }
  protected get readSequence(): number {
    return Atomics.load(this.cells, READ_SEQUENCE);
  }
  protected count(index: number): number {
    return Number(Atomics.load(this.counters, index));
  }
  protected add(index: number, n: number): void {
    Atomics.add(this.counters, index, BigInt(n));
  }
  protected slotAt(sequence: number): FrameSlot {
    return this.slots[sequence & this.mask] as FrameSlot;
  }
  /** How far the int32 sequence is ahead of what the counters say (0 unless a thread was killed between two stores). */
  protected ahead(sequence: number, counted: number): number {
    const initial = this.cells[CELL.initial] as number;
    return (sequence - Number(BigInt.asIntN(32, BigInt(initial) + BigInt(counted)))) | 0;
  }
}

/** The producer's end. Used by one thread at a time: the decoder. */
export class FrameRingWriter extends FrameRing {
  private readonly readerBell: Bell;

  /** Attaching repairs the counters if a predecessor was killed half way. */
  constructor(buffer: SharedArrayBuffer, readerBell: Bell) {
    super(buffer);
    this.readerBell = readerBell;
    this.add(COUNTER.committed, this.ahead(this.writeSequence, this.count(COUNTER.committed)));
    const { offered, committed, dropped, aborted } = this.counts();
    this.add(COUNTER.aborted, offered - committed - dropped - aborted);
  }

  /**
   * A slot to write the picture into, or null when the ring is full. A full `live` ring counts the frame as dropped;
   * a `lossless` one counts nothing: the caller offers the same frame again.
   * @throws RangeError when the picture is larger than the ring was made for
   */
  tryClaim(header: FrameHeader): FrameSlot | null {
    if (yuv420pBytes(header.width, header.height) > yuv420pBytes(this.maxWidth, this.maxHeight)) {
      throw new RangeError(
        `a ${header.width}×${header.height} frame does not fit a ring for ${this.maxWidth}×${this.maxHeight}`,
      );
    }
    const full = this.inRing > this.mask;
    if (full && this.lossless) return null;
    this.add(COUNTER.offered, 1);
    if (full) {
      this.add(COUNTER.dropped, 1);
      return null;
    }
    const slot = this.slotAt(this.writeSequence);
    slot.writeHeader(header);
    return slot;
  }

  /** Hands the claimed slot to the consumer. */
  commit(): void {
    Atomics.store(this.cells, WRITE_SEQUENCE, (this.writeSequence + 1) | 0);
    this.add(COUNTER.committed, 1);
    this.readerBell.ring();
  }

  /** Gives the claimed slot back unused. */
  abort(): void {
    this.add(COUNTER.aborted, 1);
  }
}

/** The consumer's end. Used by one thread at a time: the inference room. */
export class FrameRingReader extends FrameRing {
  private readonly writerBell: Bell | undefined;

  constructor(buffer: SharedArrayBuffer, writerBell?: Bell) {
    super(buffer);
    this.writerBell = writerBell;
    const counted = this.count(COUNTER.consumed) + this.count(COUNTER.skipped);
    this.add(COUNTER.consumed, this.ahead(this.readSequence, counted));
  }

  /** The oldest unread frame, or null. Peeking twice gives the same frame: only `release` moves on. */
  tryPeek(): FrameSlot | null {
    return this.inRing > 0 ? this.slotAt(this.readSequence) : null;
  }

  release(): void {
    this.advance(1);
    this.add(COUNTER.consumed, 1);
  }

  /** Live rooms: leaves only the newest frame unread. Returns how many older ones were passed over. */
  skipToLatest(): number {
    const behind = this.inRing - 1;
    if (behind <= 0) return 0;
    this.advance(behind);
    this.add(COUNTER.skipped, behind);
    return behind;
  }

  private advance(n: number): void {
    Atomics.store(this.cells, READ_SEQUENCE, (this.readSequence + n) | 0);
    this.writerBell?.ring();
  }
}
