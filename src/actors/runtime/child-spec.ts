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
  /** No heartbeat for this long: it hangs. No piece of work takes so long in JavaScript. */
  readonly silentMs: number;
  /** The same inside native code, where one call may take longer. */
  readonly nativeMs: number;
  /** Work waiting and no progress for this long is a stall. */
  readonly stallMs: number;
  /** What flows through it; input without output for `outputMs` means that it gives nothing. */
  readonly flows?: readonly Flow[];
  readonly outputMs: number;
  /**
   * The same while the fault may lie in the input: this thread has given nothing yet, or complains of what it gets. Absent:
   * no excuse counts.
   */
  readonly unprovenMs?: number;
  readonly shutdownMs: number;
}

export interface Flow {
  /** A ring that it reads; null: its own progress counts. */
  readonly from: string | null;
  /** A ring that it writes. */
  readonly to: string;
}

export type SpecTimes = Omit<ChildSpec, 'name' | 'entry' | 'reads' | 'writes' | 'settings' | 'flows'>;

export const DEFAULT_TIMES: SpecTimes = {
  maxRestarts: 10,
  withinMs: 60_000,
  backoffMs: 100,
  readyMs: 20_000,
  silentMs: 1_500,
  nativeMs: 3_000,
  stallMs: 2_000,
  outputMs: 1_000,
  shutdownMs: 2_000,
};
