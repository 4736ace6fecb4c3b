/**
 * RTP timestamp → capture time (UTC µs) for one RTSP session: from the sender reports, and until the first one (or when the
 * sender's clock is obviously not set) from arrival, flagged. Corrections are worked in slowly, so that the time between two
 * pictures stays what the camera measured and never runs back. Pure state; used by `UnitStream`.
 */
import { ArrivalClock } from './arrival-clock.ts';
import { RtpUnwrapper, US_PER_TICK } from './rtp-unwrapper.ts';

export interface CaptureTime {
  readonly utcUs: number;
  readonly utcSource: 'sender-report' | 'arrival';
}

/** A sender whose clock is further off than a day was never set: its reports say nothing about UTC. */
const MAX_CLOCK_ERROR_US = 24 * 3600 * 1e6;
/** A correction beyond this is a clock that was set, and is followed at once. */
const JUMP_US = 1_000_000;
/** Arrival has moved so far against the report: the sender's timestamps jumped, and the report speaks of another timeline. */
const STALE_REPORT_US = 5_000_000;
/** µs of correction per µs of media: gentle for jitter and drift, firm for the late first packets of a session. */
const SLEW_RATE = 0.02;
const FIRM_SLEW_RATE = 0.1;
const FIRM_ABOVE_US = 20_000;

export class CaptureClock {
  readonly #unwrapper = new RtpUnwrapper();
  readonly #arrival = new ArrivalClock();
  /** UTC of tick 0 by the newest sender report. */
  #reportedUs: number | null = null;
  /** UTC of tick 0 by the arrival of that report. */
  #reportArrivalUs = 0;
  /** UTC of tick 0 as used. */
  #offsetUs: number | null = null;
  #lastTicks: number | null = null;

  /** To be called with the first packet of each picture. */
  observe(rtp: number, arrivalUs: number): void {
    const ticks = this.#unwrapper.unwrap(rtp);
    this.#arrival.observe(ticks, arrivalUs);
    if (Math.abs(this.#arrival.offsetUs - this.#reportArrivalUs) > STALE_REPORT_US) this.#reportedUs = null;
    this.#follow((ticks - (this.#lastTicks ?? ticks)) * US_PER_TICK);
    this.#lastTicks = ticks;
  }

  /** Returns false when the report is not believable and was ignored. */
  onSenderReport(rtp: number, utcUs: number, nowUs: number): boolean {
    if (Math.abs(utcUs - nowUs) > MAX_CLOCK_ERROR_US) return false;
    const ticks = this.#lastTicks === null ? this.#unwrapper.unwrap(rtp) : this.#unwrapper.peek(rtp);
    // The first report replaces an estimate of another kind: no slow change from the one to the other.
    if (this.#reportedUs === null) this.#offsetUs = null;
    this.#reportedUs = utcUs - ticks * US_PER_TICK;
    this.#reportArrivalUs = nowUs - ticks * US_PER_TICK;
    this.#follow(0);
    return true;
  }

  /** The picture must have been observed. */
  captureTime(rtp: number): CaptureTime {
    const utcUs = Math.round(this.#unwrapper.peek(rtp) * US_PER_TICK + (this.#offsetUs ?? 0));
    return { utcUs, utcSource: this.#reportedUs === null ? 'arrival' : 'sender-report' };
  }

  #follow(mediaUs: number): void {
    const targetUs = this.#reportedUs ?? this.#arrival.offsetUs;
    const errorUs = targetUs - (this.#offsetUs ?? targetUs);
    if (this.#offsetUs === null || Math.abs(errorUs) > JUMP_US) {
      this.#offsetUs = targetUs;
      return;
    }
    const rate = Math.abs(errorUs) > FIRM_ABOVE_US ? FIRM_SLEW_RATE : SLEW_RATE;
    const stepUs = Math.min(Math.max(mediaUs, 0), 1_000_000) * rate;
    this.#offsetUs += Math.min(Math.max(errorUs, -stepUs), stepUs);
  }
}
