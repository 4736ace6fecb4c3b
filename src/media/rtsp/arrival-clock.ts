/**
 * Estimates the capture time of a picture from when its packets arrive, for streams without sender reports. Pure state.
 * Used by `CaptureClock` in the client and by the hub, which has nothing better for the reports it sends.
 *
 * arrival − rtp/90000 is the capture offset plus a delay ≥ 0, so its lower envelope is the best estimate. It is taken as the
 * second lowest of ten one-second minima: one wrong sample cannot pull it. The estimate may step; `CaptureClock` follows it
 * slowly. Arrival is best told by a clock that nobody sets; the estimate is then in that clock's time.
 */
import { US_PER_TICK } from './rtp-unwrapper.ts';

const BUCKET_US = 1_000_000;
const BUCKETS = 10;
/** A picture that would be this far in the future, or this far back, belongs to another timeline. */
const AHEAD_US = 500_000;
const BEHIND_US = 5_000_000;
/** So many samples in a row off the timeline, and the camera's clock was set: anchor anew. */
const OUTLIERS_TO_ANCHOR = 3;
/** A burst after a network stall also looks late, but not for this long. */
const BEHIND_FOR_US = 1_000_000;
interface Bucket {
  readonly index: number;
  minUs: number;
}

export class ArrivalClock {
  #buckets: Bucket[] = [];
  #offsetUs = 0;
  #isAnchored = false;
  #outliers = 0;
  #outliersSinceUs = 0;

  /** UTC µs of tick 0; changes as the estimate does. */
  get offsetUs(): number {
    return this.#offsetUs;
  }

  /** To be called with the first packet of each picture. */
  observe(ticks: number, arrivalUs: number): void {
    const sampleUs = arrivalUs - ticks * US_PER_TICK;
    if (!this.#isAnchored) {
      this.#anchor(sampleUs, arrivalUs);
      return;
    }
    const errorUs = sampleUs - this.#offsetUs;
    if (errorUs < -AHEAD_US || errorUs > BEHIND_US) {
      if (this.#outliers === 0) this.#outliersSinceUs = arrivalUs;
      this.#outliers += 1;
      const isSettled = errorUs < 0 || arrivalUs - this.#outliersSinceUs >= BEHIND_FOR_US;
      if (this.#outliers >= OUTLIERS_TO_ANCHOR && isSettled) this.#anchor(sampleUs, arrivalUs);
      return;
    }
    this.#outliers = 0;
    this.#note(sampleUs, arrivalUs);
    this.#offsetUs = this.#envelope();
  }

  /** The next sample is believed whatever it says. */
  forget(): void {
    this.#isAnchored = false;
  }

  /** Capture time, UTC µs. Only meaningful when anchored. */
  utcUs(ticks: number): number {
    return Math.round(ticks * US_PER_TICK + this.#offsetUs);
  }

  #anchor(sampleUs: number, arrivalUs: number): void {
    this.#buckets = [];
    this.#note(sampleUs, arrivalUs);
    this.#offsetUs = sampleUs;
    this.#isAnchored = true;
    this.#outliers = 0;
  }

  #note(sampleUs: number, arrivalUs: number): void {
    const index = Math.floor(arrivalUs / BUCKET_US);
    const newest = this.#buckets.at(-1);
    if (newest?.index === index) newest.minUs = Math.min(newest.minUs, sampleUs);
    else this.#buckets.push({ index, minUs: sampleUs });
    while (this.#buckets.length > BUCKETS) this.#buckets.shift();
  }

  #envelope(): number {
    const minima = this.#buckets.map((bucket) => bucket.minUs).sort((a, b) => a - b);
    return minima[minima.length >= 3 ? 1 : 0] ?? this.#offsetUs;
  }
}
