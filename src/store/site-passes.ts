/** The figures of a camera's passes that its score is made of, and those of one pass. Asked by the gateway and the command line. */
import type { ScoredPass } from '../domain/score/site-score.ts';
import type { Verdict } from '../domain/types.ts';
import type { Sql, Store } from './open-store.ts';

export interface SitePassesQuestion {
  readonly camera: string;
  /** By the time they entered the zone, UTC seconds. */
  readonly sinceUtc: number;
  readonly untilUtc?: number | undefined;
}

export interface SitePasses {
  readonly passes: readonly (ScoredPass & { readonly id: string })[];
  /** There are more: only the newest were taken. */
  readonly isCut: boolean;
}

/** Enough for a year of a quiet street; more would keep the gateway's thread busy. */
export const MOST_PASSES = 50_000;
const KMH_PER_MPH = 1.609344;

interface Row {
  id: string;
  camera: string;
  verdict: Verdict;
  forced: boolean;
  stopped_s: number | null;
  min_speed: number | null;
  min_speed_unit: string | null;
}

/** Newest first. */
export function sitePasses(store: Store, question: SitePassesQuestion): Promise<SitePasses> {
  const { camera, sinceUtc, untilUtc = null } = question;
  return store.ask(async (sql) => {
    const rows = await sql<Row[]>`
      select id, verdict, forced, stopped_s, min_speed, min_speed_unit
      from passes
      where camera = ${camera} and entered_at >= to_timestamp(${sinceUtc}::float8)
        and (${untilUtc}::float8 is null or entered_at < to_timestamp(${untilUtc}::float8))
      order by entered_at desc, id desc
      limit ${MOST_PASSES + 1}`;
    return { passes: rows.slice(0, MOST_PASSES).map(scored), isCut: rows.length > MOST_PASSES };
  });
}

/** With the camera it belongs to; null when there is no such pass. */
export function scoredPassById(store: Store, id: string) {
  return store.ask(async (sql: Sql) => {
    const [row] = await sql<Row[]>`
      select id, camera, verdict, forced, stopped_s, min_speed, min_speed_unit from passes where id = ${id}`;
    return row ? { ...scored(row), camera: row.camera } : null;
  });
}

function scored(row: Row): ScoredPass & { readonly id: string } {
  const { id, verdict, forced, stopped_s: stoppedS, min_speed: speed, min_speed_unit: unit } = row;
  return { id, verdict, forced, stoppedS, minSpeedKmh: speed === null || unit !== 'mph' ? speed : speed * KMH_PER_MPH };
}
