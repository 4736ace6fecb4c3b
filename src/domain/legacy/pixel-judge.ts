/**
 * The project's own judge on the predecessor's rows: the same smoother and the same rules, in pixels. Uncalibrated: a
 * length on the road is guessed from the height of the boxes, so a speed cannot be said; how long it stood and how long
 * it stayed can. Stands beside the predecessor's figures in `stopsign score --legacy`. Pure.
 */
import { boxSample } from '../evidence/box-sample.ts';
import { siteGeometry } from '../geometry/site-geometry.ts';
import { judgePass } from '../stop/judge-pass.ts';
import type { Sample } from '../stop/sample.ts';
import type { Interval, Point, Site, Verdict } from '../types.ts';
import type { LegacyGeometry, LegacyRow } from './score-rows.ts';

export type PixelJudgement =
  | {
      readonly ok: true;
      readonly verdict: Verdict;
      readonly reason: string;
      readonly stoppedS: Interval | null;
      /** Of the boxes' lower middle, not of the whole boxes as in the predecessor's figure. */
      readonly timeInZoneS: number;
      readonly samples: number;
    }
  | { readonly ok: false; readonly reason: string };

export function judgeInPixels(rows: readonly LegacyRow[], geometry: LegacyGeometry): PixelJudgement {
  const site = siteOf(rows, geometry);
  if (!site) return { ok: false, reason: 'zone and pre-stop line give no direction' };
  const result = siteGeometry(site);
  if (!result.ok) return { ok: false, reason: result.problems.join('; ') };
  const samples: Sample[] = [];
  let lastUtc = Number.NEGATIVE_INFINITY;
  for (const { t, x1, y1, x2, y2 } of rows) {
    // As live: a frame that is not later than the last says nothing.
    if (t <= lastUtc) continue;
    lastUtc = t;
    const seen = { tsUtc: t, box: [x1, y1, x2, y2] as const, score: 1 };
    samples.push(boxSample(result.geometry, 'car', seen, { before: samples.at(-1), lengthM: null }).sample);
  }
  const judged = judgePass({ geometry: result.geometry, site, samples, vehicleClass: 'car', ending: 'input_ended' });
  if (!judged) return { ok: false, reason: 'no pass: never in the zone, or without getting ahead in it' };
  const { verdict, reason, stoppedS, timeInZoneS } = judged;
  return { ok: true, verdict, reason, stoppedS, timeInZoneS, samples: judged.samples.length };
}

/** The stop line is taken where the zone ends in the direction of approach. */
function siteOf(rows: readonly LegacyRow[], { zone, preStopLine }: LegacyGeometry): Site | null {
  if (zone.length < 3 || preStopLine.length !== 2) return null;
  const middle = meanOf(zone);
  const start = meanOf(preStopLine);
  const [dx, dy] = [middle[0] - start[0], middle[1] - start[1]];
  const norm = Math.hypot(dx, dy);
  if (norm < 1e-6) return null;
  const [ux, uy] = [dx / norm, dy / norm];
  const ahead = Math.max(...zone.map(([x, y]) => (x - middle[0]) * ux + (y - middle[1]) * uy));
  const half = Math.max(1, ...zone.map(([x, y]) => Math.abs((y - middle[1]) * ux - (x - middle[0]) * uy)));
  const end: Point<'image'> = [middle[0] + ahead * ux, middle[1] + ahead * uy];
  // A pass may have more rows than a call has room for arguments.
  const furthest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 1);
  return {
    name: 'uncalibrated',
    units: 'km/h',
    timezone: 'UTC',
    image: {
      width: Math.ceil(furthest([...zone.map(([x]) => x), ...rows.map((row) => row.x2)])) + 1,
      height: Math.ceil(furthest([...zone.map(([, y]) => y), ...rows.map((row) => row.y2)])) + 1,
    },
    stop_line: [
      [end[0] - half * uy, end[1] + half * ux],
      [end[0] + half * uy, end[1] - half * ux],
    ],
    approach: [start, end],
    stop_zone: zone,
    policy: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 },
    vehicles: ['car'],
  };
}

function meanOf(points: readonly (readonly [number, number])[]): Point<'image'> {
  const n = points.length;
  return [points.reduce((sum, [x]) => sum + x, 0) / n, points.reduce((sum, [, y]) => sum + y, 0) / n];
}
