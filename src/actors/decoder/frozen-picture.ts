/**
 * Whether a camera goes on sending one and the same picture. Pure; asked by the decoder room about once a second. A
 * sensor always has some noise: a mean difference below a quarter of a grey level over many seconds is no scene at rest,
 * but a picture that was repeated (and perhaps encoded again).
 */

const COLUMNS = 160;
const ROWS = 90;
/** Mean absolute difference of luma, grey levels. */
export const FROZEN_BELOW = 0.25;

export class FrozenPicture {
  private readonly threshold: number;
  /** The picture when it was last seen to change. */
  private reference: Uint8Array | null = null;
  private sinceMs = 0;

  constructor(threshold: number = FROZEN_BELOW) {
    this.threshold = threshold;
  }

  /**
   * @param luma `width` × `height`, without padding
   * @param nowMs monotonic
   * @returns for how long the picture has not changed, ms
   */
  look(luma: Uint8Array, width: number, height: number, nowMs: number): number {
    const sample = sampleOf(luma, width, height);
    if (this.reference && meanDifference(this.reference, sample) < this.threshold) return nowMs - this.sinceMs;
    this.reference = sample;
    this.sinceMs = nowMs;
    return 0;
  }
}

function sampleOf(luma: Uint8Array, width: number, height: number): Uint8Array {
  const sample = new Uint8Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const y = Math.floor(((row + 0.5) * height) / ROWS);
    for (let column = 0; column < COLUMNS; column += 1) {
      const x = Math.floor(((column + 0.5) * width) / COLUMNS);
      sample[row * COLUMNS + column] = luma[y * width + x] as number;
    }
  }
  return sample;
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += Math.abs((a[i] as number) - (b[i] as number));
  return sum / a.length;
}
