/**
 * Variable-length records between two threads: single producer, single consumer, one byte buffer.
 *
 *   byte   0  static: magic, capacity, initialPosition (int32)
 *   byte 128  writePosition (int32, wrapping byte count)     producer only
 *   byte 256  readPosition (int32, wrapping byte count)      consumer only
 *   byte 384  written, rejected (int64)                      producer only
 *   byte 512  read (int64)                                   consumer only
 *   byte 640  state (int32: 0 open, 1 closed)
 *   byte 768  data
 *
 * A record: length (uint32, payload bytes), type (uint32), payload, padded to 8. One that does not fit before the end
 * is preceded by a padding record, so that a payload is always one contiguous window.
 */
import type { Bell } from './bell.ts';

const MAGIC = 0x53_52_52_31;
const HEADER_BYTES = 768;
const RECORD_HEADER_BYTES = 8;
const PADDING_TYPE = 0xffff_ffff;
const CELL = { magic: 0, capacity: 1, initial: 2, write: 32, read: 64, state: 160 } as const;
const COUNTER = { written: 48, rejected: 49, read: 64 } as const;

export interface RecordRingSpec {
  /** Data bytes, a power of two up to 2^29. The largest record is capacity / 2 - 8 bytes. */
  capacity: number;
  /** First position, a multiple of 8; only tests start elsewhere than at 0. */
  initialPosition?: number;
}

export interface RecordRingCounts {
  written: number;
  rejected: number;
  read: number;
  bytesInRing: number;
}

export type RecordHandler = (type: number, payload: Uint8Array) => void;

const padded = (length: number): number => (RECORD_HEADER_BYTES + length + 7) & ~7;

export class RecordRing {
  protected readonly cells: Int32Array;
  protected readonly counters: BigInt64Array;
  protected readonly bytes: Uint8Array;
  protected readonly words: Uint32Array;
  readonly capacity: number;

  constructor(buffer: SharedArrayBuffer) {
    this.cells = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.counters = new BigInt64Array(buffer, 0, HEADER_BYTES / 8);
    if (this.cells[CELL.magic] !== MAGIC) throw new TypeError('this shared buffer holds no record ring');
    this.capacity = this.cells[CELL.capacity] as number;
    this.bytes = new Uint8Array(buffer, HEADER_BYTES, this.capacity);
    this.words = new Uint32Array(buffer, HEADER_BYTES, this.capacity / 4);
  }

  static bytesFor(spec: RecordRingSpec): number {
    return HEADER_BYTES + spec.capacity;
  }

  static allocate(spec: RecordRingSpec): SharedArrayBuffer {
    const { capacity, initialPosition = 0 } = spec;
    if (capacity < 64 || capacity > 2 ** 29 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`a record ring needs a power of two between 64 and 2^29 bytes, not ${capacity}`);
    }
    const buffer = new SharedArrayBuffer(RecordRing.bytesFor(spec));
    const cells = new Int32Array(buffer);
    cells[CELL.capacity] = capacity;
    cells[CELL.initial] = initialPosition;
    cells[CELL.write] = initialPosition;
    cells[CELL.read] = initialPosition;
    cells[CELL.magic] = MAGIC;
    return buffer;
  }

  get closed(): boolean {
    return Atomics.load(this.cells, CELL.state) === 1;
  }
  get bytesInRing(): number {
    return (this.writePosition - this.readPosition) | 0;
  }
  get hasUnread(): boolean {
    return this.bytesInRing > 0;
  }
  get maxRecordBytes(): number {
    return this.capacity / 2 - RECORD_HEADER_BYTES;
  }
  close(): void {
    Atomics.store(this.cells, CELL.state, 1);
  }

  counts(): RecordRingCounts {
    return {
      written: Number(Atomics.load(this.counters, COUNTER.written)),
      rejected: Number(Atomics.load(this.counters, COUNTER.rejected)),
      read: Number(Atomics.load(this.counters, COUNTER.read)),
      bytesInRing: this.bytesInRing,
    };
  }

  protected get writePosition(): number {
    return Atomics.load(this.cells, CELL.write);
  }
  protected get readPosition(): number {
    return Atomics.load(this.cells, CELL.read);
  }
  protected offsetOf(position: number): number {
    return position & (this.capacity - 1);
  }
}

export class RecordRingWriter extends RecordRing {
  private readonly readerBell: Bell;

  constructor(buffer: SharedArrayBuffer, readerBell: Bell) {
    super(buffer);
    this.readerBell = readerBell;
  }

  /**
   * Copies one record in; false (and counted) when there is no room for it now.
   * @throws RangeError when it could never fit
   */
  tryWrite(type: number, payload: Uint8Array): boolean {
    if (payload.length > this.maxRecordBytes) {
      throw new RangeError(
        `a record of ${payload.length} bytes does not fit a ring whose largest is ${this.maxRecordBytes}`,
      );
    }
    const size = padded(payload.length);
    const position = this.writePosition;
    const offset = this.offsetOf(position);
    const tail = this.capacity - offset;
    const padding = size > tail ? tail : 0;
    if (this.bytesInRing + padding + size > this.capacity) {
      Atomics.add(this.counters, COUNTER.rejected, 1n);
      return false;
    }
    if (padding > 0) this.writeHeader(offset, padding - RECORD_HEADER_BYTES, PADDING_TYPE);
    const at = padding > 0 ? 0 : offset;
    this.writeHeader(at, payload.length, type);
    this.bytes.set(payload, at + RECORD_HEADER_BYTES);
    Atomics.store(this.cells, CELL.write, (position + padding + size) | 0);
    Atomics.add(this.counters, COUNTER.written, 1n);
    this.readerBell.ring();
    return true;
  }

  private writeHeader(offset: number, length: number, type: number): void {
    this.words[offset / 4] = length;
    this.words[offset / 4 + 1] = type;
  }
}

export class RecordRingReader extends RecordRing {
  private readonly writerBell: Bell | undefined;

  constructor(buffer: SharedArrayBuffer, writerBell?: Bell) {
    super(buffer);
    this.writerBell = writerBell;
  }

  /**
   * Hands up to `limit` records to `handler`, oldest first. A record counts as read once its handler returned; the
   * payload is a window onto the ring, to be copied by who wants to keep it. Returns how many were read.
   */
  drain(handler: RecordHandler, limit: number): number {
    let read = 0;
    while (read < limit && this.bytesInRing > 0) {
      const offset = this.offsetOf(this.readPosition);
      const length = this.words[offset / 4] as number;
      const type = this.words[offset / 4 + 1] as number;
      if (type !== PADDING_TYPE) {
        const start = offset + RECORD_HEADER_BYTES;
        handler(type, this.bytes.subarray(start, start + length));
        Atomics.add(this.counters, COUNTER.read, 1n);
        read += 1;
      }
      Atomics.store(this.cells, CELL.read, (this.readPosition + padded(length)) | 0);
    }
    if (read > 0) this.writerBell?.ring();
    return read;
  }
}
