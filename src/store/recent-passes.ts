/** The newest passes, as the events they were sent as. Asked by the gateway. */
import type { PassEvent } from '../domain/types.ts';
import type { Store } from './open-store.ts';

export interface RecentPassesQuestion {
  readonly camera?: string | undefined;
  /** 1 … 500 */
  readonly limit: number;
  /** Id of a pass: only those before it, for the next page. */
  readonly before?: string | undefined;
  /** UTC seconds: only those entered before, and by the time they were entered. Infinity: from the newest on. */
  readonly enteredBefore?: number | undefined;
}

/** Newest first, by the time they left the zone. An unknown `before` gives an empty page. */
export function recentPasses(store: Store, question: RecentPassesQuestion): Promise<readonly PassEvent[]> {
  const { camera = null, before = null, enteredBefore = null } = question;
  const limit = Math.min(Math.max(Math.trunc(question.limit), 1), 500);
  return store.ask(async (sql) => {
    const rows = await sql<{ body: PassEvent }[]>`
      select body
      from passes
      where (${camera}::text is null or camera = ${camera})
        and (
          ${before}::text is null
          or (exited_at, id) < (select p.exited_at, p.id from passes p where p.id = ${before})
        )
        and (${enteredBefore}::float8 is null or entered_at < to_timestamp(${enteredBefore}::float8))
      order by ${enteredBefore === null ? sql`exited_at` : sql`entered_at`} desc, id desc
      limit ${limit}`;
    return rows.map((row) => row.body);
  });
}
