/** The newest events of some types (passes are asked for apart). Asked by the gateway. */
import type { ConditionEvent, MomentEvent } from '../domain/types.ts';
import type { Store } from './open-store.ts';

export type StoredEvent = MomentEvent | ConditionEvent;

export interface RecentEventsQuestion {
  readonly camera?: string | undefined;
  /** Absent: all. */
  readonly type?: StoredEvent['type'] | undefined;
  /** 1 … 500 */
  readonly limit: number;
}

export function recentEvents(store: Store, question: RecentEventsQuestion): Promise<readonly StoredEvent[]> {
  const { camera = null, type = null } = question;
  const limit = Math.min(Math.max(Math.trunc(question.limit), 1), 500);
  return store.ask(async (sql) => {
    const rows = await sql<{ body: StoredEvent }[]>`
      select body
      from events
      where (${type}::text is null or type = ${type}) and (${camera}::text is null or camera = ${camera})
      order by ts desc, id desc
      limit ${limit}`;
    return rows.map((row) => row.body);
  });
}
