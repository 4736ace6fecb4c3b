/**
 * Which frames of one camera are analysed when not all of them can be. Pure; asked by the camera's lane for every frame.
 *
 * A phase accumulator, as in Bresenham's lines: with a share of 0.4 every frame adds 0.4 to the phase, and the frame that
 * carries it over 1 is taken. So two gaps between taken frames never differ by more than one frame, whatever the share;
 * what happens to be there when the model is free would make them differ by as much as the model's times do.
 */

/** Sums of shares are a hair below the whole number they mean. */
const ROUNDING = 1e-9;

export class FrameSampler {
  /** Of all frames, 0 … 1; 1: every frame is taken. */
  share = 1;
  private phase: number;
  private last: number | null = null;

  /** @param phase 0 … 1: samplers of one share and different phases take different frames */
  constructor(phase = 0) {
    this.phase = phase;
  }

  /**
   * To be asked once for each frame, in their order.
   * @param frame its running number; numbers that are missing were lost on the way here, and count
   */
  takes(frame: number): boolean {
    const steps = this.last === null ? 1 : frame - this.last;
    this.last = frame;
    // Numbers that go back or leap: a decoder that began anew.
    this.phase += this.share * (steps > 0 && steps < 1_000 ? steps : 1);
    if (this.phase < 1 - ROUNDING) return false;
    this.phase = Math.max(0, this.phase - Math.floor(this.phase + ROUNDING));
    return true;
  }
}
