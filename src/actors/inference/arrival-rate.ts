/**
 * How many frames a second one camera sends, by their running numbers and when they were decoded: frames that a full ring
 * refused count too, and what a camera writes into its own time stamps does not matter. Pure; fed by the camera's lane.
 */
const WINDOW_US = 2_000_000;
/** Without a frame for so long the camera is silent. */
const SILENT_US = 2_000_000;

export class ArrivalRate {
  private marks: { readonly frame: number; readonly us: number }[] = [];

  /** @param us when it was decoded, UTC */
  see(frame: number, us: number): void {
    const last = this.marks.at(-1);
    // A decoder that began anew, or a clock that was set.
    if (last && (frame <= last.frame || us < last.us || us - last.us > WINDOW_US)) this.marks = [];
    this.marks.push({ frame, us });
    while (this.marks.length > 2 && us - (this.marks[0]?.us ?? us) > WINDOW_US) this.marks.shift();
  }

  /** Frames a second; null while it is not known yet, 0 when the camera is silent. */
  perSecond(nowUs: number): number | null {
    const first = this.marks[0];
    const last = this.marks.at(-1);
    if (!first || !last) return null;
    if (Math.abs(nowUs - last.us) > SILENT_US) return 0;
    // Several frames may leave a decoder in one moment: a short window would make much of that.
    const spanUs = last.us - first.us;
    return spanUs < WINDOW_US / 4 ? null : ((last.frame - first.frame) * 1e6) / spanUs;
  }
}
