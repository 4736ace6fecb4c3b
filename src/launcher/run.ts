/** The launcher from beginning to end: what `stopsign up` and `npm start` run. Main process, main thread. */
import { readEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { MODELS_DIR } from '../config/project-files.ts';
import type { ResolvedModel } from '../models/resolve.ts';
import { partFaultSchema } from '../rpc/fault.ts';
import type { Log } from '../telemetry/log.ts';
import { banner } from './banner.ts';
import { Launcher } from './launcher.ts';
import { LauncherLock } from './launcher-lock.ts';
import { endLeftovers } from './leftovers.ts';
import { type LogOutput, openLogOutput } from './log-output.ts';
import { PartIncidents } from './part-incidents.ts';
import { partsOf } from './plan.ts';
import { openDataDir, type Prepared, prepare } from './prepare.ts';
import { RunFile } from './run-file.ts';
import { listenForSignals } from './signals.ts';

export interface LauncherRun {
  /** `--config` */
  readonly config?: string | undefined;
  /** `--enable-faults`: an admin may make parts of the house fail. */
  readonly faults?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** Resolves with the exit code after everything has ended. Throws StopsignError when it cannot even begin. */
export async function runLauncher({ config: flag, faults = false, env = process.env }: LauncherRun): Promise<number> {
  const environment = readEnvironment(env);
  const loaded = loadConfig({ flag, variable: environment.configFile });
  const dataDir = openDataDir(environment, loaded.config.data_dir);
  const output = await openOutput(env);
  using lock = LauncherLock.acquire(dataDir);
  const runFile = new RunFile(dataDir, output.log);
  await tidyUp(runFile, lock.wasStale, output.log);
  const prepared = await prepare({
    loaded,
    environment,
    dataDir,
    log: output.log,
    faults,
    resolveModel: (use) => findModel(use, env, output.log),
    env,
  });

  const hooks = {
    onLine: output.childLine,
    onStarted: (name: string, pid: number, marker: string) => runFile.remember(name, pid, marker),
    onGone: (name: string) => runFile.forget(name),
    onMessage: (name: string, message: unknown) => {
      const fault = faults && name === 'analyzer' ? partFaultSchema.safeParse(message) : null;
      if (fault?.success) launcher.inject(fault.data);
    },
  };
  if (faults) output.log.warn('Faults may be injected: parts of this house can be made to fail');
  const launcher: Launcher = new Launcher(partsOf(prepared.plan, hooks, output.logOf('postgres')), {
    log: output.log,
    watcher: new PartIncidents({ tell: (message) => launcher.tell('analyzer', message) }),
    onReady: (facts) => greet(prepared, facts.get('analyzer')?.['url'], output.log),
  });
  const stopListening = listenForSignals({
    onStop: (signal) => {
      output.log.info(`${signal}: stopping`);
      void launcher.stop();
    },
    onHurry: () => launcher.kill(),
  });
  const exitCode = await launcher.run();
  stopListening();
  runFile.remove();
  return exitCode;
}

async function openOutput(env: NodeJS.ProcessEnv): Promise<LogOutput> {
  // Whoever reads our output may leave (`npm start | head`): that is no reason to end.
  process.stdout.on('error', () => {});
  return openLogOutput({
    isTerminal: process.stdout.isTTY === true,
    level: env['STOPSIGN_LOG_LEVEL'] ?? 'info',
    write: (text) => process.stdout.write(text),
  });
}

/** Set-up has put a model there; fetching one is for starts without set-up, such as a container's first. */
async function findModel(use: string | undefined, env: NodeJS.ProcessEnv, log: Log): Promise<ResolvedModel> {
  const { resolveModel } = await import('../models/resolve.ts');
  let said = '';
  return resolveModel({
    use,
    modelsDir: MODELS_DIR,
    env,
    onProgress: ({ model, doing }) => {
      if (said !== `${doing} ${model}`) log.info(`${doing} the detector ${model}`);
      said = `${doing} ${model}`;
    },
  });
}

async function tidyUp(runFile: RunFile, wasKilled: boolean, log: Log): Promise<void> {
  const ended = await endLeftovers(runFile.readPrevious());
  runFile.remove();
  if (ended.length > 0)
    log.warn(`Ended what a killed predecessor had left: ${ended.map(({ name }) => name).join(', ')}`);
  else if (wasKilled) log.info('The predecessor was killed; it left nothing running');
}

/** Readable on the terminal; otherwise for people on stderr, so that stdout stays JSON. */
function greet({ plan, admin, cameras, modelName }: Prepared, url = '', log: Log): void {
  const text = banner(
    {
      url,
      admin,
      cameras,
      isDemo: plan.demoClip !== null,
      model: modelName,
      database: plan.databaseUrl === null ? 'embedded' : 'external',
      hub: plan.hub ? `built-in, ${plan.hubUrls.rtsp}` : plan.hubUrls.rtsp,
      dataDir: plan.dataDir,
      readyMs: process.uptime() * 1000,
    },
    process.stdout.isTTY === true,
  );
  (process.stdout.isTTY ? process.stdout : process.stderr).write(text);
  log.info({ url }, 'StopSign is running');
}
