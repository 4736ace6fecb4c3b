/** What the tracker room needs from outside: rings and the pure analyzer of the domain; nothing else. */

import type { AnalyzerSnapshot } from '../../domain/snapshot/analyzer-snapshot.ts';
import type { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { TrackerMemory } from './memory.ts';

/** Keeps the state for the process after this one. */
export interface StateKeeper {
  /** The last write is under way still. */
  readonly isBusy: boolean;
  /** null when there is nothing, or nothing that can be used. */
  read(): { readonly savedUs: number; readonly snapshot: AnalyzerSnapshot } | null;
  /** Begins to write and returns at once, with the size. */
  write(snapshot: AnalyzerSnapshot, savedUs: number): number;
  /** Writes and waits for it. */
  writeLast(snapshot: AnalyzerSnapshot, savedUs: number): void;
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
  /** Absent: nothing outlives the process. */
  readonly keeper?: StateKeeper | undefined;
  /** Nobody comes after this thread. */
  isHouseClosing?(): boolean;
  /** How the start went, in words. */
  onRecall?(words: string): void;
}
