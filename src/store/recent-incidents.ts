/** The newest incidents: every restart and every stall of the pipeline. Asked by the gateway. */
import type { ConditionEvent } from '../domain/types.ts';
import type { Store } from './open-store.ts';
import { recentEvents } from './recent-events.ts';

export type StoredIncident = ConditionEvent & { readonly type: 'incident' };

/** @param limit 1 … 500 */
export async function recentIncidents(store: Store, limit: number): Promise<readonly StoredIncident[]> {
  return (await recentEvents(store, { type: 'incident', limit })) as readonly StoredIncident[];
}
