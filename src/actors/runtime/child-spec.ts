/** Supervision is data: what the supervisor must know of one actor. The plan lists them in start order. */

export interface ChildSpec {
  /** `room` or `room:camera`; also its row on the status board. */
  readonly name: string;
  /** The thread shell, relative to the compiled root: `actors/decoder/worker.js`. */
  readonly entry: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly settings: unknown;
  /** More restarts than this within the window escalate: the process ends with code 70. */
  readonly maxRestarts: number;
  readonly withinMs: number;
  /** Wait before the first restart; doubles up to 16×. */
  readonly backoffMs: number;
  /** The actor must be ready after this time. */
  readonly readyMs: number;
  /** No heartbeat, or work waiting and no progress, for this long is a stall. */
  readonly stallMs: number;
  readonly shutdownMs: number;
}

export type SpecTimes = Pick<
  ChildSpec,
  'maxRestarts' | 'withinMs' | 'backoffMs' | 'readyMs' | 'stallMs' | 'shutdownMs'
>;

export const DEFAULT_TIMES: SpecTimes = {
  maxRestarts: 10,
  withinMs: 60_000,
  backoffMs: 100,
  readyMs: 20_000,
  stallMs: 5_000,
  shutdownMs: 2_000,
};
