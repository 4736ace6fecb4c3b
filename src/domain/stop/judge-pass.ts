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
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import type { Interval, PassSample, Site, SpeedUnit, Verdict } from '../types.ts';
import { type Dip, fitDip } from './dip-fit.ts';
import { normalQuantile } from './least-squares.ts';
import { localFit } from './local-fit.ts';
import type { Sample } from './sample.ts';
import { fitStand, type Stand } from './stand-fit.ts';
import { buildTrajectory, type Trajectory } from './trajectory.ts';
import { decide } from './verdict.ts';

/** Closer than this to the line, a stand is a stand at the line whoever is in front. */
export const AT_LINE_M = 3;
/** What a box cannot tell about where the bumper ends; standard deviation. */
const FRONT_SIGMA_M = 0.2;
/** Boxes of standing vehicles drift with light and detector: slower than this is no motion. */
const CREEP_FLOOR_MPS = 0.2;
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
  readonly timeInZoneS: number;
  readonly samples: readonly PassSample[];
}

/** null when it was no pass: the vehicle never was in the zone, or did not get ahead in it. */
export function judgePass(pass: PassToJudge): PassJudgement | null {
  const { geometry, site } = pass;
  const trajectory = buildTrajectory(geometry, pass.samples, pass.vehicleClass);
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
  const dip = slowest(trajectory, from, last);
  const minimum = atLine.length > 0 ? standingMinimum(atLine, z) : dip ? movingMinimum(dip, z, scaleSigma) : null;

  const duration = atLine.reduce((sum, stand) => sum + stand.duration, 0);
  const durationSigma = Math.sqrt(atLine.reduce((sum, stand) => sum + stand.sigma ** 2, 0));
  const stoppedS = around(duration, z * durationSigma, 0);
  const lastStand = atLine.at(-1);
  const isEntrySeen = first > 0;
  const hasCrossed = (s[last] as number) > 0;
  const decision = decide({
    policy: site.policy,
    unit,
    isCalibrated,
    stoppedS,
    minSpeed: minimum && scaleInterval(minimum.speed, factor),
    hasStood: atLine.length > 0,
    queuedS: queued.reduce((sum, stand) => sum + stand.duration, 0),
    seenS: (t[last] as number) - (t[first] as number),
    samples: last - first + 1,
    hiddenS: longestHole(trajectory, first, last),
    hasCrossed,
    ending: pass.ending,
  });
  const withUnit = (interval: Interval | null) =>
    interval && isCalibrated ? { ...scaleInterval(interval, factor), unit } : null;
  const approach = isEntrySeen ? localFit(trajectory, t[first] as number, 0.6, 2) : null;
  return {
    enteredUtc: startUtc + (t[first] as number),
    exitedUtc: startUtc + (t[last] as number),
    verdict: decision.verdict,
    reason: decision.reason,
    forced: stands.some((stand) => shareOf(trajectory, stand, (lead) => lead.isStanding) >= 0.5),
    encroached: lastStand !== undefined && lastStand.at > 0,
    complete: isEntrySeen && hasCrossed,
    stoppedS,
    minSpeed: withUnit(minimum?.speed ?? null),
    minSpeedUtc: minimum ? startUtc + minimum.at : null,
    approachSpeed: withUnit(
      approach &&
        around(
          Math.max(0, approach.speed),
          z * Math.hypot(Math.sqrt(approach.speedVariance), approach.speed * scaleSigma),
          0,
        ),
    ),
    stopDistanceM:
      lastStand && isCalibrated ? around(-lastStand.at, z * Math.hypot(lastStand.atSigma, FRONT_SIGMA_M)) : null,
    timeInZoneS: timeInZone(trajectory, first, last),
    samples: evidence(trajectory, first, last, isCalibrated ? factor : null),
  };
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

function findStands(trajectory: Trajectory, first: number, last: number, stopSpeed: number, z: number): Stand[] {
  const { t, s, speed, speedSigma } = trajectory;
  const stands: Stand[] = [];
  const low = (i: number) =>
    (speed[i] as number) < Math.min(1.2, Math.max(1.2 * stopSpeed, stopSpeed + (speedSigma[i] as number)));
  for (let i = first; i <= last; i++) {
    if (!low(i)) continue;
    let j = i;
    for (let k = i + 1; k <= last; k++) {
      // Hidden for a while and still at the same place: it stood on.
      const isSameStand = k === j + 1 && Math.abs((s[k] as number) - (s[j] as number)) < SAME_PLACE_M;
      if (!isSameStand && (t[k] as number) - (t[j] as number) > MERGE_S) break;
      if (low(k)) j = k;
    }
    const stand = fitStand(trajectory, speed, t[i] as number, t[j] as number);
    i = j;
    if (!stand || !(stand.duration > 0)) continue;
    const creep = Math.abs(stand.creep);
    const isStill = creep <= Math.max(CREEP_FLOOR_MPS, SURELY_MOVING_SIGMAS * stand.creepSigma);
    if (isStill && creep + z * stand.creepSigma < stopSpeed) stands.push(stand);
  }
  return stands;
}

const MERGE_S = 0.25;
const SAME_PLACE_M = 0.5;
/** A true stand must not fail by chance: its creep speaks against it only when it is this far from 0. */
const SURELY_MOVING_SIGMAS = 3;

function isQueued(trajectory: Trajectory, stand: Stand): boolean {
  return stand.at < -AT_LINE_M && shareOf(trajectory, stand, (lead) => lead.isBeforeLine) >= 0.5;
}

/** Share of the stand's samples with a vehicle in front of which `test` holds. */
function shareOf({ t, samples }: Trajectory, stand: Stand, test: (lead: NonNullable<Sample['lead']>) => boolean) {
  let all = 0;
  let some = 0;
  samples.forEach((sample, i) => {
    const time = t[i] as number;
    if (time < stand.from || time > stand.to) return;
    all++;
    if (sample.lead && test(sample.lead)) some++;
  });
  return all === 0 ? 0 : some / all;
}

function afterQueue({ t, s }: Trajectory, queued: readonly Stand[], first: number, last: number): number {
  const gone = Math.max(...queued.map((stand) => stand.to));
  for (let i = first; i <= last; i++) if ((t[i] as number) > gone && (s[i] as number) >= -AT_LINE_M) return i;
  return last;
}

function slowest(trajectory: Trajectory, from: number, last: number): Dip | null {
  let lowest = from;
  for (let i = from; i <= last; i++) {
    if ((trajectory.speed[i] as number) < (trajectory.speed[lowest] as number)) lowest = i;
  }
  return fitDip(trajectory, trajectory.speed, lowest, from, last, 1.5 * trajectory.halfWidth);
}

interface Minimum {
  readonly speed: Interval;
  readonly at: number;
}

function standingMinimum(stands: readonly Stand[], z: number): Minimum {
  const longest = stands.reduce((best, stand) => (stand.duration > best.duration ? stand : best));
  const hi = Math.min(...stands.map((stand) => Math.abs(stand.creep) + z * stand.creepSigma));
  return { speed: { value: 0, lo: 0, hi }, at: (longest.from + longest.to) / 2 };
}

function movingMinimum(dip: Dip, z: number, scaleSigma: number): Minimum {
  const value = Math.max(0, dip.speed);
  return { speed: around(value, z * Math.hypot(dip.sigma, value * scaleSigma), 0), at: dip.at };
}

function around(value: number, half: number, floor = Number.NEGATIVE_INFINITY): Interval {
  return { value: Math.max(floor, value), lo: Math.max(floor, value - half), hi: value + half };
}

function scaleInterval({ value, lo, hi }: Interval, factor: number): Interval {
  return { value: value * factor, lo: lo * factor, hi: hi * factor };
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
