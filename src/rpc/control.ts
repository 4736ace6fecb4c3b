/** The control plane: what the supervisor, a room and the gateway ask of each other (Comlink over MessagePorts). */
import type { ActorState } from '../shm/status-board.ts';

/** Offered by every room's thread to the supervisor. */
export interface RoomControl {
  /** Cooperative stop: finish the piece of work, close, end the thread. */
  stop(): Promise<void>;
  command(name: string, argument: unknown): Promise<unknown>;
}

/** Offered by the supervisor to the gateway. */
export interface SupervisorControl {
  /** Stops and starts one actor; resolves when the new one is ready. */
  restart(actor: string, by: string): Promise<void>;
  incidents(limit: number): Promise<readonly Incident[]>;
  /** Hands an operator's command to an actor; resolves with its answer. */
  command(actor: string, name: string, argument: unknown): Promise<unknown>;
}

/** Every restart and every stall, newest first. */
export interface Incident {
  readonly id: string;
  readonly actor: string;
  readonly generation: number;
  readonly cause: 'exit' | 'error' | 'heartbeat' | 'stall' | 'source' | 'operator' | 'start';
  readonly detail: string;
  readonly startedUtc: number;
  /** null while it lasts */
  readonly resolvedUtc: number | null;
}

export interface ActorStatus {
  readonly name: string;
  readonly state: ActorState;
  readonly generation: number;
  readonly restarts: number;
  readonly startedUtc: number | null;
  readonly heartbeatAgeMs: number | null;
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly skipped: number;
  readonly errors: number;
  readonly waiting: number;
  readonly latencyMs: number | null;
}
