/** What the persister needs from outside its room. The real ones (src/store) enter in `worker.ts`. */
import type { Fact } from '../../rpc/records.ts';
import type { RecordHandler, RecordRingCounts } from '../../shm/record-ring.ts';

/** Postgres. */
export interface FactStore {
  /**
   * All or nothing, and repeatable: the same facts may come again.
   * Rejects with BAD_INPUT when one of them can never be stored; with anything else when it may work later.
   */
  insert(facts: readonly Fact[]): Promise<void>;
  /** Deletes some of the per-frame detections before that time. */
  purge(beforeUtc: number): Promise<{ readonly deleted: number; readonly more: boolean }>;
  /** Bounded. */
  close(): Promise<void>;
}

/** The journal on disk that every fact goes through. */
export interface Spool {
  readonly pendingBytes: number;
  /** `false`: shed, the budget is used up. Throws when the disk refuses. */
  append(payload: Uint8Array): boolean;
  /** The oldest lines; they stay until they are released. */
  read(limit: number): SpoolBatch;
  release(batch: SpoolBatch): void;
  sync(): Promise<void>;
  close(): void;
}

export interface SpoolBatch {
  readonly lines: readonly string[];
  readonly segment: number;
  readonly endOffset: number;
}

/** Facts that Postgres refuses for good, kept for a person to look at. */
export interface Rejects {
  add(line: string, reason: string, atUtc: number): boolean;
}

/** One `facts:*` ring. */
export interface FactRing {
  drain(handler: RecordHandler, limit: number): number;
  counts(): RecordRingCounts;
}
