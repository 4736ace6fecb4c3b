/**
 * Looks at the board and says who is stuck. Pure: observations in, findings out; the memory is a value.
 * A stall is a heartbeat that does not change, or input waiting while progress stands still. Only changes count, measured
 * on the observer's monotonic clock: setting the system clock frightens nobody.
 */

export interface Observed {
  readonly name: string;
  /** It runs, or closes without having been asked to. Starting has a deadline of its own. */
  readonly isExpectedAlive: boolean;
  /** Any number that changes with each beat. */
  readonly heartbeat: number;
  readonly progress: number;
  /** Something lies in a ring this actor reads. */
  readonly inputWaiting: boolean;
  readonly stallMs: number;
}

export interface Finding {
  readonly name: string;
  readonly cause: 'heartbeat' | 'stall';
  readonly detail: string;
}

interface Remembered {
  readonly heartbeat: number;
  readonly heartbeatSinceMs: number;
  readonly progress: number;
  /** Since when it stands at that while input waits. */
  readonly stillSinceMs: number;
}

export type WatchdogMemory = ReadonlyMap<string, Remembered>;

/** @param nowMs monotonic */
export function watchdog(
  memory: WatchdogMemory,
  observed: readonly Observed[],
  nowMs: number,
): [WatchdogMemory, readonly Finding[]] {
  const next = new Map<string, Remembered>();
  const findings: Finding[] = [];
  for (const { name, isExpectedAlive, heartbeat, progress, inputWaiting, stallMs } of observed) {
    if (!isExpectedAlive) continue;
    const before = memory.get(name);
    const heartbeatSinceMs = before?.heartbeat === heartbeat ? before.heartbeatSinceMs : nowMs;
    const stillSinceMs = inputWaiting && before?.progress === progress ? before.stillSinceMs : nowMs;
    next.set(name, { heartbeat, heartbeatSinceMs, progress, stillSinceMs });
    const silentMs = nowMs - heartbeatSinceMs;
    const stuckMs = nowMs - stillSinceMs;
    if (silentMs > stallMs) {
      findings.push({ name, cause: 'heartbeat', detail: `no heartbeat for ${seconds(silentMs)} s` });
    } else if (stuckMs > stallMs) {
      findings.push({ name, cause: 'stall', detail: `input waits and nothing moved for ${seconds(stuckMs)} s` });
    }
  }
  return [next, findings];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
