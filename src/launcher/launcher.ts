/**
 * Keeps the parts of the house running: starts them as their dependencies become ready, restarts what ends, gives up
 * loudly, and stops everything in reverse order. Knows nothing of what the parts are; `plan.ts` lists them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, ERROR_CODES, StopsignError } from '../errors.ts';
import { type CameraFaultKind, isCameraFault, type PartFault } from '../rpc/fault.ts';
import type { Log } from '../telemetry/log.ts';
import { EndedEarly } from './child-process.ts';
import type { Facts, PartExit, PartSpec, RunningPart } from './part.ts';
import { decideRestart } from './restart-policy.ts';

/** A child that ends with one of these says that starting it again cannot help. */
const PERMANENT_CODES: readonly number[] = [ERROR_CODES.BAD_CONFIG, ERROR_CODES.INPUT_MISSING];
/** But what was there when it was ready the last time may come back: a disk, memory, descriptors. */
const MAY_COME_BACK: readonly number[] = [ERROR_CODES.INPUT_MISSING];

/** The whole house ends within 5 s: whoever is stopped last gets what is left of this. */
const HOUSE_STOP_MS = 4_800;
const LEAST_STOP_MS = 300;
const UP_EVERY_MS = 50;

/** Told of every end that nobody asked for, and of every start. */
export interface PartWatcher {
  onEnded(part: string, how: string): void;
  onReady(part: string): void;
}

export interface LauncherOptions {
  readonly log: Log;
  readonly watcher?: PartWatcher;
  /** Called once, when every part has been ready. */
  onReady?(facts: ReadonlyMap<string, Facts>): void;
  /** Monotonic, ms. */
  now?(): number;
}

interface Slot {
  readonly spec: PartSpec;
  readonly firstReady: PromiseWithResolversOf<void>;
  running: RunningPart | undefined;
  facts: Facts | undefined;
  /** What it was told when it was started last, as JSON. */
  given: string;
  /** What it shall do on purpose for now. */
  fault: CameraFaultKind | null;
  faultTimer: NodeJS.Timeout | undefined;
  failures: readonly number[];
  /** It is stopped on purpose, to start again with new facts. */
  isBouncing: boolean;
  /** It was made to stay away until then, ms, monotonic. */
  awayUntilMs: number;
  loop: Promise<void>;
}

export class Launcher {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #onReady: LauncherOptions['onReady'];
  readonly #watcher: PartWatcher | undefined;
  readonly #abort = new AbortController();
  readonly #stopped = withResolvers<number>();
  #exitCode = 0;
  #stopping: Promise<void> | undefined;

  /** @param specs in start order; a part may depend only on earlier ones */
  constructor(specs: readonly PartSpec[], options: LauncherOptions) {
    this.#slots = new Map(specs.map((spec) => [spec.name, newSlot(spec)]));
    this.#log = options.log;
    this.#now = options.now ?? (() => performance.now());
    this.#onReady = options.onReady;
    this.#watcher = options.watcher;
  }

  /** Resolves with the exit code after everything has been stopped again. */
  async run(): Promise<number> {
    for (const slot of this.#slots.values()) slot.loop = this.#keep(slot);
    void this.#announce();
    return this.#stopped.promise;
  }

  /** Orderly, dependants first. Idempotent: the first exit code stays. */
  stop(exitCode = 0): Promise<void> {
    this.#stopping ??= this.#stop(exitCode);
    return this.#stopping;
  }

  /** For an operator who does not want to wait. */
  kill(): void {
    for (const slot of this.#slots.values()) slot.running?.kill();
  }

  /** To a child over its channel; false while it does not run. */
  tell(part: string, message: object): boolean {
    return this.#slots.get(part)?.running?.send?.(message) ?? false;
  }

  /** Does to a part what an accident might do. Only called in a house that was started for it. */
  inject({ part, kind, seconds }: PartFault): void {
    const slot = this.#slots.get(part);
    const running = slot?.running;
    this.#log.warn({ part, kind, seconds }, `a fault is injected: ${kind} ${part}`);
    if (!slot) return;
    if (isCameraFault(kind)) {
      this.#pretend(slot, kind);
      clearTimeout(slot.faultTimer);
      slot.faultTimer = setTimeout(() => this.#pretend(slot, null), seconds * 1_000).unref();
    } else if (!running) return;
    else if (kind === 'kill') running.kill();
    else if (kind === 'stop') {
      slot.awayUntilMs = this.#now() + seconds * 1_000;
      void running.stop();
    } else {
      running.freeze?.(true);
      setTimeout(() => running.freeze?.(false), seconds * 1_000).unref();
    }
  }

  #pretend(slot: Slot, fault: CameraFaultKind | null): void {
    slot.fault = fault;
    if (!this.#abort.signal.aborted) this.#bounceIfOutdated(slot);
  }

  async #stop(exitCode: number): Promise<void> {
    const deadlineMs = this.#now() + HOUSE_STOP_MS;
    this.#exitCode = exitCode;
    this.#abort.abort();
    const stopping = new Map<string, Promise<void>>();
    const stopSlot = (slot: Slot): Promise<void> => {
      const known = stopping.get(slot.spec.name);
      if (known) return known;
      const done = (async () => {
        const dependants = [...this.#slots.values()].filter((other) => other.spec.after.includes(slot.spec.name));
        await Promise.all(dependants.map(stopSlot));
        await slot.running?.stop(Math.max(LEAST_STOP_MS, deadlineMs - this.#now()));
        await slot.loop;
      })();
      stopping.set(slot.spec.name, done);
      return done;
    };
    await Promise.all([...this.#slots.values()].map(stopSlot));
    this.#stopped.resolve(this.#exitCode);
  }

  /** One part's life: start, wait for its end, think, start again. */
  async #keep(slot: Slot): Promise<void> {
    const { spec } = slot;
    const { signal } = this.#abort;
    await interruptible(Promise.all(spec.after.map((name) => this.#slots.get(name)?.firstReady.promise)), signal);
    while (!signal.aborted) {
      await this.#stayAway(slot);
      if (spec.waitsForOthers) await this.#othersAreUp(slot);
      if (signal.aborted) return;
      const startedMs = this.#now();
      const outcome = await this.#start(slot);
      if (outcome.running) {
        const exit = await outcome.running.exited;
        slot.running = undefined;
        if (signal.aborted) return;
        if (slot.isBouncing) {
          slot.isBouncing = false;
          continue;
        }
        if (!(await this.#recover(slot, exit, this.#now() - startedMs))) return;
      } else if (signal.aborted || !(await this.#recover(slot, outcome.exit, 0))) {
        return;
      }
    }
  }

  async #stayAway({ awayUntilMs }: Slot): Promise<void> {
    const { signal } = this.#abort;
    const leftMs = awayUntilMs - this.#now();
    if (leftMs > 0) await interruptible(sleep(leftMs, undefined, { signal }), signal);
  }

  async #othersAreUp({ spec }: Slot): Promise<void> {
    const { signal } = this.#abort;
    const isUp = (name: string): boolean => this.#slots.get(name)?.running !== undefined;
    while (!signal.aborted && !spec.after.every(isUp)) {
      await interruptible(sleep(UP_EVERY_MS, undefined, { signal }), signal);
    }
  }

  async #start(slot: Slot): Promise<{ running: RunningPart } | { running: undefined; exit: PartExit }> {
    const { spec } = slot;
    const { signal } = this.#abort;
    const startedMs = this.#now();
    slot.given = this.#circumstances(slot);
    try {
      const running = await spec.start(this.#knownFacts(), signal, slot.fault);
      slot.running = running;
      // Stopping began while it started: the stop has not seen it.
      if (signal.aborted) await running.stop();
      else if (slot.given !== this.#circumstances(slot)) this.#bounce(slot);
      else this.#becomeReady(slot, running.facts, startedMs);
      return { running };
    } catch (error) {
      if (error instanceof EndedEarly) return { running: undefined, exit: error.exit };
      const known = StopsignError.from(error);
      const code = PERMANENT_CODES.includes(known.exitCode) ? known.exitCode : null;
      return { running: undefined, exit: { code, signal: null, lastWords: describeError(known) } };
    }
  }

  #becomeReady(slot: Slot, facts: Facts, startedMs: number): void {
    const { name } = slot.spec;
    slot.facts = facts;
    slot.firstReady.resolve();
    this.#watcher?.onReady(name);
    this.#log.info({ part: name, ms: Math.round(this.#now() - startedMs) }, `${name} is ready`);
    // One that is still starting is looked at when it is ready.
    for (const other of this.#slots.values()) this.#bounceIfOutdated(other);
  }

  #bounceIfOutdated(slot: Slot): void {
    if (slot.running && !slot.isBouncing && slot.given !== this.#circumstances(slot)) this.#bounce(slot);
  }

  /** It holds on to an address that is no more, or shall do something else. */
  #bounce(slot: Slot): void {
    const { name } = slot.spec;
    this.#log.info({ part: name, fault: slot.fault }, `${name} starts again under other circumstances`);
    slot.isBouncing = true;
    void slot.running?.stop();
  }

  #circumstances({ spec, fault }: Slot): string {
    return JSON.stringify([fault, ...spec.after.map((name) => this.#slots.get(name)?.facts ?? {})]);
  }

  /** Waits before the next start; false when there is none. */
  async #recover(slot: Slot, exit: PartExit, ranMs: number): Promise<boolean> {
    const { name, limits } = slot.spec;
    const how = describeExit(exit);
    this.#watcher?.onEnded(name, how);
    const wasReady = slot.facts !== undefined;
    if (exit.code !== null && PERMANENT_CODES.includes(exit.code) && !(wasReady && MAY_COME_BACK.includes(exit.code))) {
      this.#log.fatal({ part: name }, `${name} ${how}. Starting it again would not help.`);
      void this.stop(exit.code);
      return false;
    }
    const decision = decideRestart(slot.failures, this.#now(), ranMs, limits);
    slot.failures = decision.failures;
    if (decision.action === 'give-up') {
      const times = `${decision.failures.length} times within ${limits.withinMs / 1000} s`;
      this.#log.fatal({ part: name }, `Giving up: ${name} ended ${times}; the last time it ${how}.`);
      void this.stop(ERROR_CODES.ESCALATED);
      return false;
    }
    const restart = decision.failures.length;
    this.#log.warn({ part: name, restart, delayMs: decision.delayMs }, `${name} ${how}; starting it again`);
    await interruptible(sleep(decision.delayMs, undefined, { signal: this.#abort.signal }), this.#abort.signal);
    return !this.#abort.signal.aborted;
  }

  #knownFacts(): ReadonlyMap<string, Facts> {
    return new Map([...this.#slots.values()].map((slot) => [slot.spec.name, slot.facts ?? {}]));
  }

  async #announce(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.firstReady.promise));
    if (!this.#abort.signal.aborted) this.#onReady?.(this.#knownFacts());
  }
}

function newSlot(spec: PartSpec): Slot {
  return {
    spec,
    firstReady: withResolvers<void>(),
    running: undefined,
    facts: undefined,
    given: '',
    fault: null,
    faultTimer: undefined,
    failures: [],
    isBouncing: false,
    awayUntilMs: 0,
    loop: Promise.resolve(),
  };
}

function describeExit({ code, signal, lastWords }: PartExit): string {
  const how = signal ? `was ended by ${signal}` : code === null ? 'could not be started' : `ended with code ${code}`;
  return lastWords ? `${how} ("${lastWords.replace(/\.$/, '')}")` : how;
}

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Resolves when the work is done or the signal aborts, whichever is first. */
async function interruptible(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let onAbort: () => void = () => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
