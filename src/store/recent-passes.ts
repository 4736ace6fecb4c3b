/** The newest passes, as the events they were sent as. Asked by the gateway. */
import type { PassEvent } from '../domain/types.ts';
import type { PassQuery } from '../rpc/api/ports.ts';
import type { Store } from './open-store.ts';

/** Newest first, by the time they entered the zone. `limit` is kept between 1 and 500. */
export function recentPasses(store: Store, query: PassQuery): Promise<readonly PassEvent[]> {
  const { camera = null, before = null } = query;
  const limit = Math.min(Math.max(Math.trunc(query.limit), 1), 500);
  return store.ask(async (sql) => {
    const rows = await sql<{ body: PassEvent }[]>`
      select body
      from passes
      where (${camera}::text is null or camera = ${camera})
        and (${before}::float8 is null or entered_at < to_timestamp(${before}::float8))
      order by entered_at desc, id desc
      limit ${limit}`;
    return rows.map((row) => row.body);
  });
}
