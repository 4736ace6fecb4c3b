/**
 * The thread shell of every room: builds the Room from `workerData`, makes the actor, runs it until it is told to stop.
 * Called once, at the top of a room's `worker.ts`.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { RoomControl, SupervisorControl } from '../../rpc/control.ts';
import { Bell } from '../../shm/bell.ts';
import { FrameRingReader, FrameRingWriter } from '../../shm/frame-ring.ts';
import { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';
import { StatusBoard } from '../../shm/status-board.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { createLog } from '../../telemetry/log.ts';
import type { Actor } from './actor.ts';
import { connectControl, encodeError, exposeControl } from './control.ts';
import { Invoker } from './invoker.ts';
import type { Room } from './room.ts';
import type { RingHandle, RoomData, RoomMessage } from './room-data.ts';
import { Runner } from './runner.ts';

const SUPERVISOR_DEADLINE_MS = 30_000;

export function openRoom<Settings>(make: (room: Room<Settings>) => Actor | Promise<Actor>): void {
  if (!parentPort) throw new Error('a room opens on a worker thread only');
  const port = parentPort;
  const data = workerData as RoomData;
  const room = createRoom<Settings>(data);
  live(room, data, port, make).then(
    () => process.exit(0),
    (error: unknown) => {
      room.row.state = 'failed';
      room.log.error({ err: error }, 'actor failed');
      port.postMessage({ type: 'failed', ...encodeError(error) } satisfies RoomMessage);
      // The thread ends when the message has left: exiting at once could lose it.
      setImmediate(() => process.exit(1));
    },
  );
}

async function live<Settings>(
  room: Room<Settings>,
  data: RoomData,
  port: MessagePort,
  make: (room: Room<Settings>) => Actor | Promise<Actor>,
): Promise<void> {
  const actor = await make(room);
  const invoker = new Invoker(actor, room.row, room.clock);
  const runner = new Runner(invoker, room.bell);
  const control: RoomControl = {
    stop: () => runner.stop(),
    command: async (name, argument) => actor.commands?.[name]?.(argument),
  };
  exposeControl(control, data.control);
  await invoker.start();
  port.postMessage({ type: 'ready' } satisfies RoomMessage);
  await runner.run();
}

function createRoom<Settings>(data: RoomData): Room<Settings> {
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
    row: board.row(data.name),
    board,
    bell: bellOf(data.name),
    log: createLog({ process: 'analyzer', actor: data.name }),
    clock: systemClock,
    reads: data.reads,
    writes: data.writes,
    frameReader(name: string) {
      const ring = find(name, data.reads, 'frames');
      return new FrameRingReader(ring.memory, bellOf(ring.writer));
    },
    frameWriter(name: string) {
      const ring = find(name, data.writes, 'frames');
      return new FrameRingWriter(ring.memory, bellOf(ring.reader));
    },
    recordReader(name: string) {
      const ring = find(name, data.reads, 'records');
      return new RecordRingReader(ring.memory, bellOf(ring.writer));
    },
    recordWriter(name: string) {
      const ring = find(name, data.writes, 'records');
      return new RecordRingWriter(ring.memory, bellOf(ring.reader));
    },
  };
  if (!data.supervisor) return base;
  const options = { deadlineMs: SUPERVISOR_DEADLINE_MS, closed: new AbortController().signal };
  return { ...base, supervisor: connectControl<SupervisorControl & Record<never, never>>(data.supervisor, options) };
}
