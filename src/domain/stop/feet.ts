/**
 * How softly drivers change between brake, rest and pull, and what the fits of all of them together say. How softly it
 * was cannot be known beforehand: each softness is fitted with each noise, and all speak with the weight of their
 * evidence. Pure; called by stand-fit.ts and dip-fit.ts.
 */
import type { FitNoise } from './fit-noise.ts';
import type { ModelFit } from './model-fit.ts';

export interface Foot {
  /** Inverse jerk, s³/m; 0: the acceleration jumps. */
  readonly softness: number;
  /** How usual beforehand. */
  readonly odds: number;
}

/** A pixel can rarely tell a soft foot from an even one: see docs/verdicts.md for what these odds cost whom. */
export const FEET: readonly Foot[] = [
  { softness: 0, odds: 0.9 },
  { softness: 0.06, odds: 0.025 },
  { softness: 0.12, odds: 0.03 },
  { softness: 0.18, odds: 0.025 },
  { softness: 0.25, odds: 0.02 },
];
/** Any softness between two of them is possible: half a step either way, as a standard deviation. */
export const SOFTNESS_SIGMA = 0.06 / Math.sqrt(12);
/** Who only rolls may change more gently than anybody stops. */
export const ROLLING_FEET: readonly Foot[] = [
  ...FEET,
  { softness: 0.33, odds: 0.015 },
  { softness: 0.42, odds: 0.015 },
];

export interface FootFit {
  readonly softness: number;
  readonly fit: ModelFit;
  readonly weight: number;
  /** The same by somebody who thinks soft feet far more usual. */
  readonly cautiousWeight: number;
  /** What the motion misses widens the intervals as noise would. */
  readonly inflation: number;
}

/** Soft feet are so many times as usual to the cautious. */
const CAUTION = 12;
/** What fits worse than this by its evidence (ln) adds nothing. */
const NEGLIGIBLE = 9;
/** Nor is a foot tried again that was so much worse with the likeliest noise. */
const HOPELESS = 8;
/** The noise is known from the whole track about as well as from so many samples. */
const PRIOR_COUNT = 40;
const LEAST_INFLATION = 0.85;

/**
 * Each foot with each noise, the likeliest noise first: a foot that is out of the question with that one is not tried
 * with the others. `fitOne` gets where to start: the foot's own fit with the noise before, or that of the foot before.
 */
export function fitFeet(
  feet: readonly Foot[],
  noises: readonly FitNoise[],
  fitOne: (foot: Foot, noise: FitNoise, warm: Warm) => ModelFit | null,
): FittedFoot[] {
  const found: FittedFoot[] = [];
  const last: (readonly number[] | null)[] = feet.map(() => null);
  let wanted = feet.map(() => true);
  noises.forEach((noise, round) => {
    let before: Warm['neighbour'] = null;
    feet.forEach((foot, k) => {
      if (!wanted[k]) return;
      const fit = fitOne(foot, noise, { own: last[k] ?? null, neighbour: before });
      last[k] = fit?.p ?? null;
      before = fit && { p: fit.p, softness: foot.softness };
      if (fit) found.push({ foot, fit, evidence: fit.evidence + Math.log(foot.odds) });
    });
    if (round > 0) return;
    const top = Math.max(...found.map(({ evidence }) => evidence));
    wanted = feet.map((foot) => found.some((f) => f.foot === foot && top - f.evidence < HOPELESS));
  });
  return found;
}

/** Where a fit may begin. */
export interface Warm {
  readonly own: readonly number[] | null;
  readonly neighbour: { readonly p: readonly number[]; readonly softness: number } | null;
}

export interface FittedFoot {
  readonly foot: Foot;
  readonly fit: ModelFit;
  /** ln, the odds of the foot included. */
  readonly evidence: number;
}

/**
 * Best first; empty when nothing fitted.
 * @param samples how many the fits saw
 */
export function weighFeet(fits: readonly FittedFoot[], samples: number): FootFit[] {
  const found = [...fits].sort((a, b) => b.evidence - a.evidence);
  const top = found[0];
  if (!top) return [];
  const surplus = (top.fit.dataCost + PRIOR_COUNT) / (Math.max(1, samples - 5) + PRIOR_COUNT);
  const inflation = Math.max(LEAST_INFLATION, surplus);
  return found
    .filter(({ evidence }) => top.evidence - evidence < NEGLIGIBLE)
    .map(({ foot: { softness }, fit, evidence }) => {
      const weight = Math.exp((evidence - top.evidence) / inflation);
      return { softness, fit, weight, cautiousWeight: softness > 0 ? CAUTION * weight : weight, inflation };
    });
}
