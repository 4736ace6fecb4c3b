/** The PassStore port over src/store. Opened by `worker.ts`; nothing is connected before the first question. */
import { z } from 'zod';
import type { Incident } from '../../rpc/control.ts';
import { listCameras } from '../../store/list-cameras.ts';
import { openStore } from '../../store/open-store.ts';
import { passById } from '../../store/pass-by-id.ts';
import { recentIncidents, type StoredIncident } from '../../store/recent-incidents.ts';
import { recentPasses } from '../../store/recent-passes.ts';
import { stats, type VerdictCounts } from '../../store/stats.ts';
import type { PassStore } from './ports.ts';

export function openPassStore(url: string): PassStore {
  const store = openStore({ url, applicationName: 'stopsign gateway', askTimeoutMs: 3_000 });
  return {
    recentPasses: ({ camera, limit, before }) =>
      recentPasses(store, { camera, limit, enteredBefore: before ?? Number.POSITIVE_INFINITY }),
    async passById(id) {
      const stored = await passById(store, id);
      return stored && { pass: stored.event, samples: stored.samples };
    },
    async passStats(camera, timezone) {
      const question = { camera, timezone, nowUtc: Date.now() / 1000 };
      const [counted, cameras] = await Promise.all([stats(store, question), listCameras(store)]);
      return {
        today: verdicts(counted.today),
        week: verdicts(counted.last7Days),
        all: verdicts(counted.all),
        hourly: counted.hours.map(({ hour, ...counts }) => ({ hour, counts: verdicts(counts) })),
        since: cameras.find(({ name }) => name === camera)?.firstSeenUtc ?? null,
      };
    },
    async recentIncidents(limit) {
      return (await recentIncidents(store, limit)).flatMap(toIncident);
    },
    close: () => store.close(),
  };
}

function verdicts({ full_stop, rolling_stop, no_stop, indeterminate }: VerdictCounts) {
  return { full_stop, rolling_stop, no_stop, indeterminate };
}

const detailSchema = z.object({
  actor: z.string(),
  generation: z.number(),
  cause: z.enum(['exit', 'error', 'heartbeat', 'stall', 'source', 'operator', 'start']),
  detail: z.string(),
  resolvedUtc: z.number().nullable(),
});

/** Rows that an older version wrote in another form are left out. */
function toIncident({ id, ts_utc, detail }: StoredIncident): readonly Incident[] {
  const parsed = detailSchema.safeParse(detail);
  return parsed.success ? [{ id, startedUtc: ts_utc, ...parsed.data }] : [];
}
