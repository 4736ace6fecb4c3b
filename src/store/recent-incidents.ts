/** The newest incidents: every restart and every stall of the pipeline. Asked by the gateway. */
import type { Incident } from '../rpc/control.ts';
import type { Store } from './open-store.ts';
import { recentEvents } from './recent-events.ts';

/** Newest first. @param limit 1 … 500 */
export async function recentIncidents(store: Store, limit: number): Promise<readonly Incident[]> {
  const events = await recentEvents(store, { type: 'incident', limit });
  return events.flatMap((event) => {
    if (event.type !== 'incident') return [];
    const {
      resolvedUtc = null,
      framesLost = null,
      ...detail
    } = event.detail as unknown as Omit<Incident, 'id' | 'startedUtc'>;
    // Those of earlier versions name no stage.
    const stage = detail.stage ?? detail.actor.split(':')[0] ?? detail.actor;
    return [{ ...detail, stage, id: event.id, startedUtc: event.ts_utc, resolvedUtc, framesLost }];
  });
}
