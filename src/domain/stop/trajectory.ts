/**
 * The whole way of one vehicle, rebuilt from its boxes once all of them are known (body-track.ts), with the noise as the
 * track itself shows it, and smoothed. There is no filter that would have to settle: the first moment of a track is
 * measured like any other. Called by the judge when a pass ends.
 */
import { polygonContains } from '../geometry/polygon.ts';
import { fromRoad, type SiteGeometry } from '../geometry/site-geometry.ts';
import { type BodyTrack, trackBody } from './body-track.ts';
import { type LocalFit, localFit, localPosition, lowerBound, median, type Series } from './local-fit.ts';
import { RunningMedian } from './running-median.ts';
import type { Sample } from './sample.ts';
import { differenceScale, type TrackNoise, trackNoise } from './track-noise.ts';
import { vehicleSize } from './vehicle-size.ts';
import { DETECTOR_ERROR, type SlowError } from './view-error.ts';

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
  /** What the noise may be, in units of `sigma`. */
  readonly noise: readonly TrackNoise[];
  /** What the detector may be off by along the way; null when its boxes are taken to be right on average. */
  readonly slow: SlowError | null;
  readonly length: number;
  readonly halfWidth: number;
  /** Standard deviation of what all positions around sample `i` are off by together, metres. */
  frontSigma(i: number): number;
}

/** Height of a car: the only length at hand without a calibration. */
const CAR_HEIGHT_M = 1.5;
const MIN_HALF_WIDTH_S = 0.35;
const MAX_HALF_WIDTH_S = 0.9;
const GOOD_SPEED_SIGMA = 0.25;
/** Pixels (of a picture 720 high); no detector is better, and no outline fits better. */
const MIN_SCALE = 0.3;
const NEIGHBOURHOOD_S = 0.75;
/** The noise of a neighbourhood may differ by this factor by chance. */
const BY_CHANCE = Math.log(1.4);
/** Residuals smaller than this, in standard deviations, tell nothing: the smoother's own rounding is larger. */
const LEAST_MISS = 0.3;
/** Residuals beyond so many standard deviations lose their say. */
const WILD = 3;

/**
 * null with fewer than four usable samples. Samples whose time does not go on are left out.
 * @param detectorError share of the boxes' longer side by which edges lie wrong along the way (view-error.ts)
 */
export function buildTrajectory(
  g: SiteGeometry,
  samples: readonly Sample[],
  vehicleClass: string,
  detectorError = DETECTOR_ERROR,
): Trajectory | null {
  let latest = Number.NEGATIVE_INFINITY;
  const usable = samples.slice(lastTurn(samples, g.mode === 'pixel')).filter((sample) => {
    if (sample.along === null || !(sample.tsUtc > latest)) return false;
    latest = sample.tsUtc;
    return true;
  });
  if (usable.length < 4) return null;
  return g.mode === 'pixel' ? inPixels(g, usable, detectorError) : onGround(g, usable, vehicleClass, detectorError);
}

/** Further than this nobody rolls back: the track was another vehicle's before, going the other way, or it reversed. */
const BACK_M = 3;

/** Index of the sample from which on it only came nearer. */
function lastTurn(samples: readonly Sample[], isPixels: boolean): number {
  const heights = isPixels ? median(samples.map(({ box }) => box[3] - box[1])) / CAR_HEIGHT_M : 1;
  const back = BACK_M * heights;
  let top = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let start = 0;
  let isBack = false;
  samples.forEach(({ along }, i) => {
    if (along === null) return;
    if (along < top - back) isBack = true;
    if (isBack && along < low) {
      low = along;
      start = i;
    }
    if (!isBack) top = Math.max(top, along);
    else if (along > low + back) {
      isBack = false;
      top = along;
      low = Number.POSITIVE_INFINITY;
    }
  });
  return start;
}

function onGround(
  g: SiteGeometry,
  usable: readonly Sample[],
  vehicleClass: string,
  detectorError: number,
): Trajectory | null {
  const body = trackBody(g, usable, vehicleSize(vehicleClass));
  if (!body) return null;
  const { places } = body;
  return smooth({
    kept: places.map(({ sample }) => sample),
    s: places.map(({ along }) => along),
    sigma: places.map(({ sigma }) => sigma),
    front: places.map(({ along, across }) => fromRoad(g, [along, across])),
    length: body.lengthM,
    zone: g.zone,
    body,
    heightPx: median(places.map(({ sample }) => sample.box[3] - sample.box[1])),
    leastPx: MIN_SCALE * g.pixel,
    detectorError,
  });
}

/** Pixels along the approach, turned into something like metres by the height of the boxes near the line. */
function inPixels(g: SiteGeometry, usable: readonly Sample[], detectorError: number): Trajectory {
  const near = usable.filter((sample) => polygonContains(g.zoneImage, contactOf(sample)));
  const height = Math.max(1, median((near.length > 0 ? near : usable).map(({ box }) => box[3] - box[1])));
  const metresPerPixel = CAR_HEIGHT_M / height;
  return smooth({
    kept: usable,
    s: usable.map((sample) => (sample.along as number) * metresPerPixel),
    sigma: usable.map(() => metresPerPixel),
    front: usable.map(contactOf),
    length: CAR_HEIGHT_M * 2,
    zone: g.zoneImage,
    body: null,
    heightPx: height,
    leastPx: MIN_SCALE * g.pixel,
    detectorError,
  });
}

const longerSide = ({ box }: Sample): number => Math.max(box[3] - box[1], box[2] - box[0]);
const contactOf = ({ box }: Sample): readonly [number, number] => [(box[0] + box[2]) / 2, box[3]];

interface Raw {
  readonly kept: readonly Sample[];
  readonly s: readonly number[];
  readonly sigma: readonly number[];
  readonly front: readonly (readonly [number, number])[];
  readonly length: number;
  readonly zone: readonly (readonly [number, number])[];
  /** null in pixel mode */
  readonly body: BodyTrack | null;
  readonly heightPx: number;
  /** Noise is never believed to be less. */
  readonly leastPx: number;
  readonly detectorError: number;
}

function smooth(raw: Raw): Trajectory {
  const { kept, s, front, length, zone, body, heightPx, leastPx, detectorError } = raw;
  const startUtc = (kept[0] as Sample).tsUtc;
  const t = kept.map((sample) => sample.tsUtc - startUtc);
  const { scale, drifting } = differenceScale({ t, s, sigma: raw.sigma });
  // `raw` is for a pixel of noise, so the scale is the noise of the edges in pixels.
  const noisePx = Math.max(leastPx, scale);
  let series: Series = { t, s, sigma: raw.sigma.map((v) => v * noisePx) };
  const misses = body ? body.places.map((place) => place.misses) : null;
  const noise = trackNoise(series, misses, heightPx, noisePx, drifting);
  const halfWidth = chooseHalfWidth(series);
  series = { t, s, sigma: localSigma(series, halfWidth) };
  const fits = fitAll(series, halfWidth);
  const inflation = driftInflation(noise, t, halfWidth);
  return {
    ...series,
    noise,
    slow:
      detectorError > 0
        ? { s, sigma: raw.sigma.map((v, i) => v * detectorError * longerSide(kept[i] as Sample)) }
        : null,
    startUtc,
    speed: fits.map((fit) => fit?.speed ?? 0),
    speedSigma: fits.map((fit) => (fit ? inflation * Math.sqrt(fit.speedVariance) : Number.POSITIVE_INFINITY)),
    front,
    isInZone: front.map((p) => polygonContains(zone, p)),
    samples: kept,
    length,
    halfWidth,
    frontSigma: (i) => body?.frontSigma(i) ?? 0,
  };
}

function fitAll(series: Series, halfWidth: number): (LocalFit | null)[] {
  return series.t.map((at) => localFit(series, at, halfWidth, 2) ?? localFit(series, at, 2 * halfWidth, 1));
}

/**
 * The noise of each sample. Boxes of a standing vehicle may hardly differ while those of a moving one jump by many
 * pixels: where the residuals of a neighbourhood are plainly larger or smaller than usual, so is its noise. And some
 * boxes are plainly wrong: those that lie far off are believed less the further they lie.
 */
function localSigma(series: Series, halfWidth: number): number[] {
  const { t, sigma, s } = series;
  const n = t.length;
  const miss = s.map((value, i) => {
    const smooth = localPosition(series, t[i] as number, halfWidth);
    return smooth === null ? 0 : Math.abs(value - smooth) / (sigma[i] as number);
  });
  const usual = Math.max(LEAST_MISS, median(miss));
  const nearby = new RunningMedian(n);
  let [lo, hi, from, to] = [0, 0, 0, 0];
  return sigma.map((own, i) => {
    lo = lowerBound(t, (t[i] as number) - NEIGHBOURHOOD_S, lo);
    hi = lowerBound(t, (t[i] as number) + NEIGHBOURHOOD_S, hi);
    for (const end = Math.min(n, Math.max(hi, i + 5)); to < end; to++) nearby.add(miss[to] as number);
    for (const begin = Math.min(lo, Math.max(0, i - 4)); from < begin; from++) nearby.remove(miss[from] as number);
    const near = Math.max(LEAST_MISS, nearby.value);
    const other = Math.log(near / usual);
    const level = Math.exp(Math.sign(other) * Math.max(0, Math.abs(other) - BY_CHANCE));
    // 0.6745: the median of normal residuals.
    const wild = ((miss[i] as number) / (WILD * Math.max(near, usual))) * 0.6745;
    return own * level * Math.max(1, wild);
  });
}

/** Drifting noise makes n boxes tell less of a speed than n times as much as one. */
function driftInflation(noise: readonly TrackNoise[], t: readonly number[], halfWidth: number): number {
  const top = Math.max(...noise.map((n) => n.logOdds));
  let total = 0;
  let share = 0;
  for (const n of noise) {
    const weight = Math.exp(n.logOdds - top);
    total += weight;
    share += weight * n.share;
  }
  share /= total;
  const inWindow = (t.length * halfWidth) / Math.max(0.1, (t.at(-1) as number) - (t[0] as number));
  return Math.sqrt(1 - share + share * Math.max(1, inWindow));
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
