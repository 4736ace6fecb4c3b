/** How exact the last time round was: every pass of the clip with what was measured of it. Pure; for parts/truth-panel.tsx. */
import type { PassEvent } from '../../domain/types.ts';
import { type Comparison, comparePass, type Quantity } from './compare-pass.ts';
import { matchPasses, type PlayedPass, playedPass } from './match-passes.ts';
import type { TruthClip } from './truth-clip.ts';

export interface LapRow {
  readonly played: PlayedPass;
  /** null: it was not found, or nobody looked at that time. */
  readonly pass: PassEvent | null;
  readonly comparison: Comparison | null;
}

export interface LapSummary {
  readonly passes: number;
  readonly found: number;
  readonly sameVerdicts: number;
  /** Mean of the absolute differences; null without one. */
  readonly meanError: Readonly<Record<Quantity['key'], number | null>>;
}

/** A pass is told so long after the vehicle has left; earlier it is not missed. */
const TOLD_AFTER_S = 5;

/** In the clip's order, each pass as it was played last. */
export function lastLap(clip: TruthClip, passes: readonly PassEvent[], nowUtc: number): LapRow[] {
  const matches = matchPasses(clip, passes);
  const byPlayed = new Map(
    passes.flatMap((pass) => {
      const played = matches.get(pass.id);
      return played ? [[keyOf(played), pass] as const] : [];
    }),
  );
  return clip.passes.map((truth) => {
    const lap = Math.floor((nowUtc - truth.exitedS) / clip.durationS);
    const newest = playedPass(clip, truth, lap);
    const isDue = byPlayed.has(keyOf(newest)) || nowUtc - newest.exitedUtc >= TOLD_AFTER_S;
    const played = isDue ? newest : playedPass(clip, truth, lap - 1);
    const pass = byPlayed.get(keyOf(played)) ?? null;
    return { played, pass, comparison: pass && comparePass(pass, truth, clip.units) };
  });
}

export function summarise(rows: readonly LapRow[]): LapSummary {
  const comparisons = rows.flatMap(({ comparison }) => comparison ?? []);
  const mean = (key: Quantity['key']) => {
    const errors = comparisons.flatMap(({ quantities }) =>
      quantities.flatMap((one) => (one.key === key && one.difference !== null ? [Math.abs(one.difference)] : [])),
    );
    return errors.length === 0 ? null : errors.reduce((sum, error) => sum + error, 0) / errors.length;
  };
  return {
    passes: rows.length,
    found: comparisons.length,
    sameVerdicts: comparisons.filter(({ isSameVerdict }) => isSameVerdict).length,
    meanError: {
      stood: mean('stood'),
      slowest: mean('slowest'),
      approach: mean('approach'),
      distance: mean('distance'),
    },
  };
}

function keyOf({ lap, truth }: PlayedPass): string {
  return `${lap} ${truth.id}`;
}
