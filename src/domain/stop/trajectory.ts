/**
 * The whole way of one vehicle, rebuilt from its boxes once all of them are known: its length is then the median over
 * the track and its lateral place nearly fixed, so that neither can pose as motion; then smoothed. Called by the judge
 * when a pass ends.
 */
import { polygonContains } from '../geometry/polygon.ts';
import { fromRoad, type SiteGeometry } from '../geometry/site-geometry.ts';
import { footprint } from './footprint.ts';
import { type LocalFit, localFit, lowerBound, noiseScale, type Series } from './local-fit.ts';
import type { Sample } from './sample.ts';
import { median } from './stand-fit.ts';
import { vehicleSize } from './vehicle-size.ts';

export interface Trajectory extends Series {
  /** Seconds since `startUtc`. */
  readonly t: readonly number[];
  readonly startUtc: number;
  /** The front's distance to the stop line: metres, negative before it, positive beyond. */
  readonly s: readonly number[];
  /** Metres per second along the approach, smoothed over the whole trajectory, and its standard deviation. */
  readonly speed: readonly number[];
  readonly speedSigma: readonly number[];
  /** The front in the plane. */
  readonly front: readonly (readonly [number, number])[];
  readonly isInZone: readonly boolean[];
  readonly samples: readonly Sample[];
  /** Standard deviation of each position, estimated from the track itself. */
  readonly sigma: readonly number[];
  readonly length: number;
  readonly halfWidth: number;
}

/** Height of a car: the only length at hand without a calibration. */
const CAR_HEIGHT_M = 1.5;
const MIN_HALF_WIDTH_S = 0.35;
const MAX_HALF_WIDTH_S = 0.9;
const GOOD_SPEED_SIGMA = 0.25;
const MIN_SCALE = 0.05;
const MIN_SIGMA_M = 0.003;
const NEIGHBOURHOOD_S = 0.5;
const ROBUST_ROUNDS = 3;
const CORRELATION_HALF_WIDTH_S = 0.7;
/** Residuals beyond so many standard deviations lose their say. */
const WILD = 2.5;
/** The length is known now: both ends of the box tell of the front, and a box that swells and shrinks moves nothing. */
const FIXED_LENGTH_SIGMA_M = 0.03;
const EDGE_PX = 2;

/** null with fewer than four usable samples. */
export function buildTrajectory(g: SiteGeometry, samples: readonly Sample[], vehicleClass: string): Trajectory | null {
  const usable = samples.filter((sample) => sample.along !== null);
  if (usable.length < 4) return null;
  const startUtc = (usable[0] as Sample).tsUtc;
  return g.mode === 'pixel' ? inPixels(g, usable, startUtc) : onGround(g, usable, startUtc, vehicleClass);
}

function onGround(g: SiteGeometry, usable: readonly Sample[], startUtc: number, vehicleClass: string) {
  const size = vehicleSize(vehicleClass);
  const wide = { ...size, across: 0, acrossSigma: 3 };
  const whole = usable.filter(
    ({ box }) => box[0] > EDGE_PX && box[2] < g.imageWidth - EDGE_PX && box[3] < g.imageHeight - EDGE_PX,
  );
  const first = (whole.length >= 4 ? whole : usable)
    .map(({ box }) => footprint(g, box, wide))
    .filter((f) => f !== null);
  if (first.length < 4) return null;
  const prior = {
    ...size,
    lengthM: median(first.map((f) => f.length)),
    lengthSigmaM: FIXED_LENGTH_SIGMA_M,
    across: median(first.map((f) => f.across)),
    acrossSigma: 0.5,
  };
  const kept: Sample[] = [];
  const s: number[] = [];
  const sigma: number[] = [];
  const front: (readonly [number, number])[] = [];
  for (const sample of usable) {
    const f = footprint(g, sample.box, prior);
    if (!f) continue;
    kept.push(sample);
    s.push(f.along);
    sigma.push(f.sigma);
    front.push(fromRoad(g, [f.along, f.across]));
  }
  if (kept.length < 4) return null;
  return smooth({ kept, s, sigma, front, startUtc, length: prior.lengthM, zone: g.zone });
}

/** Pixels along the approach, turned into something like metres by the height of the boxes near the line. */
function inPixels(g: SiteGeometry, usable: readonly Sample[], startUtc: number) {
  const near = usable.filter((sample) => polygonContains(g.zoneImage, contactOf(sample)));
  const height = median((near.length > 0 ? near : usable).map(({ box }) => box[3] - box[1]));
  const metresPerPixel = CAR_HEIGHT_M / Math.max(1, height);
  return smooth({
    kept: usable,
    s: usable.map((sample) => (sample.along as number) * metresPerPixel),
    sigma: usable.map(() => metresPerPixel),
    front: usable.map(contactOf),
    startUtc,
    length: CAR_HEIGHT_M * 2,
    zone: g.zoneImage,
  });
}

const contactOf = ({ box }: Sample): readonly [number, number] => [(box[0] + box[2]) / 2, box[3]];

interface Raw {
  readonly kept: readonly Sample[];
  readonly s: readonly number[];
  readonly sigma: readonly number[];
  readonly front: readonly (readonly [number, number])[];
  readonly startUtc: number;
  readonly length: number;
  readonly zone: readonly (readonly [number, number])[];
}

function smooth({ kept, s, sigma, front, startUtc, length, zone }: Raw): Trajectory {
  const t = kept.map((sample) => sample.tsUtc - startUtc);
  let series: Series = { t, s, sigma: sigma.map((v) => v * Math.max(MIN_SCALE, noiseScale({ t, s, sigma }))) };
  const halfWidth = chooseHalfWidth(series);
  let fits = fitAll(series, halfWidth);
  for (let round = 0; round < ROBUST_ROUNDS; round++) {
    series = { t, s, sigma: localSigma(series, fits) };
    fits = fitAll(series, halfWidth);
  }
  const inflation = correlationInflation(series);
  series = { t, s, sigma: series.sigma.map((v) => v * inflation) };
  return {
    ...series,
    startUtc,
    speed: fits.map((fit) => fit?.speed ?? 0),
    speedSigma: fits.map((fit) => (fit ? inflation * Math.sqrt(fit.speedVariance) : Number.POSITIVE_INFINITY)),
    front,
    isInZone: front.map((p) => polygonContains(zone, p)),
    samples: kept,
    length,
    halfWidth,
  };
}

function fitAll(series: Series, halfWidth: number): (LocalFit | null)[] {
  return series.t.map((at) => localFit(series, at, halfWidth, 2) ?? localFit(series, at, 2 * halfWidth, 1));
}

/**
 * The noise of each sample. Boxes of a standing vehicle hardly differ, those of a moving one jump by many pixels, and
 * some are plainly wrong: so the noise is the median residual of the neighbourhood, and a sample that lies far off is
 * believed less the further it lies (as in the robust rounds of LOESS, with Cauchy's weights).
 */
function localSigma({ t, sigma, s }: Series, fits: readonly (LocalFit | null)[]): number[] {
  const miss = s.map((value, i) => Math.abs(value - (fits[i]?.position ?? value)));
  return sigma.map((own, i) => {
    const lo = lowerBound(t, (t[i] as number) - NEIGHBOURHOOD_S);
    const hi = lowerBound(t, (t[i] as number) + NEIGHBOURHOOD_S);
    const near = miss.slice(Math.min(lo, Math.max(0, i - 4)), Math.max(hi, i + 5));
    // 0.6745: normal residuals; 0.75: what the fit itself takes of them in a window of a dozen samples.
    const level = Math.max(MIN_SIGMA_M, median(near) / 0.6745 / 0.75, 0.3 * own);
    return level * Math.sqrt(1 + ((miss[i] as number) / (WILD * level)) ** 2);
  });
}

/**
 * Errors of neighbouring boxes are alike (a pole that hides a bumper hides it for many frames), so n boxes tell less
 * than n times as much as one: by the factor (1 + ρ) / (1 − ρ) of a first-order process, with ρ from the residuals of
 * a wide fit.
 */
function correlationInflation(series: Series): number {
  const miss = series.s.map((value, i) => {
    const fit = localFit(series, series.t[i] as number, CORRELATION_HALF_WIDTH_S, 2);
    const z = fit ? (value - fit.position) / (series.sigma[i] as number) : 0;
    return Math.max(-3, Math.min(3, z));
  });
  let both = 0;
  let own = 0;
  for (let i = 1; i < miss.length; i++) {
    if ((series.t[i] as number) - (series.t[i - 1] as number) > 0.25) continue;
    both += (miss[i] as number) * (miss[i - 1] as number);
    own += ((miss[i] as number) ** 2 + (miss[i - 1] as number) ** 2) / 2;
  }
  const rho = own > 0 ? Math.max(0, Math.min(0.85, both / own)) : 0;
  return Math.sqrt((1 + rho) / (1 - rho));
}

/** As short as the frame rate and the noise allow: a long window rounds off short stops. */
function chooseHalfWidth(series: Series): number {
  const { t } = series;
  const gaps = t.slice(1).map((time, i) => time - (t[i] as number));
  let halfWidth = Math.max(MIN_HALF_WIDTH_S, 3.5 * median(gaps));
  for (; halfWidth < MAX_HALF_WIDTH_S; halfWidth *= 1.25) {
    const sigmas: number[] = [];
    for (let i = 0; i < t.length; i += Math.max(1, t.length >> 4)) {
      const fit = localFit(series, t[i] as number, halfWidth, 2);
      sigmas.push(fit ? Math.sqrt(fit.speedVariance) : Number.POSITIVE_INFINITY);
    }
    if (median(sigmas) <= GOOD_SPEED_SIGMA) break;
  }
  return halfWidth;
}
