/**
 * Looks at the board and says who is stuck, and in what. Pure: observations in, findings out; the memory is a value.
 *
 *   heartbeat  the thread gives no sign of life: in JavaScript soon, inside one native call later
 *   stall      it beats, input waits, nothing moves, and there is room for output: who waits for another is not the one to blame
 *   output     input is taken in, but nothing comes out; later when the fault may lie in the input
 *
 * Only changes count, measured in time that was watched: setting the system clock frightens nobody, nor does a machine
 * that slept, since between two looks at most `STEP_LIMIT_MS` pass.
 */

export interface Observed {
  readonly name: string;
  /** Of its thread: what was remembered of another one does not count against this one, nor for it. */
  readonly generation: number;
  /** It runs, or closes without having been asked to. Starting has a deadline of its own. */
  readonly isExpectedAlive: boolean;
  /** Any number that changes with each beat. */
  readonly heartbeat: number;
  readonly isInNative: boolean;
  readonly progress: number;
  /** Something lies in a ring this actor reads. */
  readonly inputWaiting: boolean;
  /** A ring that it writes is (nearly) full. */
  readonly isBlocked: boolean;
  readonly flows: readonly ObservedFlow[];
  readonly silentMs: number;
  readonly nativeMs: number;
  readonly stallMs: number;
  readonly outputMs: number;
  /** Instead of that for a thread that has given nothing yet, or that complained since it gave something. */
  readonly unprovenMs: number;
  /** Any number that grows when it gets something that it cannot use. */
  readonly complaints: number;
}

/** What one input has given to one output so far. */
export interface ObservedFlow {
  readonly output: string;
  readonly taken: number;
  readonly given: number;
}

export interface Finding {
  readonly name: string;
  readonly cause: 'heartbeat' | 'stall' | 'output';
  /** It hangs in one native call, and has had its time for that. */
  readonly isInCall: boolean;
  readonly detail: string;
}

interface Remembered {
  readonly generation: number;
  readonly seenMs: number;
  readonly heartbeat: number;
  readonly silentMs: number;
  /** Pieces of work have been done since the last beat: then it does not hang in a single call. */
  readonly hasMoved: boolean;
  readonly progress: number;
  /** For how long it stands at that while input waits. */
  readonly stillMs: number;
  readonly flows: readonly RememberedFlow[];
}

interface RememberedFlow extends ObservedFlow {
  readonly emptyMs: number;
  /** It has given something since it was first seen running. */
  readonly isProven: boolean;
  /** Complaints when it gave something last. */
  readonly complaints: number;
}

export type WatchdogMemory = ReadonlyMap<string, Remembered>;

const STEP_LIMIT_MS = 1_000;

/** @param nowMs monotonic */
export function watchdog(
  memory: WatchdogMemory,
  observed: readonly Observed[],
  nowMs: number,
): [WatchdogMemory, readonly Finding[]] {
  const next = new Map<string, Remembered>();
  const findings: Finding[] = [];
  for (const one of observed) {
    if (!one.isExpectedAlive) continue;
    const before = memory.get(one.name);
    const now = remember(before?.generation === one.generation ? before : undefined, one, nowMs);
    next.set(one.name, now);
    const finding = judge(one, now);
    if (finding) findings.push({ name: one.name, ...finding });
  }
  return [next, findings];
}

function remember(before: Remembered | undefined, one: Observed, nowMs: number): Remembered {
  const { heartbeat, progress, inputWaiting, isBlocked } = one;
  const stepMs = before ? Math.min(STEP_LIMIT_MS, nowMs - before.seenMs) : 0;
  const isStill = before !== undefined && inputWaiting && !isBlocked && before.progress === progress;
  return {
    generation: one.generation,
    seenMs: nowMs,
    heartbeat,
    silentMs: before?.heartbeat === heartbeat ? before.silentMs + stepMs : 0,
    hasMoved: before?.heartbeat === heartbeat && (before.hasMoved || before.progress !== progress),
    progress,
    stillMs: isStill ? before.stillMs + stepMs : 0,
    flows: one.flows.map((flow, i) => {
      const last = before?.flows[i];
      const isEmpty = last !== undefined && !isBlocked && last.given === flow.given;
      // Time without input is no time without output.
      const addMs = last !== undefined && last.taken !== flow.taken ? stepMs : 0;
      const hasGiven = last !== undefined && last.given !== flow.given;
      return {
        ...flow,
        emptyMs: isEmpty ? last.emptyMs + addMs : 0,
        isProven: hasGiven || (last?.isProven ?? false),
        complaints: last === undefined || hasGiven ? one.complaints : last.complaints,
      };
    }),
  };
}

function judge(one: Observed, now: Remembered): Omit<Finding, 'name'> | null {
  const isInCall = one.isInNative && !now.hasMoved;
  if (now.silentMs > (isInCall ? one.nativeMs : one.silentMs)) {
    const where = isInCall ? ', inside native code' : '';
    return { cause: 'heartbeat', isInCall, detail: `no heartbeat for ${seconds(now.silentMs)} s${where}` };
  }
  // Whoever is silent as well is in the middle of something: then the heartbeat's limits hold.
  if (now.stillMs > one.stallMs && now.silentMs < one.silentMs / 2) {
    return { cause: 'stall', isInCall: false, detail: `input waits and nothing moved for ${seconds(now.stillMs)} s` };
  }
  const empty = now.flows.find(({ emptyMs, isProven, complaints }) => {
    return emptyMs > (isProven && complaints === one.complaints ? one.outputMs : one.unprovenMs);
  });
  if (!empty) return null;
  return {
    cause: 'output',
    isInCall: false,
    detail: `takes input and gave nothing to ${empty.output} for ${seconds(empty.emptyMs)} s`,
  };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
