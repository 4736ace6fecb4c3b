/**
 * Runs one child process as a part of the house: own process group (Ctrl-C of the terminal reaches the launcher alone),
 * readiness, output by lines, orderly end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { StopsignError } from '../errors.ts';
import { type EndingMessage, endingSchema } from '../rpc/ending.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseLogLine } from './log-output.ts';
import type { Facts, PartExit, RunningPart } from './part.ts';
import { feelPulse } from './pulse.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: NodeJS.ProcessEnv;
  /** `message`: it sends `{type: 'ready', …}` over IPC within the time. `spawned`: running is enough. */
  readonly ready: { readonly by: 'message'; readonly withinMs: number } | { readonly by: 'spawned' };
  /** Between SIGTERM and SIGKILL. */
  readonly stopMs: number;
  /** Its main thread must answer within this; absent: it is not asked. */
  readonly answersWithinMs?: number;
  /** A piece of the command line that tells it from others. */
  readonly marker: string;
}

export interface ProcessHooks {
  onLine(child: string, stream: 'stdout' | 'stderr', line: string): void;
  onStarted(child: string, pid: number, marker: string): void;
  onGone(child: string): void;
  /** What a child says over its channel, but for `ready` and `pong`. */
  onMessage?(child: string, message: unknown): void;
}

const LAST_OUTPUT_MS = 1_000;

/** pino's number for `error`. */
const ERROR_LEVEL = 50;

/** Resolves when the child is ready. */
export async function startChildProcess(
  spec: ProcessSpec,
  hooks: ProcessHooks,
  signal: AbortSignal,
): Promise<RunningPart> {
  signal.throwIfAborted();
  const [program, ...args] = spec.command;
  const isNode = spec.ready.by === 'message';
  const child = spawn(program, args, {
    detached: true,
    env: spec.env,
    stdio: isNode ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
  let lastWords: string | null = null;
  const listen = (stream: 'stdout' | 'stderr', line: string): void => {
    const entry = parseLogLine(line);
    if (entry ? entry.level >= ERROR_LEVEL : stream === 'stderr') lastWords = entry?.msg ?? line;
    hooks.onLine(spec.name, stream, line);
  };
  readLines(child, 'stdout', listen);
  readLines(child, 'stderr', listen);

  let ending: EndingMessage | null = null;
  if (isNode) {
    child.on('message', (message) => {
      ending = endingSchema.safeParse(message).data ?? ending;
    });
  }
  const exited = new Promise<PartExit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, lastWords: error.message }));
    child.once('exit', (code, exitSignal) => {
      endGroup(child);
      void lastOutput(child).then(() => {
        // It has ended itself, by the only means that asks no thread: what it said is how it meant it.
        if (ending && exitSignal === 'SIGKILL') resolve({ code: ending.code, signal: null, lastWords: ending.why });
        else resolve({ code, signal: exitSignal, lastWords });
      });
    });
  });
  void exited.then(() => hooks.onGone(spec.name));

  const part = new ProcessPart(child, exited, spec.stopMs);
  try {
    if (child.pid !== undefined) hooks.onStarted(spec.name, child.pid, spec.marker);
    if (isNode) child.on('message', (message) => hooks.onMessage?.(spec.name, message));
    part.facts = await waitUntilReady(child, exited, spec, signal);
    const withinMs = spec.answersWithinMs;
    if (withinMs !== undefined) {
      part.endPulse = feelPulse(child, {
        withinMs,
        onSilent: () => {
          lastWords = `its main thread gave no answer for ${withinMs / 1000} s`;
          part.kill();
        },
      });
    }
    return part;
  } catch (error) {
    if (error instanceof EndedEarly) throw error;
    await part.stop();
    throw error;
  }
}

/** The child ended before it was ready. */
export class EndedEarly extends Error {
  readonly exit: PartExit;

  constructor(exit: PartExit) {
    super('ended before it was ready');
    this.exit = exit;
  }
}

class ProcessPart implements RunningPart {
  facts: Facts = {};
  endPulse: () => void = () => {};
  readonly exited: Promise<PartExit>;
  readonly #child: ChildProcess;
  readonly #stopMs: number;
  #stopping: Promise<void> | undefined;

  constructor(child: ChildProcess, exited: Promise<PartExit>, stopMs: number) {
    this.#child = child;
    this.exited = exited;
    this.#stopMs = stopMs;
  }

  stop(withinMs = this.#stopMs): Promise<void> {
    this.#stopping ??= this.#stop(Math.min(withinMs, this.#stopMs));
    return this.#stopping;
  }

  freeze(isFrozen: boolean): void {
    this.#signal(isFrozen ? 'SIGSTOP' : 'SIGCONT', true);
  }

  send(message: object): boolean {
    return this.#child.connected && this.#child.send(message, () => {});
  }

  async #stop(withinMs: number): Promise<void> {
    // One that is on its way out owes no answers.
    this.endPulse();
    this.#signal('SIGTERM');
    // One that was made to stand still hears of it only when it goes on.
    this.#signal('SIGCONT', true);
    const force = setTimeout(() => this.kill(), withinMs);
    await this.exited;
    clearTimeout(force);
  }

  /** The whole group: what the child has started ends with it. */
  kill(): void {
    this.#signal('SIGKILL', true);
  }

  #signal(signal: NodeJS.Signals, wholeGroup = false): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(wholeGroup ? -pid : pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** Whatever the child has started ends with it: nobody would, later on. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** Until all that it said has arrived; bounded, since whoever it handed its output to may hold on to that for ever. */
async function lastOutput(child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(LAST_OUTPUT_MS);
  const isHeard = [
    once(child, 'close', { signal }),
    ...(child.connected ? [once(child, 'disconnect', { signal })] : []),
  ];
  await Promise.allSettled(isHeard);
}

function readLines(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  onLine: (stream: 'stdout' | 'stderr', line: string) => void,
): void {
  const splitter = new LineSplitter();
  const readable = child[stream];
  readable?.setEncoding('utf8');
  readable?.on('data', (chunk: string) => {
    for (const line of splitter.push(chunk)) onLine(stream, line);
  });
  readable?.on('end', () => {
    for (const line of splitter.end()) onLine(stream, line);
  });
}

async function waitUntilReady(
  child: ChildProcess,
  exited: Promise<PartExit>,
  { name, ready }: ProcessSpec,
  signal: AbortSignal,
): Promise<Facts> {
  const wait = new AbortController();
  const limit = AbortSignal.any([
    wait.signal,
    signal,
    ...(ready.by === 'message' ? [AbortSignal.timeout(ready.withinMs)] : []),
  ]);
  const early = exited.then((exit) => {
    throw new EndedEarly(exit);
  });
  try {
    const isReady = ready.by === 'message' ? readyMessage(child, limit) : once(child, 'spawn').then(() => ({}));
    return await Promise.race([isReady, early]);
  } catch (error) {
    if (error instanceof EndedEarly || signal.aborted || ready.by !== 'message') throw error;
    throw new StopsignError('INTERNAL', `${name} was not ready within ${ready.withinMs / 1000} s.`, { cause: error });
  } finally {
    wait.abort();
    early.catch(() => {});
  }
}

async function readyMessage(child: ChildProcess, signal: AbortSignal): Promise<Facts> {
  for (;;) {
    const [message] = (await once(child, 'message', { signal })) as [{ type?: unknown; url?: unknown } | null];
    if (message?.type === 'ready') return typeof message.url === 'string' ? { url: message.url } : {};
  }
}
