/**
 * The API's ports over the gateway's parts: the store's answers joined with what is remembered in memory, so that the
 * page works while the database is away. Called by the tRPC route, gateway's thread.
 */
import { passRank } from '../../domain/score/pass-rank.ts';
import { siteScore } from '../../domain/score/site-score.ts';
import { StopsignError } from '../../errors.ts';
import type { ApiPorts } from '../../rpc/api/ports.ts';
import type { SystemStatus } from '../../rpc/api/types.ts';
import type { Incident, SupervisorControl } from '../../rpc/control.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Broadcast } from './broadcast.ts';
import type { CameraChannel } from './camera-channel.ts';
import type { PassStore } from './ports.ts';
import type { RecentPasses } from './recent-passes.ts';
import type { Sessions } from './sessions.ts';
import { truthPath } from './truth-files.ts';

/** A page does not wait longer for the database. */
const STORE_DEADLINE_MS = 3_000;
/** Long enough for the answer to leave before its own thread is replaced. */
const OWN_RESTART_DELAY_MS = 200;

export interface ApiParts {
  /** The gateway's own name: restarting it must not cut off the answer. */
  readonly self: string;
  readonly channels: ReadonlyMap<string, CameraChannel>;
  readonly store: PassStore;
  readonly recent: RecentPasses;
  readonly sessions: Sessions;
  readonly supervisor: SupervisorControl;
  readonly statuses: Broadcast<SystemStatus>;
  readonly clock: Clock;
  readonly log: Log;
  status(): SystemStatus;
}

export function apiPorts(parts: ApiParts): ApiPorts {
  const { channels, store, recent, sessions, supervisor, statuses, clock, log } = parts;
  const daysAgo = (days: number) => clock.nowUs() / 1e6 - days * 86_400;
  return {
    cameras: {
      list: () =>
        [...channels.values()].map(({ camera, latestStatus, scaled, zones }) => ({
          name: camera.name,
          siteName: camera.site.name,
          timeZone: camera.site.timezone,
          units: camera.site.units,
          stream: latestStatus,
          scaled,
          zones,
          mediaBase: `/media/${camera.name}`,
          demo: camera.demo,
          truth: camera.truth === null ? null : truthPath(camera.name),
        })),
    },
    status: {
      snapshot: () => parts.status(),
      async *watch(signal) {
        const next = statuses.subscribe(signal, 1);
        yield parts.status();
        yield* next;
      },
    },
    passes: {
      async recent(query) {
        const stored = await settle(store.recentPasses(query));
        // An older page has no other source; the newest one has what this process has seen itself.
        if (!stored.ok && query.before !== undefined) throw stored.error;
        return recent.merge(stored.ok ? stored.value : [], query);
      },
      async byId(id) {
        const stored = await settle(store.passById(id));
        if (stored.ok && stored.value) return stored.value;
        const pass = recent.byId(id);
        if (pass) return { pass, samples: [] };
        if (!stored.ok) throw stored.error;
        return null;
      },
      async stats(camera) {
        const timezone = channels.get(camera)?.camera.site.timezone ?? 'UTC';
        return withDeadline(store.passStats({ camera, timezone, nowUtc: clock.nowUs() / 1e6 }));
      },
      async score(camera, days) {
        const sinceUtc = daysAgo(days);
        const { passes, isCut } = await withDeadline(store.sitePasses({ camera, sinceUtc }));
        return { ...siteScore(passes), sinceUtc, isCut };
      },
      async rank(id, days) {
        const pass = await withDeadline(store.scoredPassById(id));
        if (!pass) return null;
        const sinceUtc = daysAgo(days);
        const { passes } = await withDeadline(store.sitePasses({ camera: pass.camera, sinceUtc }));
        const others = passes.filter((other) => other.id !== id);
        return { sinceUtc, rank: passRank(pass, others) };
      },
      watch: (camera, afterId, signal) => recent.watch(camera, afterId, signal),
    },
    incidents: {
      async recent(limit) {
        const [stored, live] = await Promise.all([
          settle(store.recentIncidents(limit)),
          settle(supervisor.incidents(limit)),
        ]);
        if (!stored.ok && !live.ok) throw stored.error;
        // The supervisor knows best how an incident of this run ended.
        const incidents = [...(stored.ok ? stored.value : []), ...(live.ok ? live.value : [])];
        const byId = new Map<string, Incident>(incidents.map((incident) => [incident.id, incident]));
        return [...byId.values()].sort((a, b) => b.startedUtc - a.startedUtc).slice(0, limit);
      },
    },
    admin: {
      login: (token, address) => {
        const result = sessions.login(token, address);
        log.info({ address, ok: result.ok }, 'admin login');
        return result;
      },
      logout: (session) => sessions.logout(session),
      async confirmView(camera, by) {
        log.warn({ camera, by }, 'an admin confirms the view of a camera');
        await supervisor.command('inference', 'confirmView', { camera });
      },
      async fault(request, by) {
        log.warn({ fault: request.kind, room: request.room, by }, 'an admin injects a fault');
        await supervisor.fault(request, by);
      },
      async restart(actor, by) {
        log.warn({ restart: actor, by }, 'an admin restarts an actor');
        if (actor !== parts.self) return supervisor.restart(actor, by);
        setTimeout(() => {
          supervisor.restart(actor, by).catch((error: unknown) => log.error({ err: error }, 'restart failed'));
        }, OWN_RESTART_DELAY_MS);
      },
    },
  };
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: StopsignError };

async function settle<T>(answer: Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await withDeadline(answer) };
  } catch (error) {
    return { ok: false, error: StopsignError.from(error) };
  }
}

async function withDeadline<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new StopsignError('DATABASE_UNAVAILABLE', 'The database did not answer in time.', {
          remedy: 'Nothing is lost: passes are kept on disk and appear here when it is back.',
        }),
      );
    }, STORE_DEADLINE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
