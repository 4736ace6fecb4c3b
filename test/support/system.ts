/** The whole program as a user starts it: `stopsign up` in a folder of its own, on a free port, until it says it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { modelsEnvironment } from './models.ts';
import { temporaryDir } from './postgres.ts';
import { projectRoot } from './shared.ts';
import { until } from './until.ts';

export interface SystemOptions {
  /** Configuration file; absent: the demo. */
  config?: string;
  env?: Record<string, string>;
}

export interface LogLine {
  readonly msg: string;
  readonly level: number;
  readonly process?: string;
  readonly [key: string]: unknown;
}

export interface RunningSystem extends AsyncDisposable {
  readonly url: string;
  readonly adminToken: string;
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly log: readonly LogLine[];
  /** SIGTERM; resolves with exit code and how long it took. */
  stop(): Promise<{ code: number | null; ms: number }>;
}

const ADMIN_TOKEN = 'a-token-only-for-tests';

export async function startSystem({ config, env = {} }: SystemOptions = {}): Promise<RunningSystem> {
  const dir = temporaryDir();
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [join(projectRoot(), 'dist/cli.js'), 'up', ...(config ? ['--config', config] : [])],
    {
      cwd: dir,
      env: {
        ...process.env,
        PORT: String(port),
        STOPSIGN_DATA_DIR: join(dir, 'data'),
        STOPSIGN_ADMIN_TOKEN: ADMIN_TOKEN,
        UV_THREADPOOL_SIZE: '16',
        STOPSIGN_LOG_LEVEL: 'info',
        ...modelsEnvironment(),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log: LogLine[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => log.push(parse(line)));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let exited = false;
  void ended.then(() => {
    exited = true;
  });
  const stop = async () => {
    const began = performance.now();
    child.kill('SIGTERM');
    return { code: await ended, ms: performance.now() - began };
  };
  const system: RunningSystem = {
    url: `http://127.0.0.1:${port}`,
    adminToken: ADMIN_TOKEN,
    child,
    dataDir: join(dir, 'data'),
    log,
    stop,
    async [Symbol.asyncDispose]() {
      if (!exited) await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  const isUp = () => exited || log.some((line) => line.msg === 'StopSign is running');
  await until(isUp, { what: 'the system to run', timeoutMs: 90_000, everyMs: 50 });
  if (exited)
    throw new Error(
      `the system ended at start:\n${errors.join('\n')}\n${log
        .slice(-10)
        .map((l) => l.msg)
        .join('\n')}`,
    );
  return system;
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line, level: 0 };
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
