/** How the passes of a camera were judged: today, in seven days, ever, and hour by hour. Asked by the gateway. */
import type { Verdict } from '../domain/types.ts';
import type { PassStats, VerdictCounts } from '../rpc/api/types.ts';
import type { Sql, Store } from './open-store.ts';

export interface PassStatsQuestion {
  readonly camera: string;
  /** IANA name, e.g. Europe/Berlin: decides when today began. */
  readonly timezone: string;
  readonly nowUtc: number;
}

interface CountRow {
  verdict: Verdict;
  /** UTC second at which the hour begins; null when it is no hour of the last 24 */
  hour: number | null;
  today: number;
  week: number;
  ever: number;
  first: number;
}

/** The week is today and the six days before. */
export async function passStats(store: Store, question: PassStatsQuestion): Promise<PassStats> {
  const rows = await store.ask((sql) => countPasses(sql, question));
  const hours = [...new Set(rows.flatMap(({ hour }) => (hour === null ? [] : [hour])))].sort((a, b) => a - b);
  return {
    today: tally(rows, (row) => row.today),
    week: tally(rows, (row) => row.week),
    all: tally(rows, (row) => row.ever),
    hourly: hours.map((hour) => ({ hour, counts: tally(rows, (row) => (row.hour === hour ? row.ever : 0)) })),
    since: rows.length === 0 ? null : Math.min(...rows.map((row) => row.first)),
  };
}

function countPasses(sql: Sql, { camera, timezone, nowUtc }: PassStatsQuestion): Promise<readonly CountRow[]> {
  return sql<CountRow[]>`
    with moments as (
      select
        midnight at time zone ${timezone}::text as today,
        (midnight - interval '6 days') at time zone ${timezone}::text as week,
        date_trunc('hour', to_timestamp(${nowUtc}::float8), ${timezone}::text) - interval '23 hours' as day_ago
      from (select date_trunc('day', to_timestamp(${nowUtc}::float8) at time zone ${timezone}::text) as midnight) m
    )
    select
      verdict,
      case when entered_at >= day_ago
        then extract(epoch from date_trunc('hour', entered_at, ${timezone}::text))::float8 end as hour,
      (count(*) filter (where entered_at >= today))::float8 as today,
      (count(*) filter (where entered_at >= week))::float8 as week,
      count(*)::float8 as ever,
      extract(epoch from min(entered_at))::float8 as first
    from passes cross join moments
    where camera = ${camera}
    group by 1, 2`;
}

function tally(rows: readonly CountRow[], count: (row: CountRow) => number): VerdictCounts {
  const counts: Record<Verdict, number> = { full_stop: 0, rolling_stop: 0, no_stop: 0, indeterminate: 0 };
  for (const row of rows) counts[row.verdict] += count(row);
  return counts;
}
