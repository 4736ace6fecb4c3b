/**
 * The embedded Postgres: one cluster in the data folder, one server process on 127.0.0.1, a random password. Part of
 * the launcher's process (see database-part.ts), also used by the tests.
 *
 * The server does not die with its parent. A start therefore first looks for one that a killed predecessor left, and
 * adopts it if it answers to our password. The address stays the same over restarts, as long as the port can be had.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StopsignError } from '../errors.ts';
import { openStore } from '../store/open-store.ts';
import { ping } from '../store/ping.ts';
import type { Log } from '../telemetry/log.ts';
import { freePort, isPortFree } from './ports.ts';
import { type Account, ownerOf, postgresAccount } from './postgres-account.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { PostgresHome } from './postgres-home.ts';
import { endServer, isForeign, isServerOf, readServerNote } from './postgres-process.ts';

export interface EmbeddedPostgresOptions {
  /** Absolute; the folder is this server's own. */
  readonly dataDir: string;
  readonly log: Log;
}

export interface ServerExit {
  /** Both null for an adopted server, whose end is only noticed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const HOST = '127.0.0.1';
const USER = 'stopsign';
const DATABASE = 'stopsign';
/** Recovery after a crash may replay a good deal of log. */
const READY_WITHIN_MS = 120_000;
const START_ATTEMPTS = 5;
const RETRY_MS = 300;
const WATCH_MS = 250;
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

export class EmbeddedPostgres {
  readonly url: string;
  /** Of the server process, for tests and the log. */
  readonly pid: number;
  /** A predecessor's server that was found running. */
  readonly isAdopted: boolean;
  private readonly server: Server;
  private readonly listeners: ((exit: ServerExit) => void)[] = [];
  private exit: ServerExit | undefined;
  private closing: Promise<void> | undefined;
  private watch: NodeJS.Timeout | undefined;

  private constructor(home: PostgresHome, server: Server) {
    this.server = server;
    this.pid = server.pid;
    this.url = urlOf(home, DATABASE);
    const { child } = server;
    this.isAdopted = child === null;
    if (!child) this.watch = setInterval(() => this.lookAfterAdopted(), WATCH_MS).unref();
    else if (server.isRunning()) child.once('exit', (code, signal) => this.ended({ code, signal }));
    else this.ended({ code: child.exitCode, signal: child.signalCode });
  }

  /**
   * Resolves when the server answers and the database is there.
   * @throws StopsignError NATIVE_MISSING or DATABASE_UNAVAILABLE, with a remedy
   */
  static async open({ dataDir, log }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    try {
      return await EmbeddedPostgres.start(dataDir, log);
    } catch (cause) {
      if (cause instanceof StopsignError) throw cause;
      throw new StopsignError(
        'DATABASE_UNAVAILABLE',
        `The embedded Postgres cannot run in ${dataDir}: ${lastLine(cause)}.`,
        {
          cause,
          remedy:
            'Start StopSign as the user who owns that folder, name another with STOPSIGN_DATA_DIR, or set DATABASE_URL.',
        },
      );
    }
  }

  private static async start(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
    const home = PostgresHome.open(dataDir, ownerOf(join(dataDir, 'cluster')) ?? postgresAccount(), log);
    const account = ownerOf(home.cluster) ?? postgresAccount();
    const binaries = postgresBinaries(account);
    if (!existsSync(home.cluster)) await createCluster(home, binaries, account, log);
    const server = (await adopt(home, log)) ?? (await startServer(home, binaries, account));
    const opened = new EmbeddedPostgres(home, server);
    try {
      await ensureDatabase(home);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** Called once, when the server has ended without having been asked to; at once when it has already. */
  onExit(listener: (exit: ServerExit) => void): void {
    if (this.exit) listener(this.exit);
    else this.listeners.push(listener);
  }

  /** Fast shutdown; resolves within 3 s, when the process is gone. Idempotent. */
  close(): Promise<void> {
    this.closing ??= (async () => {
      clearInterval(this.watch);
      await endServer(this.pid, this.server.isRunning);
    })();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private lookAfterAdopted(): void {
    if (!this.server.isRunning()) this.ended({ code: null, signal: null });
  }

  private ended(exit: ServerExit): void {
    clearInterval(this.watch);
    if (this.exit || this.closing) return;
    this.exit = exit;
    for (const listener of this.listeners) listener(exit);
  }
}

/** `child` is null when it is not ours by birth. */
interface Server {
  readonly pid: number;
  readonly child: ChildProcess | null;
  isRunning(): boolean;
}

/** initdb works in a draft folder, so a cluster that exists is a whole one. */
async function createCluster(
  home: PostgresHome,
  { initdb }: PostgresBinaries,
  account: Account | null,
  log: Log,
): Promise<void> {
  log.info(`Creating the database in ${home.home} (once, takes a second or two)`);
  const draft = `${home.cluster}.new`;
  const passwordFile = join(home.home, 'password.new');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  try {
    writeFileSync(passwordFile, home.password, { mode: 0o600 });
    if (account) for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid);
    const options = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C', '--builtin-locale=C.UTF-8'];
    const access = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`];
    await run(initdb, [`--pgdata=${draft}`, '--no-instructions', ...access, ...options], home, account);
    renameSync(draft, home.cluster);
  } catch (cause) {
    throw new StopsignError(
      'DATABASE_UNAVAILABLE',
      `The database cannot be created in ${home.home}: ${lastLine(cause)}`,
      {
        cause,
        remedy: 'Check the free space and the rights of that folder, or set DATABASE_URL.',
      },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(program: string, args: readonly string[], home: PostgresHome, account: Account | null): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...spawnOptions(home, account), timeout: 60_000 }, (error, _out, complaints) => {
      if (error) reject(new Error(complaints.trim() || error.message, { cause: error }));
      else resolve();
    });
  });
}

/** A server of this cluster that a predecessor left: ours if it answers to our password, otherwise it is ended. */
async function adopt(home: PostgresHome, log: Log): Promise<Server | null> {
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

async function answers(home: PostgresHome): Promise<boolean> {
  await using store = openStore({ url: urlOf(home, 'postgres'), applicationName: 'stopsign', maxConnections: 1 });
  try {
    await ping(store, 2_000);
    return true;
  } catch {
    return false;
  }
}

/** Several attempts: after a crash, processes of the old server may still hold its memory for a moment. */
async function startServer(home: PostgresHome, binaries: PostgresBinaries, account: Account | null): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const isFree = home.port !== 0 && (await isPortFree(HOST, home.port));
    if (!isFree) home.rememberPort(await freePort(HOST));
    const child = spawnServer(home, binaries, account);
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    if (await becomesReady(child, home, isRunning)) return { pid: child.pid as number, child, isRunning };
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

async function becomesReady(child: ChildProcess, home: PostgresHome, isRunning: () => boolean): Promise<boolean> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (child.pid !== undefined && isRunning()) {
    const note = readServerNote(home.cluster);
    if (note?.pid === child.pid && note.isReady) return true;
    if (performance.now() > deadline) {
      await endServer(child.pid, isRunning);
      return false;
    }
    await sleep(15);
  }
  return false;
}

async function ensureDatabase(home: PostgresHome): Promise<void> {
  await using store = openStore({ url: urlOf(home, 'postgres'), applicationName: 'stopsign', maxConnections: 1 });
  const [found] = await store.ask((sql) => sql`select 1 from pg_database where datname = ${DATABASE}`);
  if (!found) await store.ask((sql) => sql.unsafe(`create database ${DATABASE}`), 30_000);
}

function urlOf(home: PostgresHome, database: string): string {
  return `postgres://${USER}:${home.password}@${HOST}:${home.port}/${database}`;
}

/** Nothing of the caller's environment: PGPORT, PGDATA or a locale would change what the server does. */
function spawnOptions(home: PostgresHome, account: Account | null) {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
  return { cwd: home.home, env, ...(account ? { uid: account.uid, gid: account.gid } : {}) };
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

function lastLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().split('\n').at(-1) || 'it says nothing';
}
