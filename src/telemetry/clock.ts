/**
 * Time is injected. Everything that is stamped is UTC in µs since 1970. Stamps of different threads are compared with
 * each other, so all threads share how far the process-wide monotonic clock is off UTC: whoever needs it first finds it at
 * the edge at which the system's millisecond changes.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

export interface Clock {
  nowUs(): number;
  /** Runs evenly from any origin, whatever the system clock is set to, µs; absent: `nowUs` is never set. */
  steadyUs?(): number;
}

/** How far the two clocks may drift apart before they are calibrated anew: someone has set the system clock. */
const MAX_DRIFT_US = 5_000;
const EDGES = 3;
/** Threads inherit what lies under this name from the one that starts them. */
const SHARED = 'stopsign.clock';

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

/** One cell, µs; 0 = not calibrated yet. */
const offset = sharedOffset();

function sharedOffset(): BigInt64Array {
  const inherited = getEnvironmentData(SHARED);
  if (inherited instanceof SharedArrayBuffer) return new BigInt64Array(inherited);
  const memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  setEnvironmentData(SHARED, memory);
  return new BigInt64Array(memory);
}

/** The host's clock: it runs evenly between calibrations and follows when the system clock is set. */
export const systemClock: Required<Clock> = {
  steadyUs: monotonicUs,
  nowUs() {
    const nowUs = monotonicUs() + Number(Atomics.load(offset, 0));
    if (Math.abs(nowUs - Date.now() * 1_000) <= MAX_DRIFT_US) return nowUs;
    const offsetUs = calibrate();
    Atomics.store(offset, 0, BigInt(offsetUs));
    return monotonicUs() + offsetUs;
  },
};
