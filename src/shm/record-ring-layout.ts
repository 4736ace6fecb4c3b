/**
 * Bytes of a record ring, on top of those that all rings have (ring-layout.ts). Positions count bytes.
 *
 *   byte    0  static: magic, capacity, initialPosition   (int32 each)
 *   byte 2304  data: the byte of position p lies at p mod capacity
 *
 * In the lane of each end two tallies, at +16 and +32: position (int32), records up to there (uint32 low, uint32 high).
 * The one whose position is the lane's own counts; the other is made ready before the position moves on. So one store
 * publishes record and count together, and no thread can die between them. Counter of the writing end: rejected.
 *
 * A record: length (uint32, payload bytes), type (uint32), payload, padded to 8. One that does not fit before the end
 * is preceded by a padding record, so that a payload is always one contiguous window.
 */
import { RING_HEADER_BYTES } from './ring-layout.ts';

export const MAGIC = 0x53_52_52_32;
export const HEADER_BYTES = RING_HEADER_BYTES;
export const RECORD_HEADER_BYTES = 8;
export const PADDING_TYPE = 0xffff_ffff;

/** Int32 indexes. */
export const CELL = { magic: 0, capacity: 1, initial: 2 } as const;

/** Cells and counters within a lane. */
export const TALLIES = [4, 8] as const;
export const WRITER_COUNT = { rejected: 0 } as const;

export interface RecordRingSpec {
  /** Data bytes, a power of two up to 2^29. The largest record is capacity / 2 - 8 bytes. */
  capacity: number;
  /** First position, a multiple of 8; only tests start elsewhere than at 0. */
  initialPosition?: number;
}

/** written = read + inRing. What was rejected had no room: the caller still has it. */
export interface RecordRingCounts {
  written: number;
  rejected: number;
  read: number;
  /** Records; bytes with their headers and padding. */
  inRing: number;
  bytesInRing: number;
}

/** Bytes that a record takes. */
export const recordBytes = (length: number): number => (RECORD_HEADER_BYTES + length + 7) & ~7;
