/**
 * The predecessor's verdict and score of a pass that its scorer found. Both rest on the time in the zone far more than on
 * standing, which is why they are kept for comparison only. Pure; called by `stopsign score --legacy`.
 */
import type { LegacyScore } from './score-rows.ts';

export type LegacyVerdict = 'Full Stop' | 'Rolling Stop' | 'No Stop';

const FULL = { timeInZoneS: 2, stopDurationS: 1.2, minSpeed: 12 } as const;
const ROLLING_TIME_IN_ZONE_S = 1.5;
/** Longer stays are parked vehicles and have no place in the ranking. */
const RANKED_BELOW_S = 30;

/** null when it was no pass. */
export function legacyVerdict(score: LegacyScore): LegacyVerdict | null {
  const { outcome, timeInZoneS, stopDurationS, minSpeed } = score;
  if (outcome !== 'pass' || timeInZoneS === null || stopDurationS === null || minSpeed === null) return null;
  if (timeInZoneS >= FULL.timeInZoneS && stopDurationS >= FULL.stopDurationS && minSpeed < FULL.minSpeed) {
    return 'Full Stop';
  }
  return timeInZoneS >= ROLLING_TIME_IN_ZONE_S ? 'Rolling Stop' : 'No Stop';
}

export interface LegacyRank {
  /** 0 … 100: the share of ranked passes that stayed no longer; 0 when there are none. */
  readonly score: number;
  /** Passes it was ranked among. */
  readonly n: number;
}

/** @param allTimesS time in zone of every pass of the site; those of 30 s and more are left out here */
export function legacyRank(timeInZoneS: number, allTimesS: readonly number[]): LegacyRank {
  const ranked = allTimesS.filter((time) => time < RANKED_BELOW_S);
  const notLonger = ranked.filter((time) => time <= timeInZoneS).length;
  return { score: ranked.length === 0 ? 0 : halfToEven((notLonger / ranked.length) * 100), n: ranked.length };
}

/** As Python rounds. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
