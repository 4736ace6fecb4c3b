/**
 * Variable-length records between two threads: single producer, single consumer, one byte buffer. Used for detections,
 * tracks and facts. A thread may die between any two stores: a record is there with its count, or not at all.
 */
import type { Bell } from './bell.ts';
import {
  CELL,
  HEADER_BYTES,
  MAGIC,
  PADDING_TYPE,
  RECORD_HEADER_BYTES,
  type RecordRingCounts,
  type RecordRingSpec,
  recordBytes,
  TALLIES,
  WRITER_COUNT,
} from './record-ring-layout.ts';
import { moveOn, tallyAt } from './record-tally.ts';
import { Ring } from './ring.ts';
import type { RingLane } from './ring-lane.ts';
import { CLOSED, type EndName, FIRST_LANE } from './ring-layout.ts';

export type { RecordRingCounts, RecordRingSpec } from './record-ring-layout.ts';

export type RecordHandler = (type: number, payload: Uint8Array) => void;

/** An end that moves on while it is looked at is looked at again. */
const LOOKS = 1_000;

export class RecordRing extends Ring {
  protected readonly bytes: Uint8Array;
  protected readonly words: Uint32Array;
  readonly capacity: number;

  constructor(buffer: SharedArrayBuffer) {
    super(buffer, MAGIC, 'record');
    this.capacity = this.cells[CELL.capacity] as number;
    this.bytes = new Uint8Array(buffer, HEADER_BYTES, this.capacity);
    this.words = new Uint32Array(buffer, HEADER_BYTES, this.capacity / 4);
  }

  static bytesFor(spec: RecordRingSpec): number {
    return HEADER_BYTES + spec.capacity;
  }

  /** Allocates and formats the memory; throws a RangeError when capacity or first position are not possible. */
  static allocate(spec: RecordRingSpec): SharedArrayBuffer {
    const { capacity, initialPosition = 0 } = spec;
    if (!Number.isInteger(capacity) || capacity < 64 || capacity > 2 ** 29 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`a record ring needs a power of two between 64 and 2^29 bytes, not ${capacity}`);
    }
    if (initialPosition % 8 !== 0) throw new RangeError(`records begin at multiples of 8, not at ${initialPosition}`);
    const buffer = new SharedArrayBuffer(RecordRing.bytesFor(spec));
    const cells = new Int32Array(buffer);
    cells[CELL.capacity] = capacity;
    cells[CELL.initial] = initialPosition;
    for (const lane of Object.values(FIRST_LANE)) {
      cells[lane] = initialPosition;
      for (const tally of TALLIES) cells[lane + tally] = initialPosition;
    }
    cells[CELL.magic] = MAGIC;
    return buffer;
  }

  get bytesInRing(): number {
    return this.distance;
  }
  get maxRecordBytes(): number {
    return this.capacity / 2 - RECORD_HEADER_BYTES;
  }

  /** Exact at any time, also while both threads work and after one was killed; a moment that really was. */
  counts(): RecordRingCounts {
    let read = this.tallyOf('reader');
    let written = this.tallyOf('writer');
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const again = this.tallyOf('reader');
      if (again.position === read.position) break;
      read = again;
      written = this.tallyOf('writer');
    }
    return {
      written: written.records,
      rejected: this.ends.writer.lane().count(WRITER_COUNT.rejected),
      read: read.records,
      inRing: written.records - read.records,
      bytesInRing: (written.position - read.position) | 0,
    };
  }

  protected offsetOf(position: number): number {
    return position & (this.capacity - 1);
  }

  /** The record at `position`; returns how many bytes of the ring it takes, with the padding before it. */
  protected show(position: number, handler: RecordHandler): number {
    const { words } = this;
    let offset = this.offsetOf(position);
    let padding = 0;
    if (words[offset / 4 + 1] === PADDING_TYPE) {
      padding = this.capacity - offset;
      offset = 0;
    }
    const length = words[offset / 4] as number;
    const start = offset + RECORD_HEADER_BYTES;
    handler(words[offset / 4 + 1] as number, this.bytes.subarray(start, start + length));
    return padding + recordBytes(length);
  }

  private tallyOf(name: EndName): { position: number; records: number } {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const lane = this.ends[name].lane();
      const { position } = lane;
      const records = tallyAt(lane, position);
      if (records !== null && lane.position === position) return { position, records };
    }
    throw new Error(`the ${name} of a record ring moved on ${LOOKS} times while it was looked at`);
  }
}

export class RecordRingWriter extends RecordRing {
  private readonly readerBell: Bell;
  private readonly generation: number;
  private readonly lane: RingLane;
  /** Where the reader was last seen: it is looked at again only when that is not far enough. */
  private freed: number;

  /** @param generation of the thread; without it the present one is joined */
  constructor(buffer: SharedArrayBuffer, readerBell: Bell, generation?: number) {
    super(buffer);
    this.readerBell = readerBell;
    this.generation = this.enter('writer', generation);
    this.lane = this.ends.writer.lane(this.generation);
    this.freed = this.ends.reader.position;
  }

  /** A successor has this end: nothing that this view does is seen any more. */
  get isSuperseded(): boolean {
    return !this.ends.writer.isHeldBy(this.generation);
  }

  /**
   * Copies one record in; false (and counted as rejected) when there is no room for it now, or the ring is closed.
   * @param type uint32 below 2^32 - 1
   * @throws RangeError when it could never fit, or has no possible type
   */
  tryWrite(type: number, payload: Uint8Array): boolean {
    if (payload.length > this.maxRecordBytes) {
      throw new RangeError(
        `a record of ${payload.length} bytes does not fit a ring whose largest is ${this.maxRecordBytes}`,
      );
    }
    if (type >>> 0 !== type || type === PADDING_TYPE) throw new RangeError(`a record cannot have the type ${type}`);
    if (this.isSuperseded) return false;
    const { lane } = this;
    const { position } = lane;
    const size = recordBytes(payload.length);
    const offset = this.offsetOf(position);
    const tail = this.capacity - offset;
    const padding = size > tail ? tail : 0;
    if (!this.hasRoom(position, padding + size) || lane.cell(CLOSED) === 1) {
      lane.add(WRITER_COUNT.rejected, 1);
      return false;
    }
    if (padding > 0) this.writeHeader(offset, padding - RECORD_HEADER_BYTES, PADDING_TYPE);
    const at = padding > 0 ? 0 : offset;
    this.writeHeader(at, payload.length, type);
    this.bytes.set(payload, at + RECORD_HEADER_BYTES);
    moveOn(lane, position, (position + padding + size) | 0);
    this.readerBell.ring();
    return true;
  }

  /**
   * Shows every record that is in the ring to `handler`, oldest first; the reader may take some meanwhile. Nobody but this end
   * overwrites them. Returns how many.
   */
  peek(handler: RecordHandler): number {
    let { position } = this.ends.reader;
    let shown = 0;
    while (!this.isSuperseded && ((this.lane.position - position) | 0) > 0) {
      position = (position + this.show(position, handler)) | 0;
      shown += 1;
    }
    return shown;
  }

  override close(): void {
    if (!this.isSuperseded) this.lane.setCell(CLOSED, 1);
  }

  private hasRoom(position: number, bytes: number): boolean {
    if (((position - this.freed) | 0) + bytes <= this.capacity) return true;
    this.freed = this.ends.reader.position;
    return ((position - this.freed) | 0) + bytes <= this.capacity;
  }

  private writeHeader(offset: number, length: number, type: number): void {
    this.words[offset / 4] = length;
    this.words[offset / 4 + 1] = type;
  }
}

export class RecordRingReader extends RecordRing {
  private readonly writerBell: Bell | undefined;
  private readonly generation: number;
  private readonly lane: RingLane;

  /** @param generation of the thread; without it the present one is joined */
  constructor(buffer: SharedArrayBuffer, writerBell?: Bell, generation?: number) {
    super(buffer);
    this.writerBell = writerBell;
    this.generation = this.enter('reader', generation);
    this.lane = this.ends.reader.lane(this.generation);
  }

  /** A successor has this end: nothing that this view does is seen any more. */
  get isSuperseded(): boolean {
    return !this.ends.reader.isHeldBy(this.generation);
  }

  /**
   * Hands up to `limit` records to `handler`, oldest first. A record counts as read once its handler returned; the
   * payload is a window onto the ring, to be copied by who wants to keep it. Returns how many were read.
   */
  drain(handler: RecordHandler, limit: number): number {
    let read = 0;
    try {
      while (read < limit && this.readOne(handler)) read += 1;
    } finally {
      // Also when a handler threw: what was read before it has left room.
      if (read > 0) this.writerBell?.ring();
    }
    return read;
  }

  /** Shows every record in the ring to `handler`, oldest first, and leaves them all there. Returns how many. */
  peek(handler: RecordHandler): number {
    const end = this.ends.writer.position;
    let { position } = this.lane;
    let shown = 0;
    while (!this.isSuperseded && ((end - position) | 0) > 0) {
      position = (position + this.show(position, handler)) | 0;
      shown += 1;
    }
    return shown;
  }

  private readOne(handler: RecordHandler): boolean {
    const { lane } = this;
    const { position } = lane;
    if (this.isSuperseded || ((this.ends.writer.position - position) | 0) <= 0) return false;
    const bytes = this.show(position, handler);
    moveOn(lane, position, (position + bytes) | 0);
    return true;
  }
}
