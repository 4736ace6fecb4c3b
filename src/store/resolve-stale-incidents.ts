/**
 * Incidents that are open for ever: whoever would have resolved them ended first (a crash, an escalation). Asked by the
 * fact store when it has reached the database, and when facts of an earlier process come out of the spool.
 */
import type { Fact } from '../rpc/records.ts';
import type { Store } from './open-store.ts';

/** UTC s. `openedBeforeUtc` is the start of the process that asks: what it opened itself it resolves itself. */
export interface StaleIncidents {
  readonly openedBeforeUtc: number;
  readonly resolvedUtc: number;
}

/** Returns how many there were. */
export function resolveStaleIncidents(store: Store, { openedBeforeUtc, resolvedUtc }: StaleIncidents): Promise<number> {
  return store.ask(async (sql) => {
    const stale = await sql`
      update events set body = jsonb_set(body, '{detail,resolvedUtc}', to_jsonb(${resolvedUtc}::float8))
      where type = 'incident' and ts < to_timestamp(${openedBeforeUtc}::float8)
        and body #>> '{detail,resolvedUtc}' is null`;
    return stale.count;
  });
}

/** Whether `fact` tells of an incident that began before `beforeUtc` and is not resolved. */
export function isOpenIncident(fact: Fact, beforeUtc = Number.NEGATIVE_INFINITY): boolean {
  if (fact.kind !== 'event' || fact.event.type !== 'incident') return false;
  return fact.event.ts_utc < beforeUtc && (fact.event.detail['resolvedUtc'] ?? null) === null;
}
