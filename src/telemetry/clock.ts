/** Time is injected. Everything that is stamped is UTC in µs since 1970. */
export interface Clock {
  nowUs(): number;
}

/** How far the monotonic clock may drift from the system clock before it is anchored anew. */
const MAX_DRIFT_US = 5_000;
let offsetUs = Date.now() * 1000 - performance.now() * 1000;

/** The host's clock with µs resolution: monotonic between steps, and following when the system clock is set. */
export const systemClock: Clock = {
  nowUs() {
    const monotonicUs = performance.now() * 1000;
    const systemUs = Date.now() * 1000;
    if (Math.abs(monotonicUs + offsetUs - systemUs) > MAX_DRIFT_US) offsetUs = systemUs - monotonicUs;
    return Math.round(monotonicUs + offsetUs);
  },
};
