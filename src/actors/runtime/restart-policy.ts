/**
 * When to start a dead actor again. Pure. Restart intensity and escalation as in Erlang/OTP's supervisor: more than
 * `maxRestarts` within `withinMs` means that restarting does not help.
 */
import type { ChildSpec } from './child-spec.ts';

export type RestartDecision =
  | { readonly action: 'restart'; readonly delayMs: number }
  | { readonly action: 'escalate'; readonly reason: string };

const MAX_DOUBLINGS = 4;

/** @param history times (ms, monotonic) of earlier restarts of this actor, ascending */
export function restartPolicy(
  history: readonly number[],
  nowMs: number,
  spec: Pick<ChildSpec, 'name' | 'maxRestarts' | 'withinMs' | 'backoffMs'>,
): RestartDecision {
  const recent = history.filter((t) => nowMs - t <= spec.withinMs).length;
  if (recent >= spec.maxRestarts) {
    return {
      action: 'escalate',
      reason: `${spec.name} was restarted ${recent} times within ${spec.withinMs / 1000} s`,
    };
  }
  return { action: 'restart', delayMs: recent === 0 ? 0 : spec.backoffMs * 2 ** Math.min(recent - 1, MAX_DOUBLINGS) };
}
