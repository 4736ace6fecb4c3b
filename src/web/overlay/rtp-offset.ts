/**
 * Tier 3: a hub that gives its viewers RTP timestamps of its own moves all of them by one constant. Both ends tell when a
 * timestamp arrived: the browser (`receiveTime`) and the analyzer (`stages.received`); brought to one clock, the
 * fastest arrivals of the last ten seconds on either side (the lower envelope of "arrived − timestamp": network delay
 * only adds) give that constant to within the difference of the two ways. Pure; fed and asked by sync.ts.
 */
import { rtpMs } from './frame-history.ts';

const WINDOW_MS = 10_000;
const MIN_SAMPLES = 30;
/** A constant is a constant: an estimate that only wanders does not move the boxes. */
const HOLD_MS = 20;
/** An arrival so much later or earlier than the one before it by its timestamp: one of the two clocks was set. */
const ANOTHER_CLOCK_MS = 5_000;

export class RtpOffset {
  private readonly shown = new LowerEnvelope();
  private readonly analysed = new LowerEnvelope();
  private held: number | null = null;
  private clockOffsetMs = 0;

  /**
   * @param receivedUtcMs when the browser had the whole frame, by the server's clock
   * @param clockOffsetMs what was added to the browser's clock for that; arrivals are kept by the browser's own, so that
   *   a better ping corrects all of them at once
   */
  addShown(rtp: number, receivedUtcMs: number, clockOffsetMs = 0): void {
    this.shown.add(rtp, receivedUtcMs - clockOffsetMs);
    this.clockOffsetMs = clockOffsetMs;
  }
  /** @param receivedUtcMs when the analyzer had it */
  addAnalysed(rtp: number, receivedUtcMs: number): void {
    this.analysed.add(rtp, receivedUtcMs);
  }

  /** A new session of the player has a new constant. */
  resetShown(): void {
    this.shown.reset();
    this.held = null;
  }
  /** A new session of the camera likewise. */
  resetAnalysed(): void {
    this.analysed.reset();
    this.held = null;
  }

  /** What the analyzer calls the frame that the browser calls `rtp`; null until enough frames were seen at both ends. */
  toAnalysed(rtp: number): number | null {
    const estimate = this.estimateMs();
    if (estimate === null) return null;
    if (this.held === null || Math.abs(estimate - this.held) > HOLD_MS) this.held = estimate;
    return (rtp - Math.round(this.held * 90)) >>> 0;
  }

  /** Browser's timestamp − analyzer's, ms. */
  private estimateMs(): number | null {
    const { shown, analysed } = this;
    if (shown.size < MIN_SAMPLES || analysed.size < MIN_SAMPLES) return null;
    // arrived = timestamp + constant + way, and the ways at their fastest are taken to be the same.
    const shownAtMs = shown.lastAtFastestMs + this.clockOffsetMs;
    return rtpMs(shown.lastRtp, analysed.lastRtp) + analysed.lastAtFastestMs - shownAtMs;
  }
}

/** When timestamps of one clock arrive if nothing holds them up: the least "arrived − timestamp" of the last ten seconds. */
class LowerEnvelope {
  private samples: { readonly atMs: number; readonly delayMs: number }[] = [];
  /** Milliseconds of the timestamp clock since the first sample: the 32-bit timestamp unwrapped. */
  private elapsedMs = 0;
  lastRtp = 0;

  get size(): number {
    return this.samples.length;
  }
  /** When the last timestamp would have arrived the fastest way, UTC ms. */
  get lastAtFastestMs(): number {
    return (
      this.elapsedMs + this.samples.reduce((least, { delayMs }) => Math.min(least, delayMs), Number.POSITIVE_INFINITY)
    );
  }

  add(rtp: number, receivedUtcMs: number): void {
    this.elapsedMs += this.samples.length === 0 ? 0 : rtpMs(rtp, this.lastRtp);
    this.lastRtp = rtp;
    const delayMs = receivedUtcMs - this.elapsedMs;
    const last = this.samples.at(-1);
    if (last && Math.abs(delayMs - last.delayMs) > ANOTHER_CLOCK_MS) this.reset();
    this.samples.push({ atMs: receivedUtcMs, delayMs });
    while ((this.samples[0]?.atMs ?? receivedUtcMs) < receivedUtcMs - WINDOW_MS) this.samples.shift();
  }
  reset(): void {
    this.samples = [];
  }
}
