/**
 * The supervisor's end of fault injection: hands a fault to the thread, or the process, it is meant for, and writes it
 * down as an incident. There is one only in a house that was started with `--enable-faults`.
 */
import { StopsignError } from '../../../errors.ts';
import {
  type FaultRequest,
  faultsOf,
  isPart,
  type PartFault,
  ROOM_FAULTS,
  type RoomFault,
} from '../../../rpc/fault.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { IncidentLog } from '../incident-log.ts';
import { SUPERVISOR } from '../plan.ts';
import { jumpClock } from './clock-jump.ts';

interface FaultyChild {
  inject(fault: RoomFault): Promise<void>;
  readonly generation: number;
}

export interface FaultDeskParts {
  readonly incidents: IncidentLog;
  readonly log: Log;
  /** Throws BAD_INPUT when there is no such actor. */
  child(name: string): FaultyChild;
  children(): readonly FaultyChild[];
  /** To the launcher. */
  toLauncher(fault: PartFault): void;
}

export class FaultDesk {
  private readonly parts: FaultDeskParts;

  constructor(parts: FaultDeskParts) {
    this.parts = parts;
  }

  /** Resolves when the fault has been handed over. @throws StopsignError BAD_INPUT */
  async inject(request: FaultRequest, by: string): Promise<void> {
    const { room, kind, seconds } = request;
    const { incidents, log } = this.parts;
    const what = `injected by ${by}: ${kind}`;
    if (isPart(room)) {
      const kinds = faultsOf(room);
      const part = kinds.find((one) => one === kind);
      if (!part) throw notFor(room, kinds);
      log.warn({ room, kind, by }, 'a fault is injected');
      incidents.note(room, 0, 'fault', what);
      this.parts.toLauncher({ type: 'fault', part: room, kind: part, seconds });
    } else if (room === SUPERVISOR) {
      if (kind !== 'hang' && kind !== 'clock') throw notFor(room, ['hang', 'clock']);
      log.warn({ room, kind, by }, 'a fault is injected');
      incidents.note(room, 0, 'fault', what);
      if (kind === 'clock') await this.jumpClocks(request);
      else this.hang();
    } else {
      const own = ROOM_FAULTS.find((one) => one === kind);
      if (!own) throw notFor(room, ROOM_FAULTS);
      const child = this.parts.child(room);
      log.warn({ room, kind, by }, 'a fault is injected');
      incidents.note(room, child.generation, 'fault', what);
      await child.inject({ kind: own, seconds, factor: request.factor });
    }
  }

  /** Of every thread that runs; a host whose clock is set spares none. */
  private async jumpClocks({ seconds, factor }: FaultRequest): Promise<void> {
    jumpClock(factor, seconds);
    await Promise.allSettled(this.parts.children().map((child) => child.inject({ kind: 'clock', seconds, factor })));
  }

  private hang(): void {
    // The answer leaves first.
    setTimeout(() => {
      for (;;);
    }, 100);
  }
}

function notFor(room: string, kinds: readonly string[]): StopsignError {
  return new StopsignError('BAD_INPUT', `${room} knows no such fault.`, { remedy: `Choose ${kinds.join(', ')}.` });
}
