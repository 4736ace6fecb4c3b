/**
 * Where and in which direction one vehicle drove over the stop line: a straight line through its live places near the
 * line. Pure; called by the analyzer when a pass closes, for the watch over where vehicles drive (way-watch.ts).
 */
import type { Sample } from '../stop/sample.ts';

export interface LineCrossing {
  /** Across the road where the front is at the line; 0 = middle of the stop line. Sign as in site-geometry.ts. */
  readonly offsetM: number;
  /** Against the approach's direction; positive turns towards positive offsets. */
  readonly headingDeg: number;
}

/** Way before and beyond the line that is looked at, metres. */
const BEFORE_M = 8;
const BEYOND_M = 3;
/** One place of each such piece of the way counts: who stands for a minute has one place too. */
const PIECE_M = 0.25;
const LEAST_PIECES = 6;
const LEAST_WAY_M = 3;

/** null when too little of the way near the line was seen. Metres: for calibrated sites only. */
export function lineCrossing(samples: readonly Sample[]): LineCrossing | null {
  const pieces = new Map<number, readonly [along: number, across: number]>();
  for (const { along, across } of samples) {
    if (along === null || across === null || along < -BEFORE_M || along > BEYOND_M) continue;
    pieces.set(Math.floor(along / PIECE_M), [along, across]);
  }
  const places = [...pieces.values()];
  const n = places.length;
  if (n < LEAST_PIECES) return null;
  const alongs = places.map(([along]) => along);
  if (Math.max(...alongs) - Math.min(...alongs) < LEAST_WAY_M) return null;
  const meanAlong = alongs.reduce((sum, along) => sum + along, 0) / n;
  const meanAcross = places.reduce((sum, [, across]) => sum + across, 0) / n;
  let moment = 0;
  let spread = 0;
  for (const [along, across] of places) {
    moment += (along - meanAlong) * (across - meanAcross);
    spread += (along - meanAlong) ** 2;
  }
  const slope = moment / spread;
  return { offsetM: meanAcross - slope * meanAlong, headingDeg: (Math.atan(slope) * 180) / Math.PI };
}
