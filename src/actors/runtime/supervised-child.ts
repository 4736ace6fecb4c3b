/** One actor under supervision: its present thread, its generations, and what happens when a thread ends. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { StopsignError } from '../../errors.ts';
import type { IncidentCause } from '../../rpc/control.ts';
import type { RoomFault } from '../../rpc/fault.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { ChildSpec } from './child-spec.ts';
import type { House } from './house.ts';
import type { IncidentLog } from './incident-log.ts';
import { restartPolicy } from './restart-policy.ts';
import { RoomThread, type ThreadEnd } from './room-thread.ts';
import type { Finding } from './watchdog.ts';

export interface ChildSurroundings {
  readonly house: House;
  readonly clock: Clock;
  readonly log: Log;
  readonly incidents: IncidentLog;
  /** Where compiled rooms lie. */
  readonly root: URL;
  /** Faults may be injected on purpose. */
  readonly mayFail: boolean;
  /** Opens a line to the supervisor for an actor that may have one; null for the others. */
  supervisorPort(child: ChildSpec, port: MessagePort): boolean;
  /** The process has to end: restarting this actor does not help, or it cannot be stopped. */
  escalate(error: StopsignError): void;
}

/** Whoever does nothing is not given long to say good-bye; whoever gave no sign of life will hardly hear the question. */
const IDLER_SHUTDOWN_MS = 400;
const SILENT_SHUTDOWN_MS = 150;

export type RestartCause = 'operator' | 'memory' | Finding['cause'];

/** What is over when a successor is ready. Other conditions of the same actor are resolved by who sees them. */
const ENDED_BY_RESTART: readonly IncidentCause[] = [
  'exit',
  'error',
  'start',
  'heartbeat',
  'stall',
  'output',
  'operator',
];

/**
 * Codes that a restart cannot cure: the process ends and says why. Not of a room that has run already: what it has lost since
 * (descriptors, memory, a disk) may come back.
 */
const HOPELESS: ReadonlySet<string> = new Set(['BAD_CONFIG', 'BAD_MODEL', 'NATIVE_MISSING', 'TOO_SMALL']);

export class SupervisedChild {
  readonly spec: ChildSpec;
  readonly row: StatusRow;
  private readonly around: ChildSurroundings;
  private thread: RoomThread | null = null;
  generation = 0;
  private restarts: number[] = [];
  /** false while it is stopped on purpose: its end is then nobody's incident. */
  private wanted = false;
  private closed = false;
  /** It hangs in native code: the process is ending. */
  private isStuck = false;
  private hasRun = false;
  /** The present thread did not become ready in time. */
  private isLate = false;
  private retry: NodeJS.Timeout | undefined;
  private restarting: Promise<void> | null = null;

  constructor(spec: ChildSpec, around: ChildSurroundings) {
    this.spec = spec;
    this.around = around;
    this.row = around.house.board.row(spec.name);
  }

  /** Starts the first thread; resolves when it is ready, rejects when it could not become so. */
  start(): Promise<void> {
    this.wanted = true;
    return this.launch();
  }

  /** Ends the thread for good. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.closed = true;
    this.wanted = false;
    clearTimeout(this.retry);
    await this.end({ shutdownMs: this.spec.shutdownMs, nativeMs: 0 });
  }

  /** Replaces the thread by a new one; resolves when that one is ready. A second call joins the first. */
  restart(cause: RestartCause, detail: string, isInCall = false): Promise<void> {
    this.restarting ??= this.replace(cause, detail, isInCall).finally(() => {
      this.restarting = null;
    });
    return this.restarting;
  }

  /** @throws StopsignError CONTROL_CLOSED while it does not run, CONTROL_TIMEOUT, or what the actor throws */
  async command(name: string, argument: unknown): Promise<unknown> {
    const thread = this.thread;
    if (!thread) throw new StopsignError('CONTROL_CLOSED', `${this.spec.name} does not run at the moment.`);
    return thread.control.command(name, argument);
  }

  /** @throws StopsignError CONTROL_CLOSED while it does not run */
  async inject(fault: RoomFault): Promise<void> {
    const thread = this.thread;
    if (!thread) throw new StopsignError('CONTROL_CLOSED', `${this.spec.name} does not run at the moment.`);
    await thread.control.inject(fault);
  }

  /**
   * It runs, or is on its way out although nobody asked it to: a thread that has failed must come to its end as well, or
   * nobody would come after it. Starting has a deadline of its own.
   */
  get isExpectedAlive(): boolean {
    return this.wanted && this.thread !== null && this.row.state !== 'starting';
  }

  /** The room without its camera. */
  get kind(): string {
    return this.spec.name.split(':')[0] as string;
  }

  private async replace(cause: RestartCause, detail: string, isInCall: boolean): Promise<void> {
    if (!this.wanted) return;
    this.around.incidents.open(this.spec.name, this.generation, cause, detail);
    clearTimeout(this.retry);
    this.wanted = false;
    await this.end(this.patience(cause, isInCall));
    // A thread that cannot be stopped may still write where it once began to: nobody comes beside it, the process ends.
    if (this.closed || this.thread) return;
    this.wanted = true;
    if (cause === 'operator') this.restarts = [];
    await this.scheduleLaunch();
  }

  /** Ends the thread at once, as a crash would; supervision then does its work. */
  async terminate(): Promise<void> {
    await this.thread?.terminate();
  }

  /** How long a thread is asked to end, and how long a native call may take to come back then. */
  private patience(cause: RestartCause, isInCall: boolean): { shutdownMs: number; nativeMs: number } {
    const { shutdownMs, nativeMs } = this.spec;
    // These work as they should: they finish what they do, and hand over what they know.
    if (cause === 'operator' || cause === 'memory') return { shutdownMs, nativeMs };
    const mostMs = cause === 'heartbeat' ? SILENT_SHUTDOWN_MS : IDLER_SHUTDOWN_MS;
    // Whoever hangs in a call has had its time already.
    return { shutdownMs: Math.min(mostMs, shutdownMs), nativeMs: isInCall ? 0 : nativeMs };
  }

  private async end({ shutdownMs, nativeMs }: { shutdownMs: number; nativeMs: number }): Promise<void> {
    const thread = this.thread;
    if (!thread || (this.isStuck && this.row.get('inNative') === 1)) return;
    this.row.state = 'stopping';
    const outcome = await thread.stop(shutdownMs, () => this.row.get('inNative') === 1, nativeMs);
    if (outcome === 'stuck-in-native') return this.escalateStuck();
    this.row.state = 'stopped';
  }

  private escalateStuck(): void {
    this.isStuck = true;
    const message = `${this.spec.name} hangs in native code, or waits for a disk, and cannot be stopped.`;
    this.around.escalate(new StopsignError('ESCALATED', message));
  }

  private async launch(): Promise<void> {
    const { house, root, clock, log } = this.around;
    this.generation += 1;
    this.isLate = false;
    const { spec, row } = this;
    row.set('generation', this.generation);
    row.set('inNative', 0);
    row.set('heartbeatUs', clock.nowUs());
    row.state = 'starting';
    const { port1, port2 } = new MessageChannel();
    const hasLine = this.around.supervisorPort(spec, port1);
    if (!hasLine) port1.close();
    const data = house.roomData(spec, this.generation);
    let thread: RoomThread;
    try {
      thread = new RoomThread(new URL(spec.entry, root), {
        ...data,
        faults: this.around.mayFail,
        supervisor: hasLine ? port2 : null,
      });
    } catch (cause) {
      // The system gives no more threads or memory: handled like a thread that ended at once.
      this.onFailed({ exitCode: 1, error: StopsignError.from(cause) });
      throw cause;
    }
    this.thread = thread;
    thread.ended.then((end) => this.onEnded(thread, end));
    const late = setTimeout(() => void this.endLate(thread), spec.readyMs);
    try {
      await thread.ready;
      this.hasRun = true;
      // It may have become ready while it was being stopped: then nothing is over yet.
      if (!this.wanted) return;
      for (const cause of ENDED_BY_RESTART) this.around.incidents.resolve(spec.name, cause);
      log.info({ actor: spec.name, generation: this.generation }, 'actor ready');
    } finally {
      clearTimeout(late);
    }
  }

  private async endLate(thread: RoomThread): Promise<void> {
    const { name, readyMs } = this.spec;
    this.around.log.error({ actor: name, readyMs }, 'actor did not become ready in time');
    this.isLate = true;
    const outcome = await thread.stop(0, () => this.row.get('inNative') === 1);
    if (outcome === 'stuck-in-native') this.escalateStuck();
  }

  private onEnded(thread: RoomThread, end: ThreadEnd): void {
    if (this.thread !== thread) return;
    this.thread = null;
    if (this.wanted) this.onFailed(end);
  }

  private onFailed({ exitCode, error }: ThreadEnd): void {
    this.row.state = 'failed';
    const [cause, detail] = this.whyEnded(exitCode, error);
    this.around.log.error({ actor: this.spec.name, generation: this.generation, exitCode, err: error }, 'actor ended');
    this.around.incidents.open(this.spec.name, this.generation, cause, detail);
    if (error && HOPELESS.has(error.code) && !this.hasRun) this.around.escalate(error);
    else this.scheduleLaunch(error).catch(() => {});
  }

  private whyEnded(exitCode: number, error: StopsignError | null): [IncidentCause, string] {
    if (error) return ['error', error.message];
    if (this.isLate) return ['start', `it was not ready within ${this.spec.readyMs / 1_000} s`];
    return ['exit', `its thread ended with code ${exitCode}`];
  }

  /** Asks the policy, waits its delay, launches. Resolves when the new thread is ready. */
  private scheduleLaunch(cause: StopsignError | null = null): Promise<void> {
    const nowMs = performance.now();
    const decision = restartPolicy(this.restarts, nowMs, this.spec);
    if (decision.action === 'escalate') {
      const last = cause ? ` The last error: ${cause.message}` : '';
      const remedy = cause?.remedy === undefined ? {} : { remedy: cause.remedy };
      this.around.escalate(new StopsignError('ESCALATED', `${decision.reason}.${last}`, remedy));
      return Promise.resolve();
    }
    this.restarts = [...this.restarts.filter((t) => nowMs - t <= this.spec.withinMs), nowMs];
    this.row.add('restarts');
    return new Promise((resolve, reject) => {
      this.retry = setTimeout(() => this.launch().then(resolve, reject), decision.delayMs);
    });
  }
}
