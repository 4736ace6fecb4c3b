/**
 * The predecessor's scorer of a finished pass, reproduced to the digit: the uncalibrated pixel mode. Pixels and pixels
 * per second throughout, nothing of it is a speed on the road. Kept so that its figures can be compared with the
 * judge's; its faults are known (docs/score.md) and kept too. Pure; called by `stopsign score --legacy` and tests.
 */
import { type Corner, overlapsWithArea } from './overlap.ts';

/** One frame of a track, pixels of the picture; `rawSpeed` in pixels per second as the predecessor's filter gave it. */
export interface LegacyRow {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly rawSpeed: number;
}

export interface LegacyGeometry {
  readonly zone: readonly Corner[];
  readonly preStopLine: readonly Corner[];
  /** Pixels per second; up to it (included) a row counts as stopped. */
  readonly threshold: number;
  /** Seconds; default 0.2. */
  readonly minZoneTimeS?: number | undefined;
}

export const LEGACY_OUTCOMES = [
  'pass',
  'too_few_samples',
  'bad_geometry',
  'never_in_zone',
  'zone_too_short',
  'zone_timeout',
  'bad_approach',
  'insufficient_progress',
] as const;
export type LegacyOutcome = (typeof LEGACY_OUTCOMES)[number];

/** What was not reached is null; the predecessor wrote 0 there. */
export interface LegacyScore {
  readonly outcome: LegacyOutcome;
  /** Seconds from the first to the last row of the run in the zone. */
  readonly timeInZoneS: number | null;
  readonly entryUtc: number | null;
  readonly exitUtc: number | null;
  readonly stopDurationS: number | null;
  /** 5th percentile of the raw speeds in the zone, pixels per second. */
  readonly minSpeed: number | null;
  /** Way along the approach, pixels. */
  readonly progress: number | null;
  /** Rows of the run in the zone. */
  readonly samples: number | null;
}

const MIN_ZONE_TIME_S = 0.2;
const MAX_ZONE_TIME_S = 60;
const MIN_PROGRESS_PX = 20;
const APPROACH_ROWS = 30;
const SLOWEST_PERCENT = 5;

const NOTHING: Omit<LegacyScore, 'outcome'> = {
  timeInZoneS: null,
  entryUtc: null,
  exitUtc: null,
  stopDurationS: null,
  minSpeed: null,
  progress: null,
  samples: null,
};

export function scoreRows(rows: readonly LegacyRow[], geometry: LegacyGeometry): LegacyScore {
  if (rows.length < 2) return { ...NOTHING, outcome: 'too_few_samples' };
  const { zone, preStopLine, threshold, minZoneTimeS = MIN_ZONE_TIME_S } = geometry;
  if (zone.length < 3 || preStopLine.length !== 2) return { ...NOTHING, outcome: 'bad_geometry' };
  const run = longestRun(rows, zone);
  if (!run) return { ...NOTHING, outcome: 'never_in_zone' };

  const inside = rows.slice(run.first, run.last + 1);
  const entryUtc = (inside[0] as LegacyRow).t;
  const exitUtc = (inside.at(-1) as LegacyRow).t;
  const timeInZoneS = Math.max(0, exitUtc - entryUtc);
  const stay = { ...NOTHING, timeInZoneS, entryUtc, exitUtc };
  if (timeInZoneS < minZoneTimeS) return { ...stay, outcome: 'zone_too_short' };
  if (timeInZoneS > MAX_ZONE_TIME_S) return { ...stay, outcome: 'zone_timeout' };

  const ahead = approachOf(zone, preStopLine);
  if (!ahead) return { ...NOTHING, timeInZoneS, outcome: 'bad_approach' };
  const from = rows[Math.max(0, run.first - APPROACH_ROWS)] as LegacyRow;
  const to = inside.at(-1) as LegacyRow;
  const progress = (to.x - from.x) * ahead[0] + (to.y - from.y) * ahead[1];
  const way = { ...stay, progress, samples: inside.length };
  if (progress < MIN_PROGRESS_PX) return { ...way, outcome: 'insufficient_progress' };
  const speeds = inside.map((row) => row.rawSpeed);
  const stopDurationS = stoppedFor(inside, threshold);
  return { ...way, outcome: 'pass', minSpeed: percentile(speeds, SLOWEST_PERCENT), stopDurationS };
}

interface Run {
  readonly first: number;
  readonly last: number;
}

/** Longest in time, then in rows, then the earliest. */
function longestRun(rows: readonly LegacyRow[], zone: readonly Corner[]): Run | null {
  let best: Run | null = null;
  let first = -1;
  const length = (run: Run) => (rows[run.last] as LegacyRow).t - (rows[run.first] as LegacyRow).t;
  for (let i = 0; i <= rows.length; i++) {
    const row = rows[i];
    if (row && overlapsWithArea(zone, [row.x1, row.y1, row.x2, row.y2])) {
      if (first < 0) first = i;
      continue;
    }
    if (first < 0) continue;
    const run = { first, last: i - 1 };
    first = -1;
    const gain = best ? length(run) - length(best) : 1;
    if (!best || gain > 0 || (gain === 0 && run.last - run.first > best.last - best.first)) best = run;
  }
  return best;
}

/** Unit vector from the middle of the line to the middle of the zone, in single precision as the predecessor had it. */
function approachOf(zone: readonly Corner[], line: readonly Corner[]): Corner | null {
  const dx = Math.fround(mean32(zone, 0) - mean32(line, 0));
  const dy = Math.fround(mean32(zone, 1) - mean32(line, 1));
  const norm = Math.fround(Math.sqrt(Math.fround(Math.fround(dx * dx) + Math.fround(dy * dy))));
  return norm < 1e-6 ? null : [Math.fround(dx / norm), Math.fround(dy / norm)];
}

function mean32(points: readonly Corner[], axis: 0 | 1): number {
  const sum = points.reduce((so, point) => Math.fround(so + Math.fround(point[axis])), 0);
  return Math.fround(sum / points.length);
}

function stoppedFor(inside: readonly LegacyRow[], threshold: number): number {
  let sum = 0;
  for (let i = 1; i < inside.length; i++) {
    const row = inside[i] as LegacyRow;
    if (row.rawSpeed <= threshold) sum += Math.max(0, row.t - (inside[i - 1] as LegacyRow).t);
  }
  return sum;
}

/** Linear interpolation between the order statistics at (n − 1) · p (Hyndman and Fan 1996, type 7). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  const share = place - Math.floor(place);
  const step = above - below;
  return share >= 0.5 ? above - step * (1 - share) : below + step * share;
}
