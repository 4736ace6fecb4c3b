/**
 * The judgement of one finished pass, from the whole trajectory; see docs on verdicts for the rules in words. Nothing
 * live enters: the same samples always give the same verdict. Called by site-analyzer.ts when a pass ends.
 *
 * Rules. Judged is the way from the front's entry into the zone until the vehicle is over the line with its whole
 * length. A stand counts when the speed left in it cannot be told from 0 and lies under the stop speed. A stand more
 * than AT_LINE_M before the line behind a vehicle that is itself not yet over the line is a queue: it does not count,
 * and what follows it is judged within AT_LINE_M of the line only. A stand in front of which another vehicle stood is
 * `forced`.
 */
import { polygonContains } from '../geometry/polygon.ts';
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import type { Interval, PassSample, Site, SpeedUnit, Verdict } from '../types.ts';
import { fitDip } from './dip-fit.ts';
import { afterQueue, findStands, isQueued, shareOf } from './find-stands.ts';
import { normalQuantile } from './normal-quantile.ts';
import {
  approachSpeed,
  around,
  type Deceleration,
  deceleration,
  minimumSpeed,
  scaled,
  stoppedTime,
  watchedStand,
} from './quantities.ts';
import type { Sample } from './sample.ts';
import type { Stand } from './stand-fit.ts';
import { buildTrajectory, type Trajectory } from './trajectory.ts';
import { decide } from './verdict.ts';

export { AT_LINE_M } from './find-stands.ts';

/** Of a bumper's place that no box tells (stickers, tow bars, light); standard deviation. */
const BUMPER_SIGMA_M = 0.04;
const MIN_PROGRESS_M = 1;
const METRES_PER_SECOND: Readonly<Record<SpeedUnit, number>> = { 'km/h': 3.6, mph: 2.2369362920544 };

export interface PassToJudge {
  readonly geometry: SiteGeometry;
  readonly site: Site;
  readonly samples: readonly Sample[];
  readonly vehicleClass: string;
  /** How it ended: crossed the line, turned off before it, went out of sight, or the input ended. */
  readonly ending: PassEnding;
}

export type PassEnding = 'crossed' | 'left' | 'lost' | 'input_ended';

export interface PassJudgement {
  readonly enteredUtc: number;
  readonly exitedUtc: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly forced: boolean;
  readonly encroached: boolean;
  readonly complete: boolean;
  readonly stoppedS: Interval | null;
  readonly minSpeed: (Interval & { readonly unit: SpeedUnit }) | null;
  readonly minSpeedUtc: number | null;
  readonly approachSpeed: (Interval & { readonly unit: SpeedUnit }) | null;
  readonly stopDistanceM: Interval | null;
  /** Metres per second squared; null without a calibration, and when it hardly slowed. */
  readonly decelerationMps2: Deceleration | null;
  readonly timeInZoneS: number;
  readonly samples: readonly PassSample[];
}

/** null when it was no pass: the vehicle never was in the zone, or did not get ahead in it. */
export function judgePass(pass: PassToJudge): PassJudgement | null {
  const { geometry, site } = pass;
  const trajectory = buildTrajectory(geometry, pass.samples, pass.vehicleClass, site.policy.detector_error);
  if (!trajectory) return null;
  const first = trajectory.isInZone.indexOf(true);
  if (first < 0) return null;
  const last = endOfPass(trajectory, first);
  const { t, s, startUtc } = trajectory;
  const progress = (s[last] as number) - (s[first] as number);
  if (last - first < 1 || progress < MIN_PROGRESS_M) return null;

  const unit = site.units;
  const factor = METRES_PER_SECOND[unit];
  const z = normalQuantile(site.policy.confidence);
  const stopSpeed = site.policy.stop_speed / factor;
  const scaleSigma = geometry.homography?.scaleSigma ?? 0;
  const isCalibrated = geometry.mode === 'ground';

  const stands = findStands(trajectory, first, last, stopSpeed, z);
  const queued = stands.filter((stand) => isQueued(trajectory, stand));
  const atLine = stands.filter((stand) => !queued.includes(stand));
  const from = queued.length > 0 ? afterQueue(trajectory, queued, first, last) : first;
  const lowest = lowestIndex(trajectory, from, last);
  const { speed, halfWidth, noise } = trajectory;
  const { confidence } = site.policy;
  const limitMps = site.policy.rolling_below / factor;
  const dip =
    atLine.length > 0 ? null : fitDip(trajectory, speed, lowest, from, last, 1.5 * halfWidth, noise, trajectory.slow);
  const minimum = minimumSpeed(trajectory, from, last, atLine, dip, z, confidence, scaleSigma, limitMps);
  const stopped = stoppedTime(trajectory, atLine, lowest, confidence, site.policy.min_stop_s);
  const stoppedS = stopped.interval;
  const lastStand = atLine.at(-1);
  const isEntrySeen = first > 0;
  const hasCrossed = (s[last] as number) > 0;
  const decision = decide({
    policy: site.policy,
    unit,
    isCalibrated,
    stoppedS,
    isLongEnough: stopped.isLongEnough,
    minSpeed: minimum && scaled(minimum.speed, factor),
    isSlowEnough: minimum?.isSlowEnough ?? 0,
    unseenSpeed: minimum?.unseen == null ? null : minimum.unseen * factor,
    hasStood: atLine.length > 0,
    watchedS: watchedStand(trajectory, atLine, stopSpeed),
    queuedS: queued.reduce((sum, stand) => sum + stand.duration, 0),
    seenS: (t[last] as number) - (t[first] as number),
    samples: last - first + 1,
    hiddenS: longestHole(trajectory, first, last),
    hasCrossed,
    ending: pass.ending,
  });
  const withUnit = (interval: Interval | null) =>
    interval && isCalibrated ? { ...scaled(interval, factor), unit } : null;
  const entry = isEntrySeen ? entryTime(geometry, trajectory, first) : (t[first] as number);
  const distance = lastStand ? stopDistance(geometry, trajectory, lastStand, z) : null;
  return {
    enteredUtc: startUtc + entry,
    exitedUtc: startUtc + (t[last] as number),
    verdict: decision.verdict,
    reason: decision.reason,
    forced: stands.some((stand) => shareOf(trajectory, stand, (lead) => lead.isStanding) >= 0.5),
    // A driver is not accused by chance: the whole interval must lie beyond the line.
    encroached: distance !== null && (isCalibrated ? distance.hi < 0 : distance.value < 0),
    complete: isEntrySeen && hasCrossed,
    stoppedS,
    minSpeed: withUnit(minimum?.speed ?? null),
    minSpeedUtc: minimum ? startUtc + minimum.at : null,
    approachSpeed: withUnit(isEntrySeen ? approachSpeed(trajectory, entry, z, scaleSigma) : null),
    stopDistanceM: isCalibrated ? distance : null,
    decelerationMps2:
      isCalibrated && isEntrySeen && minimum
        ? deceleration(trajectory, entry, Math.min(stands[0]?.from ?? minimum.at, minimum.at), z)
        : null,
    timeInZoneS: timeInZone(trajectory, first, last),
    samples: evidence(trajectory, first, last, isCalibrated ? factor : null),
  };
}

/** From the front at rest to the line, negative beyond it. Pixels scaled to something like metres without calibration. */
function stopDistance(g: SiteGeometry, trajectory: Trajectory, stand: Stand, z: number): Interval {
  const { t, front } = trajectory;
  const middle = (stand.from + stand.to) / 2;
  let nearest = 0;
  t.forEach((time, i) => {
    if (Math.abs(time - middle) < Math.abs((t[nearest] as number) - middle)) nearest = i;
  });
  const calibration = g.groundSigma(front[nearest] as readonly [number, number]);
  // What differs along the way, and as much again that is the same all along it.
  const drawn = Math.SQRT2 * (trajectory.slow?.sigma[nearest] ?? 0);
  const sigma = Math.hypot(stand.atSigma, trajectory.frontSigma(nearest), calibration, BUMPER_SIGMA_M, drawn);
  return around(-stand.at, z * sigma);
}

/** When the front came into the zone: between two samples, by halving the way between them. */
function entryTime(g: SiteGeometry, { t, front }: Trajectory, first: number): number {
  const zone = g.mode === 'pixel' ? g.zoneImage : g.zone;
  const [x0, y0] = front[first - 1] as readonly [number, number];
  const [x1, y1] = front[first] as readonly [number, number];
  let [lo, hi] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const middle = (lo + hi) / 2;
    if (polygonContains(zone, [x0 + (x1 - x0) * middle, y0 + (y1 - y0) * middle])) hi = middle;
    else lo = middle;
  }
  const [before, after] = [t[first - 1] as number, t[first] as number];
  return before + hi * (after - before);
}

/** Index of the first sample with the whole vehicle over the line, or where it turned back or ended. */
function endOfPass({ s, length, isInZone }: Trajectory, first: number): number {
  let lastInside = first;
  for (let i = first; i < s.length; i++) {
    if ((s[i] as number) > length) return i;
    if (isInZone[i] || (s[i] as number) > 0) lastInside = i;
  }
  return lastInside;
}

function lowestIndex({ speed }: Trajectory, from: number, last: number): number {
  let lowest = from;
  for (let i = from; i <= last; i++) if ((speed[i] as number) < (speed[lowest] as number)) lowest = i;
  return lowest;
}

function longestHole({ t }: Trajectory, first: number, last: number): number {
  let hole = 0;
  for (let i = first + 1; i <= last; i++) hole = Math.max(hole, (t[i] as number) - (t[i - 1] as number));
  return hole;
}

function timeInZone({ t, isInZone }: Trajectory, first: number, last: number): number {
  let sum = 0;
  for (let i = first + 1; i <= last; i++) {
    if (isInZone[i] && isInZone[i - 1]) sum += (t[i] as number) - (t[i - 1] as number);
  }
  return sum;
}

const EVIDENCE_BEFORE_S = 2;

function evidence(trajectory: Trajectory, first: number, last: number, factor: number | null): PassSample[] {
  const { t, samples, front, speed } = trajectory;
  const out: PassSample[] = [];
  for (let i = 0; i <= last; i++) {
    if ((t[i] as number) < (t[first] as number) - EVIDENCE_BEFORE_S) continue;
    const sample = samples[i] as Sample;
    out.push({
      ts_utc: sample.tsUtc,
      bbox: sample.box,
      ground: factor === null ? null : (front[i] as readonly [number, number]),
      speed: factor === null ? null : Math.max(0, speed[i] as number) * factor,
    });
  }
  return out;
}
