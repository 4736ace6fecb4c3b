/**
 * Looks at the board and says who is stuck. Pure: observations in, findings out; the memory is a value.
 * A stall is a still heartbeat, or input waiting while progress stands still.
 */
import type { ActorState } from '../../shm/status-board.ts';

export interface Observed {
  readonly name: string;
  readonly state: ActorState;
  readonly heartbeatUs: number;
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

/** Progress of each actor and since when (µs) it stands at that while input waits. */
export type WatchdogMemory = ReadonlyMap<string, { readonly progress: number; readonly sinceUs: number }>;

export function watchdog(
  memory: WatchdogMemory,
  observed: readonly Observed[],
  nowUs: number,
): [WatchdogMemory, readonly Finding[]] {
  const next = new Map<string, { progress: number; sinceUs: number }>();
  const findings: Finding[] = [];
  for (const actor of observed) {
    if (actor.state !== 'running') continue;
    const before = memory.get(actor.name);
    const still = actor.inputWaiting && before?.progress === actor.progress;
    const sinceUs = still ? before.sinceUs : nowUs;
    next.set(actor.name, { progress: actor.progress, sinceUs });
    const silentMs = (nowUs - actor.heartbeatUs) / 1000;
    const stuckMs = (nowUs - sinceUs) / 1000;
    if (silentMs > actor.stallMs) {
      findings.push({ name: actor.name, cause: 'heartbeat', detail: `no heartbeat for ${seconds(silentMs)} s` });
    } else if (stuckMs > actor.stallMs) {
      findings.push({
        name: actor.name,
        cause: 'stall',
        detail: `input waits and nothing moved for ${seconds(stuckMs)} s`,
      });
    }
  }
  return [next, findings];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
