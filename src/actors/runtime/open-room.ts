/**
 * The thread shell of every room: builds the Room from `workerData`, makes the actor, runs it until it is told to stop.
 * Called once, at the top of a room's `worker.ts`.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { StopsignError } from '../../errors.ts';
import type { RoomControl } from '../../rpc/control.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { createLog } from '../../telemetry/log.ts';
import type { Actor } from './actor.ts';
import { encodeError, exposeControl } from './control.ts';
import { createRoom } from './create-room.ts';
import { RoomFaults } from './faults/room-faults.ts';
import { Invoker } from './invoker.ts';
import type { Room } from './room.ts';
import type { RoomData, RoomMessage } from './room-data.ts';
import { Runner } from './runner.ts';

export function openRoom<Settings>(make: (room: Room<Settings>) => Actor | Promise<Actor>): void {
  if (!parentPort) throw new Error('a room opens on a worker thread only');
  const port = parentPort;
  const data = workerData as RoomData;
  const log = createLog({ process: 'analyzer', actor: data.name });
  if (data.logLevel) log.level = data.logLevel;
  const room = createRoom<Settings>(data, log, systemClock);
  const stray = straysOf();
  live(room, data, port, make, stray).then(
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

/** Errors that nobody caught: the actor is closed for them in order, since dying at once can abort the whole process. */
function straysOf(): Promise<never> {
  const stray = new Promise<never>((_resolve, reject) => {
    process.on('uncaughtException', reject);
    process.on('unhandledRejection', reject);
  });
  stray.catch(() => {});
  return stray;
}

async function live<Settings>(
  room: Room<Settings>,
  data: RoomData,
  port: MessagePort,
  make: (room: Room<Settings>) => Actor | Promise<Actor>,
  stray: Promise<never>,
): Promise<void> {
  const faults = data.faults ? new RoomFaults(room.row) : null;
  const made = await make(faults?.roomOf(room) ?? room);
  const actor = faults?.actorOf(made) ?? made;
  process.once('exit', () => actor.onExit?.());
  const invoker = new Invoker(actor, faults?.rowOf(room.row) ?? room.row, room.clock);
  const runner = new Runner(invoker, room.row, room.bell);
  const control: RoomControl = {
    stop: () => runner.stop(),
    command: async (name, argument) => actor.commands?.[name]?.(argument),
    inject: async (fault) => {
      if (!faults) throw new StopsignError('BAD_USAGE', 'faults cannot be injected into this house.');
      faults.inject(fault);
    },
  };
  if (data.control) exposeControl(control, data.control);
  await invoker.start();
  port.postMessage({ type: 'ready' } satisfies RoomMessage);
  try {
    await Promise.race([runner.run(), stray]);
  } finally {
    await runner.stop();
  }
}
