/** Turns a counter that only grows into "per second", over about the last 2 s. Used by the camera channel. */

const WINDOW_MS = 2_000;

export class RateMeter {
  private readings: { readonly atMs: number; readonly count: number }[] = [];

  /** To be called about once a second. A counter (a new actor) or a clock that went back starts it anew. */
  read(nowMs: number, count: number): void {
    const last = this.readings.at(-1);
    if (last && (count < last.count || nowMs < last.atMs)) this.readings = [];
    this.readings.push({ atMs: nowMs, count });
    // One reading from before the window stays: it is where the window begins.
    while (this.readings.length > 2 && nowMs - (this.readings[1] as { atMs: number }).atMs >= WINDOW_MS) {
      this.readings.shift();
    }
  }

  /** 0 until two readings are known. Rounded to 0.1. */
  perSecond(): number {
    const first = this.readings[0];
    const last = this.readings.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return 0;
    return Math.round(((last.count - first.count) / (last.atMs - first.atMs)) * 10_000) / 10;
  }
}
