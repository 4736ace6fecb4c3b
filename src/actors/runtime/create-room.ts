/** Builds the Room from what crossed to its thread, or, for actors folded into one thread (replay), from the House. */
import type { SupervisorControl } from '../../rpc/control.ts';
import { Bell } from '../../shm/bell.ts';
import { FrameRingReader, FrameRingWriter } from '../../shm/frame-ring.ts';
import { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';
import { StatusBoard } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { connectControl } from './control.ts';
import { ringReports } from './ring-report.ts';
import type { Room } from './room.ts';
import type { RingHandle, RoomData } from './room-data.ts';

const SUPERVISOR_DEADLINE_MS = 30_000;

export function createRoom<Settings>(data: RoomData, log: Log, clock: Clock): Room<Settings> {
  const board = new StatusBoard(data.board, data.names);
  const bellOf = (actor: string): Bell => new Bell(data.bells, data.names.indexOf(actor));
  const find = (name: string, allowed: readonly string[], kind: RingHandle['kind']): RingHandle => {
    const ring = data.rings.find((r) => r.name === name);
    if (!ring || ring.kind !== kind || !allowed.includes(name)) {
      throw new RangeError(`${data.name} has no ${kind} ring named ${name} in its spec`);
    }
    return ring;
  };
  const base = {
    name: data.name,
    generation: data.generation,
    settings: data.settings as Settings,
    row: board.rowOf(data.name, data.generation),
    board,
    bell: bellOf(data.name),
    log,
    clock,
    reads: data.reads,
    writes: data.writes,
    ringReports: ringReports(data.rings),
    frameReader(name: string) {
      const ring = find(name, data.reads, 'frames');
      return new FrameRingReader(ring.memory, bellOf(ring.writer), data.generation);
    },
    frameWriter(name: string) {
      const ring = find(name, data.writes, 'frames');
      return new FrameRingWriter(ring.memory, bellOf(ring.reader), data.generation);
    },
    recordReader(name: string) {
      const ring = find(name, data.reads, 'records');
      return new RecordRingReader(ring.memory, bellOf(ring.writer), data.generation);
    },
    recordWriter(name: string) {
      const ring = find(name, data.writes, 'records');
      return new RecordRingWriter(ring.memory, bellOf(ring.reader), data.generation);
    },
  };
  if (!data.supervisor) return base;
  const options = { deadlineMs: SUPERVISOR_DEADLINE_MS, closed: new AbortController().signal };
  return { ...base, supervisor: connectControl<SupervisorControl & Record<never, never>>(data.supervisor, options) };
}
