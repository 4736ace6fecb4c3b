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
  const weights = new Float64Array(4);
  const memories = new Float64Array(4);
  for (let i = 0; i + 3 < t.length; i++) {
    if (!isDense(t, i)) continue;
    let sum = 0;
    let variance = 0;
    let drifting = 0;
    for (let k = 0; k < 4; k++) {
      let weight = 1;
      for (let m = 0; m < 4; m++) if (m !== k) weight /= (t[i + k] as number) - (t[i + m] as number);
      // From the first position, so that large coordinates cost no digits.
      sum += weight * ((s[i + k] as number) - (s[i] as number));
      weights[k] = weight * (sigma[i + k] as number);
      variance += (weights[k] as number) ** 2;
      memories[k] = Math.exp(((t[i] as number) - (t[i + k] as number)) / DRIFT_S);
    }
    for (let k = 0; k < 4; k++) {
      const own = weights[k] as number;
      drifting += own * own;
      for (let m = 0; m < k; m++) {
        drifting += (2 * own * (weights[m] as number) * (memories[k] as number)) / (memories[m] as number);
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

/** Four samples in a row, none of them missing for long. */
function isDense(t: readonly number[], i: number): boolean {
  for (let k = i + 1; k <= i + 3; k++) {
    const gap = (t[k] as number) - (t[k - 1] as number);
    if (!(gap > 0 && gap < LONGEST_GAP_S)) return false;
  }
  return true;
}

/** The outline of a body is off by other amounts at other places: box heights per metre of way, standard deviation. */
const SHAPE_PER_METRE = 0.002;
/** The four edges of a fitted box are not independent. */
const EDGE_INDEPENDENCE = 0.6;
/** Shares less likely than the likeliest by this (ln) are not worth a fit. */
const NEGLIGIBLE = 4;
/** As many steps as this describe the shares to a few hundredths. */
const LEAST_SAMPLES = 12;

/**
 * @param misses for each sample what each edge misses, pixels (NaN: cut off); null in pixel mode
 * @param heightPx a typical height of the box
 * @returns the likeliest first
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
  const memories = Float64Array.from(t, (at, i) => (i === 0 ? 1 : Math.exp(((t[i - 1] as number) - at) / DRIFT_S)));
  const walks = Float64Array.from(s, (at, i) => (i === 0 ? 0 : at - (s[i - 1] as number)));
  const all = SHARES.map(({ share, odds }) => {
    let likelihood = 0;
    if (misses && t.length >= LEAST_SAMPLES) {
      for (let edge = 0; edge < 4; edge++) likelihood += edgeLikelihood(memories, walks, misses, edge, share, shape);
    }
    return {
      share,
      scale: 1 / Math.sqrt(1 - share + share * drifting),
      logOdds: Math.log(odds) + EDGE_INDEPENDENCE * likelihood,
    };
  });
  const top = Math.max(...all.map((own) => own.logOdds));
  return all.filter((own) => top - own.logOdds < NEGLIGIBLE).sort((a, b) => b.logOdds - a.logOdds);
}

/** Noise = white + drift + an offset that walks with the way; the level of all three concentrated out. */
function edgeLikelihood(
  memories: Float64Array,
  walks: Float64Array,
  misses: readonly (readonly number[])[],
  edge: number,
  share: number,
  shape: number,
): number {
  let [trend, drift] = [0, 0];
  let [pTrend, pBoth, pDrift] = [1e4, 0, share];
  let isFirst = true;
  let memory = 1;
  let way = 0;
  let n = 0;
  let squares = 0;
  let logs = 0;
  let variances = 1;
  for (let i = 0; i < memories.length; i++) {
    const seen = (misses[i] as readonly number[])[edge] as number;
    memory *= memories[i] as number;
    way += walks[i] as number;
    if (Number.isNaN(seen)) continue;
    if (!isFirst) {
      pTrend += shape * shape * Math.max(0, Math.abs(way) - NO_WAY_M);
      pBoth *= memory;
      pDrift = memory * memory * pDrift + share * (1 - memory * memory);
      drift *= memory;
    }
    const innovation = pTrend + 2 * pBoth + pDrift + 1 - share;
    const off = seen - trend - drift;
    if (!isFirst) {
      n++;
      squares += (off * off) / innovation;
      variances *= innovation;
      // One logarithm for many factors.
      if (n % 16 === 0) {
        logs += Math.log(variances);
        variances = 1;
      }
    }
    const [kTrend, kDrift] = [(pTrend + pBoth) / innovation, (pBoth + pDrift) / innovation];
    trend += kTrend * off;
    drift += kDrift * off;
    const [a, b, d] = [pTrend, pBoth, pDrift];
    pTrend = a - kTrend * (a + b);
    pBoth = b - kTrend * (b + d);
    pDrift = d - kDrift * (b + d);
    isFirst = false;
    memory = 1;
    way = 0;
  }
  return n < LEAST_SAMPLES ? 0 : -0.5 * (n * Math.log(squares / n + 1e-12) + logs + Math.log(variances));
}

/** Positions that noise alone moves are no way. */
const NO_WAY_M = 0.04;
