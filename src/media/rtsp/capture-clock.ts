/**
 * RTP timestamp → capture time (UTC µs) for one RTSP session: from the sender reports, and until the first one (or when the
 * sender's clock is obviously not set) from arrival, flagged. Corrections are worked in slowly, so that the time between two
 * pictures stays what the camera measured and never runs back; only a clock that was set by more than JUMP_US is followed at once
 * (adr/0024). Arrival is taken by a steady clock: setting the host's moves nothing while there are reports. Used by `UnitStream`.
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
/** Later than so long into a session a difference is a clock that is corrected, and intervals are worth more. */
const FIRM_FOR_US = 15_000_000;
/** Two accounts of one moment agree within this. */
const SAME_US = 500_000;

export class CaptureClock {
  readonly #unwrapper = new RtpUnwrapper();
  readonly #arrival = new ArrivalClock();
  /** UTC of tick 0 by the newest sender report. */
  #reportedUs: number | null = null;
  /** Tick 0 by the arrival of that report, steady; and UTC − steady then. */
  #reportArrivalUs = 0;
  #reportAnchorUs = 0;
  /** UTC − steady: changes when the host's clock is set, or when the host slept. */
  #anchorUs: number | null = null;
  #mediaUs = 0;
  /** UTC of tick 0 as used. */
  #offsetUs: number | null = null;
  /** The latest presentation so far: with B-frames timestamps go back between two pictures, and time is not counted twice. */
  #latestTicks: number | null = null;

  /**
   * To be called with the first packet of each picture.
   * @param arrivalUs UTC  @param steadyUs the same moment by a clock that nobody sets, from any origin
   */
  observe(rtp: number, arrivalUs: number, steadyUs = arrivalUs): void {
    const ticks = this.#unwrapper.unwrap(rtp);
    this.#anchor(arrivalUs - steadyUs, steadyUs - ticks * US_PER_TICK);
    this.#arrival.observe(ticks, steadyUs);
    if (this.#isReportStale()) this.#reportedUs = null;
    const mediaUs = (ticks - (this.#latestTicks ?? ticks)) * US_PER_TICK;
    // Further back than any picture is put off: the sender's timestamps began anew.
    if (mediaUs >= 0 || mediaUs < -STALE_REPORT_US || this.#latestTicks === null) this.#latestTicks = ticks;
    this.#mediaUs += Math.max(mediaUs, 0);
    this.#follow(Math.max(mediaUs, 0));
  }

  /** Returns false when the report is not believable and was ignored. */
  onSenderReport(rtp: number, utcUs: number, nowUs: number, steadyUs = nowUs): boolean {
    if (Math.abs(utcUs - nowUs) > MAX_CLOCK_ERROR_US) return false;
    const ticks = this.#latestTicks === null ? this.#unwrapper.unwrap(rtp) : this.#unwrapper.peek(rtp);
    // The first report replaces an estimate of another kind: no slow change from the one to the other.
    if (this.#reportedUs === null) this.#offsetUs = null;
    this.#reportedUs = utcUs - ticks * US_PER_TICK;
    this.#reportArrivalUs = steadyUs - ticks * US_PER_TICK;
    this.#reportAnchorUs = nowUs - steadyUs;
    this.#follow(0);
    return true;
  }

  /** The picture must have been observed. */
  captureTime(rtp: number): CaptureTime {
    const utcUs = Math.round(this.#unwrapper.peek(rtp) * US_PER_TICK + (this.#offsetUs ?? 0));
    return { utcUs, utcSource: this.#reportedUs === null ? 'arrival' : 'sender-report' };
  }

  #anchor(anchorUs: number, sampleUs: number): void {
    const changeUs = anchorUs - (this.#anchorUs ?? anchorUs);
    const errorUs = sampleUs - this.#arrival.offsetUs;
    // The host slept: its steady clock stood still, the camera and UTC did not.
    const hasSlept = changeUs > JUMP_US && Math.abs(errorUs) > SAME_US && Math.abs(errorUs + changeUs) < SAME_US;
    if (hasSlept) this.#arrival.forget();
    this.#anchorUs = anchorUs;
  }

  /** The sender's timestamps have moved against both clocks; one alone was set, or slept. */
  #isReportStale(): boolean {
    const movedUs = this.#arrival.offsetUs - this.#reportArrivalUs;
    const movedUtcUs = movedUs + (this.#anchorUs ?? 0) - this.#reportAnchorUs;
    return Math.abs(movedUs) > STALE_REPORT_US && Math.abs(movedUtcUs) > STALE_REPORT_US;
  }

  #follow(mediaUs: number): void {
    const targetUs = this.#reportedUs ?? this.#arrival.offsetUs + (this.#anchorUs ?? 0);
    const errorUs = targetUs - (this.#offsetUs ?? targetUs);
    if (this.#offsetUs === null || Math.abs(errorUs) > JUMP_US) {
      this.#offsetUs = targetUs;
      return;
    }
    const isFirm = this.#mediaUs < FIRM_FOR_US && Math.abs(errorUs) > FIRM_ABOVE_US;
    const rate = isFirm ? FIRM_SLEW_RATE : SLEW_RATE;
    const stepUs = Math.min(mediaUs, 1_000_000) * rate;
    this.#offsetUs += Math.min(Math.max(errorUs, -stepUs), stepUs);
  }
}
