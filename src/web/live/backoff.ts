/** How long to wait before attempt n: doubling from `baseMs` up to `maxMs`, with jitter so that pages do not return at once. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** 0 … 1: the share of the delay that chance may add. */
  readonly jitter: number;
  readonly random?: () => number;
}

/** @param attempt failures in a row so far, 0 for the first retry */
export function backoffMs(attempt: number, { baseMs, maxMs, jitter, random = Math.random }: BackoffOptions): number {
  const delay = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(delay * (1 + jitter * random()));
}
