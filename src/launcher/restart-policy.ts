/** When a part of the house is started again, how soon, and when not any more. Pure; the launcher acts on it. */

export interface RestartLimits {
  /** More failures than this within the window end the launcher; Infinity for a part the house can live without. */
  readonly maxRestarts: number;
  readonly withinMs: number;
  /** Wait before the first restart; doubles with each failure. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** A part that ran this long was healthy: earlier failures are forgotten. */
  readonly healthyMs: number;
}

export type RestartDecision =
  | { readonly action: 'restart'; readonly delayMs: number; readonly failures: readonly number[] }
  | { readonly action: 'give-up'; readonly failures: readonly number[] };

export const DEFAULT_LIMITS: RestartLimits = {
  maxRestarts: 5,
  withinMs: 120_000,
  backoffMs: 250,
  maxBackoffMs: 10_000,
  healthyMs: 30_000,
};

/**
 * @param failures times of earlier failures, ms, ascending; the returned list replaces it
 * @param ranMs how long the part was up before this failure, 0 when it never became ready
 */
export function decideRestart(
  failures: readonly number[],
  nowMs: number,
  ranMs: number,
  limits: RestartLimits,
): RestartDecision {
  const remembered = ranMs >= limits.healthyMs ? [] : failures.filter((at) => nowMs - at < limits.withinMs);
  const all = [...remembered, nowMs];
  if (all.length > limits.maxRestarts) return { action: 'give-up', failures: all };
  const delayMs = Math.min(limits.maxBackoffMs, limits.backoffMs * 2 ** (all.length - 1));
  return { action: 'restart', delayMs, failures: all };
}
