/**
 * How thoroughly one pass stopped, compared with the others of its site: a percentile rank, never without n. Who stood
 * ranks above who rolled; of two that stood, the longer stand is higher, up to ENOUGH_S (waiting for traffic is no
 * merit); of two that rolled, the slower one. Definitions in docs/score.md. Pure.
 */
import type { ScoredPass } from './site-score.ts';

/** The strictest rule in use asks for three seconds. */
export const ENOUGH_S = 3;

export interface PassRank {
  /** 0 … 100: the share of the others' passes that stopped less thoroughly, equal ones counted half. */
  readonly percentile: number;
  /** Passes that it is compared with, itself not among them. */
  readonly n: number;
}

/** null when the pass could not be judged or measured, or when there is nothing to compare it with. */
export function passRank(pass: ScoredPass, others: readonly ScoredPass[]): PassRank | null {
  const own = thoroughness(pass);
  if (own === null) return null;
  let below = 0;
  let equal = 0;
  let n = 0;
  for (const other of others) {
    const its = thoroughness(other);
    if (its === null) continue;
    n++;
    if (its < own) below++;
    else if (its === own) equal++;
  }
  return n === 0 ? null : { percentile: (100 * (below + equal / 2)) / n, n };
}

/** One number to sort by: seconds stood above 0, km/h of the slowest moment below. Means nothing else. */
function thoroughness({ verdict, stoppedS, minSpeedKmh }: ScoredPass): number | null {
  if (verdict === 'indeterminate') return null;
  if (stoppedS !== null && stoppedS > 0) return Math.min(stoppedS, ENOUGH_S);
  return minSpeedKmh === null ? null : -Math.max(0, minSpeedKmh);
}
