/** How the passes were judged: today, over seven days, ever, and hour by hour. Asked by the gateway. */
import type { Verdict } from '../domain/types.ts';
import type { Sql, Store } from './open-store.ts';

export type VerdictCounts = Readonly<Record<Verdict | 'total', number>>;

export interface Stats {
  /** Since midnight in the site's time zone. */
  readonly today: VerdictCounts;
  /** Today and the six days before. */
  readonly last7Days: VerdictCounts;
  readonly all: VerdictCounts;
  /** 24 entries, hour 0 … 23 of today in the site's time zone. */
  readonly hours: readonly (VerdictCounts & { readonly hour: number })[];
}

export interface StatsQuestion {
  readonly camera?: string | undefined;
  /** IANA name, e.g. Europe/Berlin. */
  readonly timezone: string;
  /** UTC seconds; decides what today is. */
  readonly nowUtc: number;
}

interface CountRow {
  verdict: Verdict;
  /** null: of another day */
  hour: number | null;
  today: number;
  week: number;
  ever: number;
}

export async function stats(store: Store, question: StatsQuestion): Promise<Stats> {
  const rows = await store.ask((sql) => countPasses(sql, question));
  const hourly = rows.filter((row) => row.hour !== null);
  return {
    today: tally(rows, (row) => row.today),
    last7Days: tally(rows, (row) => row.week),
    all: tally(rows, (row) => row.ever),
    hours: Array.from({ length: 24 }, (_, hour) => ({
      hour,
      ...tally(hourly, (row) => (row.hour === hour ? row.today : 0)),
    })),
  };
}

function countPasses(sql: Sql, { camera = null, timezone, nowUtc }: StatsQuestion): Promise<readonly CountRow[]> {
  return sql<CountRow[]>`
    with days as (
      select
        midnight at time zone ${timezone}::text as today,
        (midnight + interval '1 day') at time zone ${timezone}::text as tomorrow,
        (midnight - interval '6 days') at time zone ${timezone}::text as week
      from (select date_trunc('day', to_timestamp(${nowUtc}::float8) at time zone ${timezone}::text) as midnight) d
    )
    select
      verdict,
      case when exited_at >= today and exited_at < tomorrow
        then extract(hour from exited_at at time zone ${timezone}::text)::float8 end as hour,
      (count(*) filter (where exited_at >= today and exited_at < tomorrow))::float8 as today,
      (count(*) filter (where exited_at >= week and exited_at < tomorrow))::float8 as week,
      count(*)::float8 as ever
    from passes cross join days
    where ${camera}::text is null or camera = ${camera}
    group by 1, 2`;
}

function tally(rows: readonly CountRow[], count: (row: CountRow) => number): VerdictCounts {
  const counts = { full_stop: 0, rolling_stop: 0, no_stop: 0, indeterminate: 0, total: 0 };
  for (const row of rows) {
    counts[row.verdict] += count(row);
    counts.total += count(row);
  }
  return counts;
}
