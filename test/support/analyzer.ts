/** An analyzer in the test's own process: real hub, real camera stream, real threads, real database. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Supervisor } from '../../src/actors/runtime/supervisor.ts';
import { buildRuntime } from '../../src/config/build-runtime.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { type LoadedConfig, loadConfigFile } from '../../src/config/load.ts';
import { MODELS_DIR } from '../../src/config/project-files.ts';
import type { StopsignError } from '../../src/errors.ts';
import { resolveModel } from '../../src/models/resolve.ts';
import { plan } from '../../src/plan.ts';
import type { Incident } from '../../src/rpc/control.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { openHub, type Push, pushClip, untilReady } from './hub.ts';
import { modelsEnvironment } from './models.ts';
import { silentLog, startPostgres, temporaryDir } from './postgres.ts';
import { projectRoot } from './shared.ts';

/**
 * @param clip what the camera films, without B-frames and with repeated headers; absent: the demo clip
 * @param others further cameras beside `demo` that film the same
 * @param frozenAfterS `frozen.after_s` of all of them
 */
export async function openAnalyzer({
  clip = join(projectRoot(), 'demo/demo.mp4'),
  others = [],
  frozenAfterS,
}: {
  clip?: string;
  others?: readonly string[];
  frozenAfterS?: number;
} = {}) {
  const opened: (() => unknown)[] = [];
  const use = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(() => resource[Symbol.asyncDispose]());
    return resource;
  };
  const database = use(await startPostgres());
  const hub = use(await openHub());
  const push = use(pushClip(clip, `${hub.urls.rtsp}/demo`));
  await untilReady(hub.urls, 'demo');
  const otherPushes = new Map<string, Push>();
  for (const name of others) {
    otherPushes.set(name, use(pushClip(clip, `${hub.urls.rtsp}/${name}`)));
    await untilReady(hub.urls, name);
  }
  const dataDir = temporaryDir();
  opened.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const env = { ...modelsEnvironment(), ...process.env };
  const runtime = buildRuntime({
    loaded: withCameras(loadConfigFile(join(projectRoot(), 'demo/demo.site.yaml')), others, frozenAfterS),
    environment: readEnvironment({ PORT: '0' }),
    dataDir,
    hub: hub.urls,
    databaseUrl: database.url,
    model: await resolveModel({ modelsDir: MODELS_DIR, env }),
    adminToken: 'a-token-only-for-tests',
  });
  const incidents: Incident[] = [];
  const escalations: StopsignError[] = [];
  let id = 0;
  const supervisor = use(
    new Supervisor({
      plan: plan(runtime, { version: 'test', firstTrackIds: {} }),
      clock: systemClock,
      log: silentLog,
      root: pathToFileURL(`${projectRoot()}/dist/`),
      trusted: ['gateway'],
      newId: () => `incident-${++id}`,
      onIncident: (incident) => incidents.push(incident),
      onEscalation: (error) => escalations.push(error),
    }),
  );
  await supervisor.start();
  const { board } = supervisor.house;
  return {
    supervisor,
    board,
    incidents,
    escalations,
    dataDir,
    databaseUrl: database.url,
    hub,
    push,
    /** Of the cameras beside `demo`, by name. */
    otherPushes,
    publishAgain: async () => pushClip(clip, `${hub.urls.rtsp}/demo`),
    url: `http://127.0.0.1:${board.row('gateway').get('gauge0')}`,
    async [Symbol.asyncDispose]() {
      for (const close of opened.toReversed()) await close();
    },
  };
}

/** The demo camera alone, as it comes, or beside others on the same site. */
function withCameras(
  { config }: Pick<LoadedConfig, 'config'>,
  others: readonly string[],
  frozenAfterS?: number,
): Pick<LoadedConfig, 'config'> {
  if (others.length === 0 && frozenAfterS === undefined) return { config };
  const frozen = frozenAfterS === undefined ? {} : { frozen: { after_s: frozenAfterS } };
  return { config: { ...config, cameras: ['demo', ...others].map((name) => ({ name, ...frozen })) } };
}
