/** What crosses to a room's thread as `workerData`, and the messages its shell sends back. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../errors.ts';

/** One ring as a thread sees it: the memory, and who is at its two ends. */
export interface RingHandle {
  readonly name: string;
  readonly kind: 'frames' | 'records';
  readonly memory: SharedArrayBuffer;
  readonly writer: string;
  readonly reader: string;
}

export interface RoomData {
  readonly name: string;
  readonly generation: number;
  readonly settings: unknown;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly board: SharedArrayBuffer;
  readonly bells: SharedArrayBuffer;
  /** Every actor's name; the index is its row on the board and its bell. */
  readonly names: readonly string[];
  /** All of the house: anybody may count what goes through them; `reads` and `writes` say whose ends are its own. */
  readonly rings: readonly RingHandle[];
  /** RoomControl is answered here; null when the actor is folded into another thread. */
  readonly control: MessagePort | null;
  /** Of the thread's log; absent: as the environment says. */
  readonly logLevel?: string;
  /** Faults may be injected on purpose. */
  readonly faults?: boolean;
  /** The gateway's line to the supervisor. */
  readonly supervisor: MessagePort | null;
}

export type RoomMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly remedy?: string };
