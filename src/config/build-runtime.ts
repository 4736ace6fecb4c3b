/**
 * Puts together what the analyzer needs to know: configuration, environment and what the launcher has found out. Pure;
 * called by the launcher each time before the analyzer starts.
 */
import { StopsignError } from '../errors.ts';
import { machineCores } from '../machine/machine-cores.ts';
import { threadBudget } from '../machine/thread-budget.ts';
import type { ResolvedModel } from '../models/resolve.ts';
import { configVersion } from './config-version.ts';
import type { Environment } from './environment.ts';
import { hubLogin } from './hub-login.ts';
import type { LoadedConfig } from './load.ts';
import { WEB_DIR } from './project-files.ts';
import type { HubUrls, Runtime } from './runtime.ts';
import type { Config } from './schema.ts';

/** Name of the virtual camera, and its path in the hub. */
export const DEMO_CAMERA = 'demo';

export interface RuntimeParts {
  readonly loaded: Pick<LoadedConfig, 'config'>;
  readonly environment: Environment;
  /** Absolute. */
  readonly dataDir: string;
  readonly hub: HubUrls;
  readonly databaseUrl: string;
  readonly model: ResolvedModel;
  readonly adminToken: string;
  /** Of the clip that the virtual camera plays by the wall clock; absent: it does not, or its truth is not known. */
  readonly demoTruth?: string | null;
  /** Faults may be injected. */
  readonly faults?: boolean;
  readonly cores?: number;
}

export function buildRuntime(parts: RuntimeParts): Runtime {
  const { config } = parts.loaded;
  const cameras = runtimeCameras(parts.loaded, parts.demoTruth ?? null);
  const login = hubLogin(config.hub, parts.environment);
  const { modelThreads } = threadBudget(parts.cores ?? machineCores(), cameras.length, config.model.threads);
  return {
    cameras,
    hub: { ...parts.hub, ...(login && { login }) },
    model: {
      name: parts.model.name,
      path: parts.model.path,
      sha256: parts.model.sha256,
      family: parts.model.family,
      input: parts.model.input,
      classes: parts.model.classes && [...parts.model.classes],
      minScore: config.model.min_score,
      nmsIou: config.model.nms_iou,
      threads: modelThreads,
    },
    gateway: gatewayAddress(parts.loaded, parts.environment),
    allowOrigins: parts.loaded.config.gateway.allow_origins,
    ...(config.memory.limit_mb !== undefined && { memoryLimitBytes: config.memory.limit_mb * 2 ** 20 }),
    databaseUrl: parts.databaseUrl,
    keepDetectionsDays: config.database.keep_detections_days,
    dataDir: parts.dataDir,
    webDir: WEB_DIR,
    adminToken: parts.adminToken,
    viewers: config.access.viewers,
    ...(parts.faults && { faults: true }),
  };
}

/** Where the page is served; the environment wins. */
export function gatewayAddress({ config }: Pick<LoadedConfig, 'config'>, environment: Environment): Runtime['gateway'] {
  return { host: environment.host ?? config.gateway.host, port: environment.port ?? config.gateway.port };
}

/** The configured cameras, or the virtual one when there are none. */
export function runtimeCameras(
  { config }: Pick<LoadedConfig, 'config'>,
  demoTruth: string | null = null,
): Runtime['cameras'] {
  const cameras = config.cameras ?? [];
  if (cameras.length === 0) {
    if (!config.site) throw new StopsignError('BAD_CONFIG', 'The configuration has neither a camera nor a site.');
    const site = config.site;
    return [
      {
        name: DEMO_CAMERA,
        source: null,
        site,
        configVersion: configVersion(site),
        demo: true,
        truth: demoTruth,
        ...motionGate(config),
      },
    ];
  }
  return cameras.map((camera) => {
    const site = camera.site ?? config.site;
    if (!site) throw new StopsignError('BAD_CONFIG', `The camera ${camera.name} has no site.`);
    return {
      name: camera.name,
      source: camera.source ?? null,
      site,
      configVersion: configVersion(site),
      demo: false,
      truth: camera.truth ?? null,
      ...(camera.frozen && { frozen: camera.frozen }),
      ...motionGate(config, camera.motion_gate),
    };
  });
}

/** The camera's own word, else that for all. */
function motionGate(config: Config, own = config.inference.motion_gate): { motionGate?: true } {
  return own ? { motionGate: true } : {};
}
