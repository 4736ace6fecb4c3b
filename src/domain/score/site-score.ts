/**
 * How well a site is obeyed: the share of full stops among the passes that could be judged, with its interval and never
 * without n. Definitions in docs/score.md. Pure; asked by the gateway and by `stopsign score`.
 */
import type { Interval, Verdict } from '../types.ts';
import { shareOf } from './wilson.ts';

/** What a score needs to know of a pass. */
export interface ScoredPass {
  readonly verdict: Verdict;
  /** Another vehicle stood in front of it: it had no choice. */
  readonly forced: boolean;
  /** Seconds; null when it cannot be had. */
  readonly stoppedS: number | null;
  /** km/h, whatever the site's unit; null without calibration. */
  readonly minSpeedKmh: number | null;
}

export interface SiteScore {
  /** All passes, those that could not be judged included. */
  readonly passes: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Of the passes that could be judged. `score` = 100 × the share of full stops, rounded; null without any. */
  readonly judged: ShareOfStops;
  /** The same for those that nobody stood in front of: what drivers do of their own will. */
  readonly voluntary: ShareOfStops;
}

export interface ShareOfStops {
  readonly n: number;
  readonly score: number | null;
  /** 0 … 1, 95 % (Wilson) */
  readonly fullStops: Interval | null;
}

export function siteScore(passes: readonly ScoredPass[]): SiteScore {
  const verdicts: Record<Verdict, number> = { full_stop: 0, rolling_stop: 0, no_stop: 0, indeterminate: 0 };
  for (const pass of passes) verdicts[pass.verdict]++;
  const judged = passes.filter((pass) => pass.verdict !== 'indeterminate');
  return {
    passes: passes.length,
    verdicts,
    judged: stopsAmong(judged),
    voluntary: stopsAmong(judged.filter((pass) => !pass.forced)),
  };
}

function stopsAmong(passes: readonly ScoredPass[]): ShareOfStops {
  const n = passes.length;
  const fullStops = shareOf(passes.filter((pass) => pass.verdict === 'full_stop').length, n);
  return { n, score: fullStops && Math.round(100 * fullStops.value), fullStops };
}
