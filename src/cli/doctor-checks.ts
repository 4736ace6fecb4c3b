/** What StopSign needs of a machine, each as a check that says what it found or throws with the remedy. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { analyzerBudget } from '../analyzer-budget.ts';
import { gatewayAddress, runtimeCameras } from '../config/build-runtime.ts';
import { checkDatabaseUrl, readEnvironment } from '../config/environment.ts';
import { hubAddress } from '../config/hub-address.ts';
import { loadConfig } from '../config/load.ts';
import { MODELS_DIR, WEB_DIR } from '../config/project-files.ts';
import { StopsignError } from '../errors.ts';
import { lockOwner } from '../launcher/launcher-lock.ts';
import { isPortFree } from '../launcher/ports.ts';
import { postgresBinaries } from '../launcher/postgres-binaries.ts';
import { machineCores } from '../machine/machine-cores.ts';
import { machineMemory } from '../machine/machine-memory.ts';
import { checkMemory, describeBudget } from '../machine/memory-budget.ts';
import { describeThreads, threadBudget } from '../machine/thread-budget.ts';

export interface Check {
  readonly name: string;
  /** Resolves with what is there; rejects with a StopsignError whose remedy is shown. */
  run(): Promise<string>;
}

/** @param flag `--config` */
export function doctorChecks(flag: string | undefined): readonly Check[] {
  const load = () => {
    const environment = readEnvironment();
    return { environment, loaded: loadConfig({ flag, variable: environment.configFile }) };
  };
  return [
    { name: 'node', run: checkNode },
    { name: 'configuration', run: async () => load().loaded.path },
    { name: 'memory', run: async () => checkMachineMemory(load()) },
    { name: 'threads', run: async () => threads(load()) },
    { name: 'ffmpeg', run: checkFfmpeg },
    { name: 'video decoder', run: checkDecoder },
    { name: 'onnxruntime', run: checkOnnxruntime },
    { name: 'uWebSockets', run: checkUws },
    { name: 'model', run: async () => checkModel(load().loaded.config.model.use) },
    { name: 'web app', run: checkWebApp },
    { name: 'database', run: async () => checkDatabase(load()) },
    { name: 'media hub', run: async () => checkHub(load()) },
    { name: 'port', run: async () => checkPort(load()) },
  ];
}

type Loaded = {
  environment: ReturnType<typeof readEnvironment>;
  loaded: ReturnType<typeof loadConfig>;
};

const PROBE_MS = 3_000;
const SETUP = 'Run npm start once: it sets everything up.';

async function checkNode(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major === 20 && minor >= 19) return process.version;
  throw new StopsignError('NATIVE_MISSING', `This is Node ${process.version}, but 20.19 or a later 20.x is needed.`, {
    remedy: 'Install Node 20.',
  });
}

async function checkMachineMemory({ environment, loaded }: Loaded): Promise<string> {
  const budget = analyzerBudget(runtimeCameras(loaded).map(({ name }) => name));
  const machine = machineMemory();
  const { config } = loaded;
  // A house that runs already holds what it needs.
  if (lockOwner(resolve(environment.dataDir ?? config.data_dir)) === null) {
    checkMemory(budget, machine, environment.databaseUrl === undefined && config.database.url === undefined);
  }
  return describeBudget(budget, machine, config.memory.limit_mb);
}

function threads({ loaded }: Loaded): string {
  const cameras = runtimeCameras(loaded).length;
  const cores = machineCores();
  return describeThreads(threadBudget(cores, cameras, loaded.config.model.threads), cores, cameras);
}

async function checkFfmpeg(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ffmpeg', ['-version'], { timeout: PROBE_MS });
    return stdout.split('\n', 1)[0]?.replace(/ Copyright.*/, '') ?? 'there';
  } catch (cause) {
    throw new StopsignError('NATIVE_MISSING', 'ffmpeg cannot be run.', {
      remedy: 'Install it: sudo apt-get install -y ffmpeg',
      cause,
    });
  }
}

async function checkDecoder(): Promise<string> {
  const { loadBackend } = await import('../media/decode/backend.ts');
  return (await loadBackend()).name;
}

async function checkOnnxruntime(): Promise<string> {
  try {
    const ort = await import('onnxruntime-node');
    return `loads (${ort
      .listSupportedBackends()
      .map(({ name }) => name)
      .join(', ')})`;
  } catch (cause) {
    throw new StopsignError('NATIVE_MISSING', 'onnxruntime-node does not load.', { remedy: SETUP, cause });
  }
}

async function checkUws(): Promise<string> {
  const { loadUws } = await import('../actors/gateway/uws.ts');
  loadUws();
  return 'loads';
}

async function checkModel(use: string | undefined): Promise<string> {
  const { locateModel } = await import('../models/locate.ts');
  const { readManifest } = await import('../models/manifest.ts');
  const { resolveModel } = await import('../models/resolve.ts');
  const places = { modelsDir: MODELS_DIR, env: process.env };
  const { models } = await readManifest(MODELS_DIR);
  const wanted = use === undefined ? models : models.filter(({ name }) => name === use);
  // Looking is enough here: a check-up does not download.
  for (const entry of wanted) {
    if (await locateModel(entry, places)) return `${entry.name} (sha256 checked)`;
  }
  if (use !== undefined && wanted.length === 0) return (await resolveModel({ ...places, use })).path;
  throw new StopsignError('BAD_MODEL', `No detector is on this machine${use ? ` under the name ${use}` : ''}.`, {
    remedy: 'Fetch it: npx stopsign models pull',
  });
}

async function checkWebApp(): Promise<string> {
  if (existsSync(join(WEB_DIR, 'index.html'))) return `built (${readdirSync(WEB_DIR).length} entries)`;
  throw new StopsignError('NATIVE_MISSING', 'The web app is not built.', { remedy: 'Build it: npm run build' });
}

async function checkDatabase({ environment, loaded }: Loaded): Promise<string> {
  const url = environment.databaseUrl ?? checkDatabaseUrl(loaded.config.database.url, 'database.url');
  if (url === undefined) {
    postgresBinaries(null);
    return 'embedded, started with StopSign';
  }
  const [{ openStore }, { ping }] = await Promise.all([import('../store/open-store.ts'), import('../store/ping.ts')]);
  await using store = openStore({ url, applicationName: 'stopsign doctor' });
  return `answers in ${Math.round(await ping(store, PROBE_MS))} ms`;
}

async function checkHub({ environment, loaded }: Loaded): Promise<string> {
  const { host } = loaded.config.hub;
  const urls = environment.hub ?? (host === undefined ? undefined : hubAddress(host, 'hub.host'));
  if (!urls) return 'built in, started with StopSign';
  const answers = await Promise.allSettled(
    [urls.webrtc, urls.hls].map((url) => fetch(url, { signal: AbortSignal.timeout(PROBE_MS) })),
  );
  if (answers.every(({ status }) => status === 'fulfilled')) return `${urls.webrtc} and ${urls.hls} answer`;
  const silent = [urls.webrtc, urls.hls].filter((_, index) => answers[index]?.status === 'rejected');
  throw new StopsignError('STREAM_UNAVAILABLE', `The hub does not answer at ${silent.join(' and ')}.`, {
    remedy: 'Start it, or correct MEDIA_HUB; leave it out to use the built-in hub.',
  });
}

async function checkPort({ environment, loaded }: Loaded): Promise<string> {
  const { host, port } = gatewayAddress(loaded, environment);
  if (await isPortFree(host, port)) return `${host}:${port} is free`;
  const owner = lockOwner(resolve(environment.dataDir ?? loaded.config.data_dir));
  if (owner) return `${host}:${port} is in use; StopSign runs as process ${owner.pid}`;
  throw new StopsignError('PORT_TAKEN', `Port ${port} on ${host} is taken by another program.`, {
    remedy: `Stop that program, or choose another port: PORT=${port + 1} npm start`,
  });
}
