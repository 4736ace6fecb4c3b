/**
 * The server process of the embedded Postgres: a predecessor's adopted, or one of our own started. Used by the embedded
 * Postgres only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StopsignError } from '../errors.ts';
import { openStore } from '../store/open-store.ts';
import { ping } from '../store/ping.ts';
import type { Log } from '../telemetry/log.ts';
import { freePort, isPortFree } from './ports.ts';
import type { Account } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { lastLine, POSTGRES_USER, spawnOptions } from './postgres-cluster.ts';
import type { PostgresHome } from './postgres-home.ts';
import { endServer, isForeign, isServerOf, readServerNote } from './postgres-process.ts';

/** `child` is null when it is not ours by birth. */
export interface Server {
  readonly pid: number;
  readonly child: ChildProcess | null;
  isRunning(): boolean;
}

const HOST = '127.0.0.1';
/** Recovery after a crash may replay a good deal of log. */
const READY_WITHIN_MS = 120_000;
const START_ATTEMPTS = 5;
const RETRY_MS = 300;
const KEPT_LOG_BYTES = 4 * 2 ** 20;

const SERVER_SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: '40',
  shared_buffers: '64MB',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // A statement that fails is the client's to report; here it would only fill the disk.
  log_min_error_statement: 'panic',
};

/** A server of this cluster that a predecessor left: ours if it answers to our password, otherwise it is ended. */
export async function adoptServer(home: PostgresHome, log: Log): Promise<Server | null> {
  const note = readServerNote(home.cluster);
  if (!note) return null;
  // Postgres itself would take any living process of that number for a server, even after a reboot.
  if (isForeign(note.pid, home.cluster)) rmSync(join(home.cluster, 'postmaster.pid'), { force: true });
  const isRunning = (): boolean => isServerOf(note.pid, home.cluster);
  if (!isRunning()) return null;
  home.rememberPort(note.port);
  if (await answers(home)) {
    log.info({ pid: note.pid }, 'The database server of the predecessor is still running; it is used on');
    return { pid: note.pid, child: null, isRunning };
  }
  log.warn({ pid: note.pid }, 'The database server of the predecessor does not answer; it is ended');
  await endServer(note.pid, isRunning);
  return null;
}

/**
 * Several attempts: after a crash, processes of the old server may still hold its memory for a moment.
 * @param signal ends the wait, and the server that is not ready yet
 */
export async function startServer(
  home: PostgresHome,
  binaries: PostgresBinaries,
  account: Account | null,
  signal?: AbortSignal,
): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const isFree = home.port !== 0 && (await isPortFree(HOST, home.port));
    if (!isFree) home.rememberPort(await freePort(HOST));
    const child = spawnServer(home, binaries, account);
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    if (await becomesReady(child, home, isRunning, signal)) return { pid: child.pid as number, child, isRunning };
    if (attempt < START_ATTEMPTS) await sleep(RETRY_MS);
    else break;
  }
  throw new StopsignError('DATABASE_UNAVAILABLE', `The embedded Postgres does not start: ${lastWords(home)}`, {
    remedy: `Look into ${home.log}, or set DATABASE_URL to a Postgres of your own.`,
  });
}

/** In a session of its own: Ctrl-C of the terminal must not reach it before the analyzer has stored its last facts. */
function spawnServer(home: PostgresHome, { postgres }: PostgresBinaries, account: Account | null): ChildProcess {
  const settings = { ...SERVER_SETTINGS, port: String(home.port) };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  if ((statSync(home.log, { throwIfNoEntry: false })?.size ?? 0) > KEPT_LOG_BYTES) truncateSync(home.log);
  const output = openSync(home.log, 'a', 0o600);
  try {
    const stdio = ['ignore', output, output] as const;
    const options = { ...spawnOptions(home, account), detached: true, stdio: [...stdio] };
    const child = spawn(postgres, ['-D', home.cluster, ...args], options);
    child.on('error', () => {});
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

async function becomesReady(
  child: ChildProcess,
  home: PostgresHome,
  isRunning: () => boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (child.pid !== undefined && isRunning()) {
    const note = readServerNote(home.cluster);
    if (note?.pid === child.pid && note.isReady) return true;
    if (signal?.aborted || performance.now() > deadline) {
      await endServer(child.pid, isRunning);
      return false;
    }
    await sleep(15);
  }
  return false;
}

async function answers(home: PostgresHome): Promise<boolean> {
  await using store = openStore({ url: urlOf(home, 'postgres'), applicationName: 'stopsign', maxConnections: 1 });
  try {
    await ping(store, 2_000);
    return true;
  } catch {
    return false;
  }
}

export function urlOf(home: PostgresHome, database: string): string {
  return `postgres://${POSTGRES_USER}:${home.password}@${HOST}:${home.port}/${database}`;
}

function lastWords(home: PostgresHome): string {
  const text = existsSync(home.log) ? readFileSync(home.log, 'utf8') : '';
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lastLine(text)
  );
}
