/**
 * Bytes of a frame ring. Sequences are wrapping int32, compared by `(w - r) | 0`; counters are int64.
 *
 *   byte    0  static:   magic, slots, slotBytes, maxWidth, maxHeight, policy, initialSequence   (int32 each)
 *   byte  128  writeSequence (int32)        producer only
 *   byte  256  readSequence (int32)         consumer only
 *   byte  384  offered, committed, dropped, aborted (int64)                       producer only
 *   byte  512  consumed, skipped (int64)                                          consumer only
 *   byte  640  state (int32: 0 open, 1 closed), generation (int32)                supervisor only
 *   byte  768  slot 0 … slot n-1
 *
 * A slot: 128 bytes of header, then planes Y, U, V without padding (strides w, w/2, w/2 rounded up).
 *
 *   +0  float64  captureTsUs · ptsUs · receivedUs · decodedUs
 *   +32 uint32   frame · epoch · rtp · width · height · fullRange
 */
export const MAGIC = 0x53_46_52_31;
export const HEADER_BYTES = 768;
export const SLOT_HEADER_BYTES = 128;

/** Int32 indexes. */
export const CELL = { magic: 0, slots: 1, slotBytes: 2, maxWidth: 3, maxHeight: 4, policy: 5, initial: 6 } as const;
export const WRITE_SEQUENCE = 32;
export const READ_SEQUENCE = 64;
export const STATE = 160;
export const GENERATION = 161;

/** BigInt64 indexes. */
export const COUNTER = { offered: 48, committed: 49, dropped: 50, aborted: 51, consumed: 64, skipped: 65 } as const;

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

export interface FrameRingCounts {
  offered: number;
  committed: number;
  dropped: number;
  aborted: number;
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
