/** What the tracker room needs from outside: rings and the pure analyzer of the domain; nothing else. */
import type { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { TrackerMemory } from './memory.ts';

/** Gauges of the tracker's row: 0 next track id · 1 and 2 decode-to-tracked latency p50 and p95, µs · 3 records of the
 * memory up to which all events have left the room. */
export interface TrackerSurroundings {
  readonly name: string;
  readonly detections: RecordRingReader;
  /** To the gateway: live, a full ring costs the message. */
  readonly live: RecordRingWriter;
  /** To the persister: lossless for all but single frames. */
  readonly facts: RecordRingWriter;
  readonly row: StatusRow;
  readonly clock: Clock;
  /** Absent: a successor begins anew. */
  readonly memory?: TrackerMemory | undefined;
  /** Nobody comes after this thread. */
  isHouseClosing?(): boolean;
  /** How the start went, in words. */
  onRecall?(words: string): void;
}
