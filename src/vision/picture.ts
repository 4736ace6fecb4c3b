/** A decoded picture as the vision code reads it; a FrameSlot of the frame ring is one. */

export interface YuvPicture {
  /** Pixels, at least 2 × 2. */
  readonly width: number;
  readonly height: number;
  /** true: full range (0–255), false: limited (16–235, chroma 16–240). */
  readonly fullRange: boolean;
  /** Planes without padding: strides `width`, `ceil(width / 2)`, `ceil(width / 2)`. */
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}
