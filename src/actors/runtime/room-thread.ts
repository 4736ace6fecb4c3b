/** The supervisor's side of one thread: starts the worker, knows when it is ready, stops it in three tiers. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { StopsignError } from '../../errors.ts';
import type { RoomControl } from '../../rpc/control.ts';
import { connectControl } from './control.ts';
import type { RoomData, RoomMessage } from './room-data.ts';

export interface ThreadEnd {
  readonly exitCode: number;
  /** What the thread said, or what Node reported. */
  readonly error: StopsignError | null;
}

export type StopOutcome = 'stopped' | 'terminated' | 'stuck-in-native';

const COMMAND_DEADLINE_MS = 10_000;
const NATIVE_LOOK_MS = 20;
/** A thread that is being terminated ends at the next instruction of JavaScript; one that waits for a dead disk never. */
const TERMINATE_MS = 3_000;

/**
 * Of each room's own JavaScript heap; frames and models lie outside. Without a limit V8 collects so late on a large
 * machine that memory creeps up for hours. A room that needs more has a leak: it ends, and is replaced.
 */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 } as const;

export class RoomThread {
  readonly ready: Promise<void>;
  readonly ended: Promise<ThreadEnd>;
  readonly control: RoomControl;
  private readonly worker: Worker;
  private readonly gone = new AbortController();
  private error: StopsignError | null = null;

  constructor(entry: URL, data: Omit<RoomData, 'control'>) {
    const channel = new MessageChannel();
    const transferList = data.supervisor ? [channel.port2, data.supervisor] : [channel.port2];
    const workerData: RoomData = { ...data, control: channel.port2 };
    this.worker = new Worker(entry, { workerData, transferList, name: data.name, resourceLimits: HEAP_LIMITS });
    this.control = connectControl<RoomControl & Record<never, never>>(channel.port1, {
      deadlineMs: COMMAND_DEADLINE_MS,
      closed: this.gone.signal,
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', (exitCode) => {
        channel.port1.close();
        this.gone.abort();
        resolve({ exitCode, error: this.error });
      });
    });
    this.worker.on('error', (error) => {
      this.error ??= StopsignError.from(error);
    });
    const ready = new Promise<void>((resolve) => {
      this.worker.on('message', (message: RoomMessage) => {
        if (message.type === 'ready') resolve();
        else this.error = new StopsignError(message.code, message.message, message);
      });
    });
    const ended = this.ended.then(({ error }) => {
      throw error ?? new StopsignError('INTERNAL', `${data.name} ended before it was ready.`);
    });
    this.ready = Promise.race([ready, ended]);
    this.ready.catch(() => {});
  }

  /**
   * Tier 1: ask, and wait `shutdownMs`. Tier 2: terminate, but only while the thread is not inside native code, where
   * that would take the whole process down; a call that is under way gets `nativeMs` to come back. Tier 3 is the caller's:
   * `stuck-in-native` means the process has to end.
   */
  async stop(shutdownMs: number, isInNative: () => boolean, nativeMs = 0): Promise<StopOutcome> {
    this.control.stop().catch(() => {});
    if (await this.endsWithin(shutdownMs)) return 'stopped';
    for (const deadlineMs = performance.now() + nativeMs; isInNative(); ) {
      if (performance.now() >= deadlineMs) return 'stuck-in-native';
      if (await this.endsWithin(NATIVE_LOOK_MS)) return 'stopped';
    }
    void this.terminate();
    return (await this.endsWithin(TERMINATE_MS)) ? 'terminated' : 'stuck-in-native';
  }

  /** Ends the thread at once, as a crash would. */
  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  private async endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    try {
      return await Promise.race([this.ended.then(() => true), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
