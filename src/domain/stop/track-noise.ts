/**
 * How noisy a track is, estimated from itself. The level comes from third differences of the positions, which neither
 * motion nor steady acceleration enters. How much of it drifts (see drift-noise.ts) is told by what the edges of the
 * boxes miss of the fitted body, where motion does not enter at all: the likelihood of each share by a Kalman filter.
 * Pure; called by trajectory.ts.
 */
import { DRIFT_S } from './drift-noise.ts';
import { median, type Series } from './local-fit.ts';

export interface TrackNoise {
  /** Share of the variance that drifts, 0 … 1. */
  readonly share: number;
  /** Noise of the positions in units of the series' sigma. */
  readonly scale: number;
  /** ln of how likely it is before the fit. */
  readonly logOdds: number;
}

export const WHITE_NOISE: readonly TrackNoise[] = [{ share: 0, scale: 1, logOdds: 0 }];

const SHARES: readonly { readonly share: number; readonly odds: number }[] = [
  { share: 0, odds: 0.35 },
  { share: 0.25, odds: 0.2 },
  { share: 0.5, odds: 0.25 },
  { share: 0.75, odds: 0.2 },
];
/** What lies beyond 2.5 standard deviations is left out, which leaves 91.12 % of a normal variance. */
const CLIP = 2.5;
const CLIPPED_SHARE = 0.9112;
/** Longer than this between samples, differences tell of motion. */
const LONGEST_GAP_S = 0.35;

/** Noise scale of a series (1 = the sigmas are right), wild samples left out; `drifting` is that of pure drift. */
export function differenceScale({ t, s, sigma }: Series): { scale: number; drifting: number } {
  const z: number[] = [];
  let ratio = 0;
  for (let i = 0; i + 3 < t.length; i++) {
    const at = [t[i], t[i + 1], t[i + 2], t[i + 3]] as number[];
    if (
      !at.every((time, k) => k === 0 || (time > (at[k - 1] as number) && time - (at[k - 1] as number) < LONGEST_GAP_S))
    ) {
      continue;
    }
    let sum = 0;
    let variance = 0;
    let drifting = 0;
    const weights = at.map((time, k) => at.reduce((w, other, m) => (m === k ? w : w / (time - other)), 1));
    for (let k = 0; k < 4; k++) {
      const own = (weights[k] as number) * (sigma[i + k] as number);
      // From the first position, so that large coordinates cost no digits.
      sum += (weights[k] as number) * ((s[i + k] as number) - (s[i] as number));
      variance += own * own;
      for (let m = 0; m < 4; m++) {
        const other = (weights[m] as number) * (sigma[i + m] as number);
        drifting += own * other * Math.exp(-Math.abs((at[k] as number) - (at[m] as number)) / DRIFT_S);
      }
    }
    z.push(Math.abs(sum) / Math.sqrt(variance));
    ratio += drifting / variance;
  }
  if (z.length < 3) return { scale: 1, drifting: 1 };
  const middle = median(z) / 0.6745;
  const limit = (CLIP * middle) ** 2;
  const usual = z.filter((v) => v * v <= limit);
  const mean = usual.reduce((total, v) => total + v * v, 0) / usual.length;
  return { scale: Math.sqrt(mean / CLIPPED_SHARE), drifting: ratio / z.length };
}

/** The outline of a body is off by other amounts at other places: box heights per metre of way, standard deviation. */
const SHAPE_PER_METRE = 0.002;
/** The four edges of a fitted box are not independent. */
const EDGE_INDEPENDENCE = 0.6;
/** Shares less likely than the likeliest by this (ln) are not worth a fit. */
const NEGLIGIBLE = 5;
/** As many steps as this describe the shares to a few hundredths. */
const LEAST_SAMPLES = 12;

/**
 * @param misses for each sample what each edge misses, pixels (NaN: cut off); null in pixel mode
 * @param heightPx a typical height of the box
 */
export function trackNoise(
  series: Series,
  misses: readonly (readonly number[])[] | null,
  heightPx: number,
  noisePx: number,
  drifting: number,
): TrackNoise[] {
  const { t, s } = series;
  const shape = (SHAPE_PER_METRE * heightPx) / Math.max(0.05, noisePx);
  const all = SHARES.map(({ share, odds }) => {
    let likelihood = 0;
    if (misses && t.length >= LEAST_SAMPLES) {
      for (let edge = 0; edge < 4; edge++) likelihood += edgeLikelihood(t, s, misses, edge, share, shape);
    }
    return {
      share,
      scale: 1 / Math.sqrt(1 - share + share * drifting),
      logOdds: Math.log(odds) + EDGE_INDEPENDENCE * likelihood,
    };
  });
  const top = Math.max(...all.map((own) => own.logOdds));
  return all.filter((own) => top - own.logOdds < NEGLIGIBLE);
}

/** Noise = white + drift + an offset that walks with the way; the level of all three concentrated out. */
function edgeLikelihood(
  t: readonly number[],
  s: readonly number[],
  misses: readonly (readonly number[])[],
  edge: number,
  share: number,
  shape: number,
): number {
  let [trend, drift] = [0, 0];
  let [pTrend, pBoth, pDrift] = [1e4, 0, share];
  let before = -1;
  let n = 0;
  let squares = 0;
  let logs = 0;
  for (let i = 0; i < t.length; i++) {
    const seen = (misses[i] as readonly number[])[edge] as number;
    if (Number.isNaN(seen)) continue;
    if (before >= 0) {
      const memory = Math.exp(((t[before] as number) - (t[i] as number)) / DRIFT_S);
      const way = (s[i] as number) - (s[before] as number);
      pTrend += shape * shape * Math.max(0, Math.abs(way) - NO_WAY_M);
      pBoth *= memory;
      pDrift = memory * memory * pDrift + share * (1 - memory * memory);
      drift *= memory;
    }
    const innovation = pTrend + 2 * pBoth + pDrift + 1 - share;
    const off = seen - trend - drift;
    if (before >= 0) {
      n++;
      squares += (off * off) / innovation;
      logs += Math.log(innovation);
    }
    const [kTrend, kDrift] = [(pTrend + pBoth) / innovation, (pBoth + pDrift) / innovation];
    trend += kTrend * off;
    drift += kDrift * off;
    const [a, b, d] = [pTrend, pBoth, pDrift];
    pTrend = a - kTrend * (a + b);
    pBoth = b - kTrend * (b + d);
    pDrift = d - kDrift * (b + d);
    before = i;
  }
  return n < LEAST_SAMPLES ? 0 : -0.5 * (n * Math.log(squares / n + 1e-12) + logs);
}

/** Positions that noise alone moves are no way. */
const NO_WAY_M = 0.04;
