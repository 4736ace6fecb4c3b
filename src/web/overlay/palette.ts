/** Colours over the picture: the same in light and dark, because the picture is. Kept in step with styles/tokens.css. */
import type { TrackView, Verdict } from '../../domain/types.ts';

export const VERDICT_INK: Readonly<Record<Verdict, string>> = {
  full_stop: '#4ade80',
  rolling_stop: '#fbbf24',
  no_stop: '#ff6b61',
  indeterminate: '#cbd5e1',
};

/** The truth of a clip, beside what was measured: no verdict and no state has it. */
export const TRUTH_INK = '#ff9df2';

/** A judged vehicle wears its verdict, any other its state. */
export function trackInk(track: Pick<TrackView, 'state' | 'verdict' | 'is_parked'>): string {
  if (track.is_parked || track.state === 'parked') return '#94a3b8';
  if (track.verdict) return VERDICT_INK[track.verdict];
  switch (track.state) {
    case 'approaching':
      return '#7dd3fc';
    case 'in_zone':
      return '#c4b5fd';
    case 'stopped':
      return '#4ade80';
    default:
      return '#f1f5f9';
  }
}
