/**
 * RTP timestamp → capture time (UTC µs) for one RTSP session: from the sender reports, and until the first one (or when the
 * sender's clock is obviously not set) from arrival, flagged. Pure state; used by `RtspClient`.
 */
import { ArrivalClock, slew } from './arrival-clock.ts';
import { RtpUnwrapper, US_PER_TICK } from './rtp-unwrapper.ts';

export interface CaptureTime {
  readonly utcUs: number;
  readonly utcSource: 'sender-report' | 'arrival';
}

/** A sender whose clock is further off than a day was never set: its reports say nothing about UTC. */
const MAX_CLOCK_ERROR_US = 24 * 3600 * 1e6;
/** Successive reports that differ by less are followed slowly, by more at once. */
const JUMP_US = 1_000_000;

export class CaptureClock {
  readonly #unwrapper = new RtpUnwrapper();
  readonly #arrival = new ArrivalClock();
  #reportedUs: number | null = null;
  #offsetUs = 0;
  #lastTicks: number | null = null;

  /** To be called with the first packet of each picture. */
  observe(rtp: number, arrivalUs: number): void {
    const ticks = this.#unwrapper.unwrap(rtp);
    this.#arrival.observe(ticks, arrivalUs);
    if (this.#reportedUs !== null && this.#lastTicks !== null) {
      this.#offsetUs = slew(this.#offsetUs, this.#reportedUs, (ticks - this.#lastTicks) * US_PER_TICK);
    }
    this.#lastTicks = ticks;
  }

  /** Returns false when the report is not believable and was ignored. */
  onSenderReport(rtp: number, utcUs: number, nowUs: number): boolean {
    if (Math.abs(utcUs - nowUs) > MAX_CLOCK_ERROR_US) return false;
    const offsetUs = utcUs - this.#unwrapper.peek(rtp) * US_PER_TICK;
    if (this.#lastTicks === null) this.#unwrapper.unwrap(rtp);
    const isFirst = this.#reportedUs === null;
    this.#reportedUs = offsetUs;
    if (isFirst || Math.abs(offsetUs - this.#offsetUs) > JUMP_US) this.#offsetUs = offsetUs;
    return true;
  }

  /** The picture must have been observed. */
  captureTime(rtp: number): CaptureTime {
    const ticks = this.#unwrapper.peek(rtp);
    if (this.#reportedUs === null) return { utcUs: this.#arrival.utcUs(ticks), utcSource: 'arrival' };
    return { utcUs: Math.round(ticks * US_PER_TICK + this.#offsetUs), utcSource: 'sender-report' };
  }
}
