/**
 * What a vehicle is doing right now, for the display and for the moments (stopped, moved off, parked): causal, and
 * therefore never used for a verdict. Standing is decided in the image, in units of the box height, because there the
 * noise of the boxes has the same size near and far. Called once per vehicle and frame by site-analyzer.ts.
 */
import { dot, unit, type Xy } from '../geometry/polygon.ts';
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import { type LocalFit, localFit, type Series } from './local-fit.ts';
import type { Sample } from './sample.ts';

export interface LiveMotion {
  /** Metres per second; null while unknown (the first MIN_SEEN_S, above the horizon, no calibration). */
  readonly speedMps: number | null;
  /**
   * Half of the 95 % interval of `speedMps`, by the noise of the boxes alone: what the calibration is wrong by comes on
   * top. Absent where the vehicle does not drive along the approach.
   */
  readonly speedErrorMps?: number;
  /** Unit vector in the plane; null while unknown or standing. */
  readonly heading: Xy | null;
  /** Radians in the image, 0 = right, clockwise; null while unknown or standing. */
  readonly direction: number | null;
  /** Speed in the image, box heights per second; null while unknown. */
  readonly relativeSpeed: number | null;
}

export const UNKNOWN_MOTION: LiveMotion = { speedMps: null, heading: null, direction: null, relativeSpeed: null };

const WINDOW_S = 1;
/** A track is not asked for its speed before: the first boxes of a track are its worst. */
const MIN_SEEN_S = 0.4;
const MIN_SAMPLES = 4;
const STEADY_MPS = 0.5;
/** Within 30° of the approach the front edge is followed, else the bottom centre. */
const ALIGNED = 0.87;
const Z95 = 1.96;

export function liveMotion(g: SiteGeometry, samples: readonly Sample[]): LiveMotion {
  const now = samples.at(-1);
  if (!now) return UNKNOWN_MOTION;
  let first = samples.length - 1;
  while (first > 0 && now.tsUtc - (samples[first - 1] as Sample).tsUtc <= WINDOW_S) first--;
  const recent = samples.slice(first);
  const seen = now.tsUtc - (recent[0] as Sample).tsUtc;
  if (seen < MIN_SEEN_S || recent.length < MIN_SAMPLES) return UNKNOWN_MOTION;

  const height = Math.max(1, now.box[3] - now.box[1]);
  const vx = slope(recent, now.tsUtc, (sample) => (sample.box[0] + sample.box[2]) / 2)?.speed ?? null;
  const vy = slope(recent, now.tsUtc, (sample) => sample.box[3])?.speed ?? null;
  if (vx === null || vy === null) return UNKNOWN_MOTION;
  const image = { direction: Math.atan2(vy, vx), relativeSpeed: Math.hypot(vx, vy) / height };
  const ground = onPlane(g, now, vx, vy);
  if (!ground) return { ...image, speedMps: null, heading: null };
  const heading = unit(ground);
  if (g.mode === 'pixel') return { ...image, speedMps: null, heading };
  const isAligned = heading !== null && Math.abs(dot(heading, g.axis)) > ALIGNED;
  const along = isAligned
    ? slope(
        recent,
        now.tsUtc,
        (sample) => sample.along,
        (sample) => sample.sigma,
      )
    : null;
  if (along === null) return { ...image, speedMps: Math.hypot(ground[0], ground[1]), heading };
  return { ...image, speedMps: Math.abs(along.speed), speedErrorMps: Z95 * along.sigma, heading };
}

/** Velocity of the bottom centre in the plane, from its velocity in the image. */
function onPlane(g: SiteGeometry, { box, contact }: Sample, vx: number, vy: number): Xy | null {
  if (!contact) return null;
  const next = g.toPlane([(box[0] + box[2]) / 2 + vx * A_MOMENT_S, box[3] + vy * A_MOMENT_S]);
  return next && [(next[0] - contact[0]) / A_MOMENT_S, (next[1] - contact[1]) / A_MOMENT_S];
}

const A_MOMENT_S = 0.02;

/** Weights of samples that are all alike; as long as the longest window was. */
const EQUAL: number[] = [];

interface Slope {
  /** Per second. */
  readonly speed: number;
  /** Its standard error. */
  readonly sigma: number;
}

/**
 * Change per second of one quantity at the end of the window: by a parabola, which follows braking without delay, or by
 * a line where the noise (`sigmaOf`, for a box noise of one pixel) would make the parabola jump.
 */
function slope(
  samples: readonly Sample[],
  now: number,
  of: (sample: Sample) => number | null,
  sigmaOf: (sample: Sample) => number = () => 0,
): Slope | null {
  const t: number[] = [];
  const s: number[] = [];
  let noise = 0;
  for (const sample of samples) {
    const value = of(sample);
    if (value === null) continue;
    t.push(sample.tsUtc - now);
    s.push(value);
    noise = Math.max(noise, sigmaOf(sample));
  }
  if (t.length < MIN_SAMPLES) return null;
  while (EQUAL.length < t.length) EQUAL.push(1);
  const series: Series = { t, s, sigma: EQUAL };
  const bent = t.length >= 8 ? localFit(series, 0, WINDOW_S * 1.05, 2) : null;
  if (bent && noise * Math.sqrt(bent.speedVariance) < STEADY_MPS) return withError(series, bent, 3, noise);
  const straight = localFit(series, 0, WINDOW_S * 1.05, 1);
  return straight && withError(series, straight, 2, noise);
}

/** The noise is what the samples scatter around the fit, and no less than a box noise of one pixel: a smooth error does not scatter. */
function withError({ t, s }: Series, fit: LocalFit, parameters: number, leastNoise: number): Slope {
  const { position, speed, acceleration, speedVariance } = fit;
  let squares = 0;
  for (let i = 0; i < t.length; i++) {
    const x = t[i] as number;
    squares += ((s[i] as number) - position - x * (speed + (x * acceleration) / 2)) ** 2;
  }
  const scatter = Math.sqrt(squares / Math.max(1, t.length - parameters));
  return { speed, sigma: Math.max(scatter, leastNoise) * Math.sqrt(speedVariance) };
}
