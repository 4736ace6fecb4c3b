/**
 * Bytes of a frame ring, on top of those that all rings have (ring-layout.ts). Positions count frames.
 *
 *   byte    0  static: magic, slots, slotBytes, maxWidth, maxHeight, policy, initialSequence   (int32 each)
 *   byte 2304  slot 0 … slot n-1; the frame of sequence s lies in slot s mod n
 *
 * Counters of the writing end: offered, committed, dropped, aborted. Of the reading end: consumed, skipped, and of these
 * the ones that were left out on purpose.
 *
 * A slot: 128 bytes of header, then planes Y, U, V without padding (strides w, w/2, w/2 rounded up).
 *
 *   +0  float64  captureTsUs · ptsUs · receivedUs · decodedUs
 *   +32 uint32   frame · epoch · rtp · width · height · fullRange
 */
import { RING_HEADER_BYTES } from './ring-layout.ts';

export const MAGIC = 0x53_46_52_32;
export const HEADER_BYTES = RING_HEADER_BYTES;
export const SLOT_HEADER_BYTES = 128;

/** Int32 indexes. */
export const CELL = { magic: 0, slots: 1, slotBytes: 2, maxWidth: 3, maxHeight: 4, policy: 5, initial: 6 } as const;

/** Counters within a lane. What comes in is the first: see ring-end.ts. */
export const WRITER_COUNT = { offered: 0, committed: 1, dropped: 2, aborted: 3 } as const;
export const READER_COUNT = { consumed: 0, skipped: 1, leftOut: 2 } as const;

export type RingPolicy = 'live' | 'lossless';

export interface FrameRingSpec {
  /** A power of two. */
  slots: number;
  /** Largest picture, pixels; a larger frame is refused by `tryClaim`. */
  maxWidth: number;
  maxHeight: number;
  /** `live`: a full ring costs the new frame (counted as dropped). `lossless`: the producer tries again later. */
  policy: RingPolicy;
  /** First sequence number; only tests start elsewhere than at 0. */
  initialSequence?: number;
}

/** offered = committed + dropped + aborted + claimed, and committed = consumed + skipped + inRing. */
export interface FrameRingCounts {
  offered: number;
  committed: number;
  dropped: number;
  aborted: number;
  /** 1 while a picture is being written into its slot, else 0. */
  claimed: number;
  consumed: number;
  skipped: number;
  inRing: number;
}

/** Bytes of a YUV 4:2:0 picture. */
export function yuv420pBytes(width: number, height: number): number {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return width * height + 2 * chroma;
}

export function slotBytesFor(spec: FrameRingSpec): number {
  const raw = SLOT_HEADER_BYTES + yuv420pBytes(spec.maxWidth, spec.maxHeight);
  return Math.ceil(raw / 128) * 128;
}
