/**
 * What to do when the process holds more memory than it may. Pure: one look in, the next state and what to do out.
 *
 *   over the limit for `lastsMs`   the room that holds most is restarted in order: what it knows is handed over
 *   still over `settleMs` later    restarting did not help: the process ends
 *   the fourth time in 10 minutes  it does not help for long either: the process ends
 *
 * The end of the process (70) is the launcher's to mend, and better chosen than the kernel's choice of whom to kill.
 */

export interface MemoryRules {
  readonly limitBytes: number;
  /** A peak that passes is nobody's leak. */
  readonly lastsMs: number;
  readonly settleMs: number;
  readonly mostRestarts: number;
  readonly withinMs: number;
}

export const MEMORY_TIMES: Omit<MemoryRules, 'limitBytes'> = {
  lastsMs: 10_000,
  settleMs: 30_000,
  mostRestarts: 3,
  withinMs: 600_000,
};

export interface MemoryState {
  readonly overSinceMs: number | null;
  /** When rooms were restarted for it, ms, ascending. */
  readonly restartsMs: readonly number[];
  /** The room whose restart is to help. */
  readonly relieving: { readonly room: string; readonly sinceMs: number } | null;
}

export const CALM: MemoryState = { overSinceMs: null, restartsMs: [], relieving: null };

export type MemoryStep =
  | { readonly do: 'nothing' }
  /** It helped: the incident is over. */
  | { readonly do: 'resolve'; readonly room: string }
  | { readonly do: 'restart'; readonly room: string }
  | { readonly do: 'end'; readonly why: string };

/**
 * @param heldBytes by the whole process
 * @param rooms what each thread's heap and buffers hold; the main thread is one of them, but cannot be restarted
 * @param nowMs monotonic
 */
export function memoryPolicy(
  before: MemoryState,
  heldBytes: number,
  rooms: readonly { readonly room: string; readonly bytes: number; readonly canRestart: boolean }[],
  nowMs: number,
  rules: MemoryRules,
): [MemoryState, MemoryStep] {
  const restartsMs = before.restartsMs.filter((at) => nowMs - at < rules.withinMs);
  const { relieving } = before;
  if (heldBytes <= rules.limitBytes) {
    const step: MemoryStep = relieving ? { do: 'resolve', room: relieving.room } : { do: 'nothing' };
    return [{ overSinceMs: null, restartsMs, relieving: null }, step];
  }
  const overSinceMs = before.overSinceMs ?? nowMs;
  const state: MemoryState = { overSinceMs, restartsMs, relieving };
  if (relieving) {
    if (nowMs - relieving.sinceMs < rules.settleMs) return [state, { do: 'nothing' }];
    return [state, { do: 'end', why: `restarting ${relieving.room} did not help` }];
  }
  if (nowMs - overSinceMs < rules.lastsMs) return [state, { do: 'nothing' }];
  if (restartsMs.length >= rules.mostRestarts) {
    const minutes = rules.withinMs / 60_000;
    return [state, { do: 'end', why: `${restartsMs.length} restarts within ${minutes} min did not help for long` }];
  }
  const fattest = [...rooms].sort((a, b) => b.bytes - a.bytes)[0];
  if (!fattest?.canRestart) return [state, { do: 'end', why: 'the main thread holds most of it' }];
  const { room } = fattest;
  return [
    { overSinceMs, restartsMs: [...restartsMs, nowMs], relieving: { room, sinceMs: nowMs } },
    { do: 'restart', room },
  ];
}
