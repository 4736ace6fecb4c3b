/**
 * Whether a vehicle that comes into sight right after an outage is one that was in view when it began: it is ahead of
 * where that one was, in the same lane, no further than it can have driven and no nearer than it can have braked. Of
 * several the nearest behind: nobody overtakes in a lane. Pure; called by site-analyzer.ts.
 */
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import type { Sample } from '../stop/sample.ts';
import { metresPerUnit, speedAlong } from './road-place.ts';

export interface Missing {
  readonly samples: readonly Sample[];
}

/** Longer than this, whoever comes is somebody else. */
const LONGEST_S = 60;
const BACK_M = 0.6;
const BESIDE_M = 2;
const FASTEST_MPS = 14;
const SPEED_UP = 1.5;
const SLACK_M = 2;
/** Harder than anybody brakes at a stop sign. */
const HARDEST_BRAKE_MPS2 = 4;
const LEAST_SHARE = 0.8;
const BACKWARDS_MPS = -0.5;
/** Who drove does not dawdle for so long before the line without having come up to it: that is the next one. */
const DROVE_MPS = 2;
const DAWDLE_MPS = 0.7;
const DAWDLE_S = 3;
const AT_LINE_M = 3;

export function rejoin<T extends Missing>(g: SiteGeometry, born: Sample, missing: readonly T[]): T | null {
  let best: T | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const one of missing) {
    const ahead = aheadOf(g, born, one.samples);
    if (ahead === null || ahead >= nearest) continue;
    nearest = ahead;
    best = one;
  }
  return best;
}

/**
 * Too slow to be the same: who drove comes up to the line.
 * @param along where it is now, metres beyond the line; ahead: metres driven in `gap` seconds
 */
export function dawdles(speed: number, gap: number, ahead: number, along: number): boolean {
  return speed > DROVE_MPS && gap > DAWDLE_S && ahead < DAWDLE_MPS * gap && along < -AT_LINE_M;
}

/** Metres it would have driven unseen; null when it cannot be the same. */
function aheadOf(g: SiteGeometry, born: Sample, samples: readonly Sample[]): number | null {
  const last = samples.at(-1);
  if (!last || last.along === null || last.across === null || born.along === null || born.across === null) return null;
  const gap = born.tsUtc - last.tsUtc;
  if (gap <= 0 || gap > LONGEST_S) return null;
  const metres = metresPerUnit(g, born);
  if (Math.abs(born.across - last.across) * metres > BESIDE_M) return null;
  const ahead = (born.along - last.along) * metres;
  const speed = speedAlong(g, samples, 'last') ?? 0;
  if (speed < BACKWARDS_MPS) return null;
  if (dawdles(speed, gap, ahead, born.along * metres)) return null;
  const furthest = Math.max(FASTEST_MPS, SPEED_UP * speed) * gap + SLACK_M;
  const braking = Math.min(gap, speed / HARDEST_BRAKE_MPS2);
  const least = LEAST_SHARE * Math.max(0, speed * braking - (HARDEST_BRAKE_MPS2 * braking ** 2) / 2) - BACK_M;
  return ahead >= least && ahead <= furthest ? ahead : null;
}
