/** The control plane: what the supervisor, a room and the gateway ask of each other (Comlink over MessagePorts). */
import type { ActorState } from '../shm/status-board.ts';
import type { FaultRequest, RoomFault } from './fault.ts';

/** Offered by every room's thread to the supervisor. */
export interface RoomControl {
  /** Cooperative stop: finish the piece of work, close, end the thread. */
  stop(): Promise<void>;
  command(name: string, argument: unknown): Promise<unknown>;
  /** Misbehaves on purpose; BAD_USAGE unless the house was started for it. */
  inject(fault: RoomFault): Promise<void>;
}

/** Offered by the supervisor to the gateway. */
export interface SupervisorControl {
  /** Stops and starts one actor; resolves when the new one is ready. */
  restart(actor: string, by: string): Promise<void>;
  incidents(limit: number): Promise<readonly Incident[]>;
  /** Hands an operator's command to an actor; resolves with its answer. */
  command(actor: string, name: string, argument: unknown): Promise<unknown>;
  /** Resolves when the fault has been handed over; BAD_USAGE unless the house was started with --enable-faults. */
  fault(request: FaultRequest, by: string): Promise<void>;
}

/**
 * Why something is an incident.
 *   exit, error, start: a thread ended, threw, could not begin · heartbeat: it gave no sign of life · stall: input waits
 *   and nothing moves · output: it takes input and gives nothing · latency: results come late for long · delay: the main
 *   thread was held up · memory: the process holds too much · clock: the system clock was set · source: the camera
 *   sends nothing · frozen: it sends the same picture · shape: its pictures have another shape than the calibrated one ·
 *   process: a process of the house ended or gave no answer · operator: by hand · fault: injected on purpose
 */
export type IncidentCause =
  | 'exit'
  | 'error'
  | 'heartbeat'
  | 'stall'
  | 'output'
  | 'latency'
  | 'delay'
  | 'memory'
  | 'clock'
  | 'source'
  | 'frozen'
  | 'shape'
  | 'process'
  | 'operator'
  | 'start'
  | 'fault';

/** Every restart and every stall, newest first. */
export interface Incident {
  readonly id: string;
  /** Or a part of the house: hub, camera, postgres, analyzer. */
  readonly actor: string;
  /** The actor without its camera. */
  readonly stage: string;
  readonly generation: number;
  readonly cause: IncidentCause;
  readonly detail: string;
  readonly startedUtc: number;
  /** null while it lasts */
  readonly resolvedUtc: number | null;
  /** Decoded frames that were not analysed meanwhile, by the rings' counters; null while it lasts or when nobody knows. */
  readonly framesLost: number | null;
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
  /** Of a decoder, when there were any: packets that never came, and access units that could not be used for that. */
  readonly lostPackets?: number;
  readonly skippedUnits?: number;
  /** Of a decoder, when there were any: pictures with decoding errors, which are not analysed. */
  readonly damaged?: number;
}
