/**
 * What a room's thread gets: its own row and bell, its rings, its settings. `worker.ts` of each room hands
 * `openRoom` a function that turns this into an actor; the supervisor builds it from the plan.
 */

import type { SupervisorControl } from '../../rpc/control.ts';
import type { Bell } from '../../shm/bell.ts';
import type { FrameRingReader, FrameRingWriter } from '../../shm/frame-ring.ts';
import type { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';
import type { StatusBoard, StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { RingReport } from './ring-report.ts';

export interface Room<Settings> {
  readonly name: string;
  /** 1 for the first thread of this name, 2 for its successor … */
  readonly generation: number;
  readonly settings: Settings;
  readonly row: StatusRow;
  readonly board: StatusBoard;
  readonly bell: Bell;
  readonly log: Log;
  readonly clock: Clock;
  /** Rings by name, as the plan wires them; asking for one that the spec does not name throws. */
  frameReader(ring: string): FrameRingReader;
  frameWriter(ring: string): FrameRingWriter;
  recordReader(ring: string): RecordRingReader;
  recordWriter(ring: string): RecordRingWriter;
  /** Names of the rings this room reads, in the plan's order. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** What went through every ring of the house. Absent where a room is made by hand. */
  ringReports?(): readonly RingReport[];
  /** Only the gateway's room has it. */
  readonly supervisor?: SupervisorControl;
}
