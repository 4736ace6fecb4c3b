/**
 * Everything that is settled before the first child starts: configuration, data folder, ports, model, token. Called by
 * `run.ts`; throws one StopsignError with a remedy when something does not fit.
 */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { analyzerBudget } from '../analyzer-budget.ts';
import { type AdminToken, openAdminToken } from '../config/admin-token.ts';
import { buildRuntime, gatewayAddress, runtimeCameras } from '../config/build-runtime.ts';
import { checkDatabaseUrl, type Environment } from '../config/environment.ts';
import { DEFAULT_HUB_PORTS, type HubPorts, hubAddress, hubUrls } from '../config/hub-address.ts';
import type { LoadedConfig } from '../config/load.ts';
import { DEMO_CLIP } from '../config/project-files.ts';
import type { HubUrls, Runtime } from '../config/runtime.ts';
import { StopsignError } from '../errors.ts';
import { machineCores } from '../machine/machine-cores.ts';
import { machineMemory } from '../machine/machine-memory.ts';
import { checkMemory, describeBudget } from '../machine/memory-budget.ts';
import { describeThreads, threadBudget } from '../machine/thread-budget.ts';
import type { ResolvedModel } from '../models/resolve.ts';
import type { Log } from '../telemetry/log.ts';
import { findDemoTruth } from './demo-truth.ts';
import type { HousePlan, HubSettings } from './plan.ts';
import { checkGatewayPort, chooseHubPorts } from './ports.ts';

export interface Prepared {
  readonly plan: HousePlan;
  readonly admin: AdminToken;
  readonly cameras: readonly string[];
  readonly modelName: string;
}

export interface Preparation {
  readonly loaded: LoadedConfig;
  readonly environment: Environment;
  readonly dataDir: string;
  readonly log: Log;
  /** Faults may be injected. */
  readonly faults?: boolean;
  resolveModel(use: string | undefined): Promise<ResolvedModel>;
  readonly env: NodeJS.ProcessEnv;
}

export async function prepare(preparation: Preparation): Promise<Prepared> {
  const { loaded, environment, dataDir, log } = preparation;
  const { config } = loaded;
  const cameras = runtimeCameras(loaded);
  const databaseUrl = environment.databaseUrl ?? checkDatabaseUrl(config.database.url, 'database.url') ?? null;
  const names = cameras.map((camera) => camera.name);
  settleMemory(names, databaseUrl === null, config.memory.limit_mb, log);
  const cores = machineCores();
  const threads = threadBudget(cores, cameras.length, config.model.threads);
  log.info(describeThreads(threads, cores, cameras.length));
  const demoClip = cameras[0]?.demo ? findClip(environment) : null;
  const demoTruth = demoClip === null ? null : findDemoTruth(demoClip, log);
  const gateway = gatewayAddress(loaded, environment);
  const [model, hub] = await Promise.all([
    preparation.resolveModel(config.model.use),
    settleHub(loaded, environment, cameras, log),
    checkGatewayPort(gateway.host, gateway.port),
  ]);
  const admin = openAdminToken(dataDir, environment.adminToken);
  const plan: HousePlan = {
    dataDir,
    hub: hub.settings,
    hubUrls: hub.urls,
    demoClip,
    demoClockS: demoTruth?.durationS ?? null,
    databaseUrl,
    threads,
    runtime: (address) =>
      buildRuntime({
        loaded,
        environment,
        dataDir,
        hub: hub.urls,
        databaseUrl: address,
        cores,
        model,
        adminToken: admin.token,
        demoTruth: demoTruth?.path ?? null,
        faults: preparation.faults ?? false,
      }),
    env: preparation.env,
  };
  return { plan, admin, cameras: names, modelName: model.name };
}

/** Makes the data folder; relative paths count from the folder the command was started in. */
export function openDataDir(environment: Environment, configured: string, cwd = process.cwd()): string {
  const dataDir = resolve(cwd, environment.dataDir ?? configured);
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StopsignError('BAD_CONFIG', `The data folder ${dataDir} cannot be written.`, {
      remedy: 'Make it writable for this user, or name another one with STOPSIGN_DATA_DIR.',
      cause,
    });
  }
  return dataDir;
}

/** @throws StopsignError TOO_SMALL, before anything is started */
function settleMemory(cameras: readonly string[], hasPostgres: boolean, limitMb: number | undefined, log: Log): void {
  const budget = analyzerBudget(cameras);
  const machine = machineMemory();
  log.info(describeBudget(budget, machine, limitMb));
  checkMemory(budget, machine, hasPostgres);
}

function findClip(environment: Environment): string {
  const clip = environment.demoClip ?? DEMO_CLIP;
  if (existsSync(clip)) return clip;
  throw new StopsignError('INPUT_MISSING', `The clip ${clip} for the virtual camera is not there.`, {
    remedy: 'Set STOPSIGN_DEMO_CLIP to a video file, or configure a camera.',
  });
}

/** Somebody else's hub, or the settings for the built-in one with ports that can be had. */
async function settleHub(
  loaded: LoadedConfig,
  environment: Environment,
  cameras: Runtime['cameras'],
  log: Log,
): Promise<{ settings: HubSettings | null; urls: HubUrls }> {
  const { hub } = loaded.config;
  const wished: HubPorts = { rtsp: hub.rtsp_port, webrtc: hub.webrtc_port, hls: hub.hls_port, api: hub.api_port };
  const external = environment.hub ?? (hub.host === undefined ? null : hubAddress(hub.host, 'hub.host', wished));
  if (external) return { settings: null, urls: external };
  const { ports, moved } = await chooseHubPorts({
    bind: hub.bind,
    ports: wished,
    isStated: (port) => loaded.states(['hub', `${port}_port`]),
  });
  for (const name of moved) {
    log.warn(`The hub's ${name} port ${DEFAULT_HUB_PORTS[name]} is taken, ${ports[name]} is used instead`);
  }
  const sources = cameras.flatMap(({ name, source }) => {
    if (source === null) return [];
    const transport = loaded.config.cameras?.find((camera) => camera.name === name)?.rtsp_transport;
    return [{ name, url: source, ...(transport && { transport }) }];
  });
  return {
    settings: {
      bind: hub.bind,
      rtspPort: ports.rtsp,
      webrtcPort: ports.webrtc,
      hlsPort: ports.hls,
      apiPort: ports.api,
      ...(hub.webrtc_udp_port && { webrtcUdpPort: hub.webrtc_udp_port }),
      ...(hub.webrtc_udp_ports && { webrtcUdpPorts: hub.webrtc_udp_ports }),
      ...(hub.additional_hosts && { additionalHosts: hub.additional_hosts }),
      maxViewers: hub.max_viewers,
      ...(hub.access && { access: hub.access }),
      allowOrigins: hub.allow_origins,
      sources,
    },
    urls: hubUrls(isEveryAddress(hub.bind) ? '127.0.0.1' : hub.bind, ports),
  };
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}
