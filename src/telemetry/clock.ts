/**
 * Time is injected. Everything that is stamped is UTC in µs since 1970. Stamps of different threads are compared with
 * each other, so all threads must agree to a few µs: each calibrates the process-wide monotonic clock against the edge
 * at which the system's millisecond changes.
 */
export interface Clock {
  nowUs(): number;
  /** Runs evenly from any origin, whatever the system clock is set to, µs; absent: `nowUs` is never set. */
  steadyUs?(): number;
}

/** How far the two clocks may drift apart before they are calibrated anew: someone has set the system clock. */
const MAX_DRIFT_US = 5_000;
const EDGES = 3;

/** Monotonic, shared by all threads of the process. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** Waits for the system clock's next milliseconds (about 3 ms in all). Being interrupted makes an offset too small. */
function calibrate(): number {
  const offsets = Array.from({ length: EDGES }, () => {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    return now * 1_000 - monotonicUs();
  });
  return Math.max(...offsets);
}

let offsetUs = calibrate();

/** The host's clock: it runs evenly between calibrations and follows when the system clock is set. */
export const systemClock: Required<Clock> = {
  steadyUs: monotonicUs,
  nowUs() {
    const nowUs = monotonicUs() + offsetUs;
    if (Math.abs(nowUs - Date.now() * 1_000) <= MAX_DRIFT_US) return nowUs;
    offsetUs = calibrate();
    return monotonicUs() + offsetUs;
  },
};
