/**
 * Starts the actors of a plan, watches the board, replaces who dies or stands still, stops them in reverse order.
 * Lives on the analyzer's main thread. What it decides is pure (`restart-policy`, `watchdog`); this file acts.
 */
import type { MessagePort } from 'node:worker_threads';
import { StopsignError } from '../../errors.ts';
import type { Incident, SupervisorControl } from '../../rpc/control.ts';
import type { PartFault } from '../../rpc/fault.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { exposeControl } from './control.ts';
import { FaultDesk } from './faults/fault-desk.ts';
import { House } from './house.ts';
import { IncidentLog } from './incident-log.ts';
import { type Plan, SUPERVISOR } from './plan.ts';
import { SupervisedChild } from './supervised-child.ts';
import { type Observed, type WatchdogMemory, watchdog } from './watchdog.ts';

const WATCH_EVERY_MS = 100;
/** The supervisor's own thread: a look that comes so late means that it was held up. */
const LATE_MS = 1_000;
/** Setting the clock by less is corrected all the time, and nobody's incident. */
const CLOCK_JUMP_S = 1;

export interface SupervisorOptions {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly log: Log;
  /** Where compiled rooms lie: entries of child specs are relative to it. */
  readonly root: URL;
  /** Actors that may call the supervisor (the gateway). */
  readonly trusted: readonly string[];
  /** Given: faults may be injected on purpose; those for other processes go to the launcher. */
  readonly faults?: { toLauncher(fault: PartFault): void } | undefined;
  newId(): string;
  onIncident(incident: Incident): void;
  /** Called at most once: the process should end with the error's exit code. */
  onEscalation(error: StopsignError): void;
}

export class Supervisor implements AsyncDisposable {
  readonly house: House;
  private readonly options: SupervisorOptions;
  private readonly children: readonly SupervisedChild[];
  private readonly incidents: IncidentLog;
  private memory: WatchdogMemory = new Map();
  private watching: NodeJS.Timeout | undefined;
  private escalated = false;
  private readonly faults: FaultDesk | null;
  private lookedMs = 0;
  /** System clock − monotonic clock when last looked. */
  private clockOffsetMs: number;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.house = new House(options.plan);
    this.incidents = new IncidentLog({
      clock: options.clock,
      newId: () => options.newId(),
      onChange: (incident) => options.onIncident(incident),
      lostFrames: (actor) => this.house.lostFrames(actor),
    });
    this.clockOffsetMs = options.clock.nowUs() / 1_000 - performance.now();
    const { incidents } = this;
    const { log, faults } = options;
    const child = (name: string) => this.child(name);
    this.faults = faults
      ? new FaultDesk({
          ...{ incidents, log, child },
          children: () => this.children,
          toLauncher: (fault) => faults.toLauncher(fault),
        })
      : null;
    const around = {
      house: this.house,
      clock: options.clock,
      log: options.log,
      incidents: this.incidents,
      root: options.root,
      mayFail: options.faults !== undefined,
      supervisorPort: (child: { name: string }, port: MessagePort) => {
        if (!options.trusted.includes(child.name)) return false;
        exposeControl(this.control, port);
        return true;
      },
      escalate: (error: StopsignError) => this.escalate(error),
    };
    this.children = options.plan.children.map((spec) => new SupervisedChild(spec, around));
  }

  /** Offered to trusted rooms. */
  readonly control: SupervisorControl = {
    restart: async (actor, by) => this.child(actor).restart('operator', `restarted by ${by}`),
    incidents: async (limit) => this.incidents.latest(limit),
    command: async (actor, name, argument) => this.child(actor).command(name, argument),
    fault: async (request, by) => {
      if (this.faults) return this.faults.inject(request, by);
      throw new StopsignError('BAD_USAGE', 'faults cannot be injected into this house.', {
        remedy: 'Start it with --enable-faults, but never where it matters.',
      });
    },
  };

  /** Starts everything left to right; resolves when all are ready. One that fails is already being retried then. */
  async start(): Promise<void> {
    const starts = this.children.map((child) => child.start());
    this.watching = setInterval(() => this.watch(), WATCH_EVERY_MS);
    await Promise.allSettled(starts);
  }

  /** Stops everything right to left, rooms of one kind together; resolves when every thread has ended. */
  async close(): Promise<void> {
    clearInterval(this.watching);
    // Rooms that leave something to a successor look here: none will come.
    this.house.board.row(SUPERVISOR).state = 'stopping';
    const kinds = new Set(this.children.map(({ kind }) => kind));
    for (const kind of [...kinds].toReversed()) {
      await Promise.all(this.children.filter((child) => child.kind === kind).map((child) => child.stop()));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends an actor's thread at once, as a crash would: for tests, and as the operator's last resort. */
  async terminate(actor: string): Promise<void> {
    await this.child(actor).terminate();
  }

  /** The process holds too much memory, and this actor most of it: stopped in order, and begun anew. */
  restartForMemory(actor: string, detail: string): void {
    this.options.log.error({ actor, cause: 'memory' }, detail);
    this.child(actor)
      .restart('memory', detail)
      .catch(() => {});
  }

  /** The process has to end, for a reason that lies in no single actor. */
  giveUp(error: StopsignError): void {
    this.escalate(error);
  }

  /** For conditions that are nobody's crash (a camera gone): opened and resolved by who sees them. */
  openIncident(actor: string, cause: Incident['cause'], detail: string): void {
    this.incidents.open(actor, this.house.board.row(actor).get('generation'), cause, detail);
  }
  resolveIncident(actor: string, cause: Incident['cause']): void {
    this.incidents.resolve(actor, cause);
  }

  /** What the launcher saw: a process of the house that ended or gave no answer. */
  adoptIncident(incident: Incident): void {
    this.incidents.adopt(incident);
  }

  private watch(): void {
    const nowMs = performance.now();
    this.watchSelf(nowMs);
    const observed = this.children.map((child): Observed => {
      const { spec, row, isExpectedAlive } = child;
      return {
        name: spec.name,
        generation: child.generation,
        isExpectedAlive,
        heartbeat: row.get('heartbeatUs'),
        isInNative: row.get('inNative') === 1,
        progress: row.get('progress'),
        inputWaiting: this.house.hasInput(spec.name),
        isBlocked: this.house.isBlocked(spec.name),
        flows: (spec.flows ?? []).map((flow) => this.house.flowed(spec.name, flow)),
        silentMs: spec.silentMs,
        nativeMs: spec.nativeMs,
        stallMs: spec.stallMs,
        outputMs: spec.outputMs,
        unprovenMs: spec.unprovenMs ?? spec.outputMs,
        complaints: row.get('errors'),
      };
    });
    const [memory, findings] = watchdog(this.memory, observed, nowMs);
    this.memory = memory;
    for (const { name, cause, detail, isInCall } of findings) {
      this.options.log.error({ actor: name, cause }, detail);
      this.child(name)
        .restart(cause, detail, isInCall)
        .catch(() => {});
    }
  }

  /** The thread that watches the others shows its own heartbeat, and says when it was held up. */
  private watchSelf(nowMs: number): void {
    const lateMs = this.lookedMs === 0 ? 0 : nowMs - this.lookedMs - WATCH_EVERY_MS;
    this.lookedMs = nowMs;
    const row = this.house.board.row(SUPERVISOR);
    row.set('heartbeatUs', this.options.clock.nowUs());
    this.watchClock(nowMs);
    row.set('latencyUs', Math.max(0, lateMs) * 1_000);
    if (lateMs <= LATE_MS) return;
    this.options.log.warn({ lateMs: Math.round(lateMs) }, 'the main thread was held up');
    const detail = `the main thread was held up for ${(lateMs / 1_000).toFixed(1)} s, or the machine slept`;
    this.incidents.note(SUPERVISOR, 0, 'delay', detail);
  }

  /** All threads follow when the system clock is set; whoever reads times later must be able to tell. */
  private watchClock(nowMs: number): void {
    const offsetMs = this.options.clock.nowUs() / 1_000 - nowMs;
    const byS = (offsetMs - this.clockOffsetMs) / 1_000;
    this.clockOffsetMs = offsetMs;
    if (Math.abs(byS) < CLOCK_JUMP_S) return;
    const way = byS > 0 ? 'ahead' : 'back';
    const detail = `the system clock was set ${way} by ${Math.abs(byS).toFixed(1)} s${byS > 0 ? ', or the machine slept' : ''}`;
    this.options.log.warn({ byS: Math.round(byS * 1_000) / 1_000 }, detail);
    this.incidents.note(SUPERVISOR, 0, 'clock', detail);
  }

  private escalate(error: StopsignError): void {
    if (this.escalated) return;
    this.escalated = true;
    this.options.onEscalation(error);
  }

  private child(name: string): SupervisedChild {
    const child = this.children.find(({ spec }) => spec.name === name);
    if (!child) throw new StopsignError('BAD_INPUT', `there is no actor named ${name}.`);
    return child;
  }
}
