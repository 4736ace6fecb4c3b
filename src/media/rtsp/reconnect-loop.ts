/**
 * Does something over and over that is meant to last: a session with a camera. Waits between attempts, quickly at first, then
 * longer, with jitter so that many clients do not knock together. Used by `RtspClient` and by the hub's pull sources.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { StopsignError } from '../../errors.ts';

export interface Attempt {
  readonly error: StopsignError;
  /** It worked for a while: the next wait is short again. */
  readonly wasHealthy: boolean;
}

export interface ReconnectLoopOptions {
  /** Resolves when the session is over. Never rejects. Must end soon after the signal is aborted. */
  attempt(signal: AbortSignal): Promise<Attempt>;
  /** Before each wait. */
  onRetry(attempt: Attempt): void;
  /** Longest wait; default 5,000. */
  readonly maxBackoffMs?: number;
  /** [0, 1) */
  readonly random: () => number;
}

export const MAX_BACKOFF_MS = 5_000;

/**
 * @param failures attempts in a row that did not work, from 1
 * @param random [0, 1)
 * @returns ms: about 100, 250, 625, 1,560, 3,900, then up to 5,000; each between half and all of that
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(MAX_BACKOFF_MS, 100 * 2.5 ** (Math.min(failures, 20) - 1));
  return Math.round(full * (0.5 + random / 2));
}

export class ReconnectLoop {
  readonly #options: ReconnectLoopOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: ReconnectLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the attempt or the wait that is under way. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const { random, maxBackoffMs = MAX_BACKOFF_MS } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const attempt = await this.#options.attempt(signal);
      if (signal.aborted) return;
      failures = attempt.wasHealthy ? 1 : failures + 1;
      this.#options.onRetry(attempt);
      const waitMs = Math.min(backoffMs(failures, random()), maxBackoffMs);
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }
}
