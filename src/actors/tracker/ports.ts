/** What the tracker room needs from outside: rings and the pure analyzer of the domain; nothing else. */

import type { AnalyzerSnapshot } from '../../domain/snapshot/analyzer-snapshot.ts';
import type { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { TrackerMemory } from './memory.ts';

/** What one process leaves to the next. */
export interface KeptState {
  /** Wall clock of the process that wrote it, UTC µs. */
  readonly savedUs: number;
  /** Facts as JSON that the persister had not taken; the state counts them as told. */
  readonly untold: readonly string[];
  readonly snapshot: AnalyzerSnapshot;
}

/** Keeps the state for the process after this one. */
export interface StateKeeper {
  /** The last write is under way still. */
  readonly isBusy: boolean;
  /** null when there is nothing, or nothing that can be used. */
  read(): KeptState | null;
  /** Begins to write and returns at once, with the size. */
  write(state: KeptState): number;
  /** Writes and waits for it. */
  writeLast(state: KeptState): void;
  idle(): Promise<void>;
}

export interface TrackerSurroundings {
  readonly name: string;
  readonly detections: RecordRingReader;
  /** To the gateway: live, a full ring costs the message. */
  readonly live: RecordRingWriter;
  /** To the persister: lossless for all but single frames. */
  readonly facts: RecordRingWriter;
  /**
   * Gauges: 0 next track id · 1 and 2 decode-to-tracked latency p50 and p95, µs · 3 records of the memory up to which all
   * events have left the room.
   */
  readonly row: StatusRow;
  readonly clock: Clock;
  /** Absent: a successor begins anew. */
  readonly memory?: TrackerMemory | undefined;
  /** Version of the code that makes the state: one that another version made is of no use. Absent: there is only one. */
  readonly program?: string | undefined;
  /** Absent: nothing outlives the process. */
  readonly keeper?: StateKeeper | undefined;
  /** Nobody comes after this thread. */
  isHouseClosing?(): boolean;
  /** How the start went, in words. */
  onRecall?(words: string): void;
}
