/**
 * The embedded Postgres: one cluster in the data folder, one server process on 127.0.0.1, a random password. Part of
 * the launcher's process (see database-part.ts), also used by the tests.
 *
 * The server does not die with its parent. A start therefore first looks for one that a killed predecessor left, and
 * adopts it if it answers to our password. The address stays the same over restarts, as long as the port can be had.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';
import { openStore } from '../store/open-store.ts';
import type { Log } from '../telemetry/log.ts';
import { ownerOf, postgresAccount } from './postgres-account.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { createCluster, lastLine } from './postgres-cluster.ts';
import { PostgresHome } from './postgres-home.ts';
import { endServer } from './postgres-process.ts';
import { adoptServer, type Server, startServer, urlOf } from './postgres-server.ts';

export interface EmbeddedPostgresOptions {
  /** Absolute; the folder is this server's own. */
  readonly dataDir: string;
  readonly log: Log;
  /** Gives the start up: `open` rejects with its reason within 4 s and leaves nothing running. */
  readonly signal?: AbortSignal | undefined;
}

export interface ServerExit {
  /** Both null for an adopted server, whose end is only noticed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const DATABASE = 'stopsign';
const WATCH_MS = 250;

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
  static async open({ dataDir, log, signal }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    try {
      return await EmbeddedPostgres.start(dataDir, log, signal);
    } catch (cause) {
      if (cause instanceof StopsignError || signal?.aborted) throw cause;
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

  private static async start(dataDir: string, log: Log, signal?: AbortSignal): Promise<EmbeddedPostgres> {
    signal?.throwIfAborted();
    const home = PostgresHome.open(dataDir, ownerOf(join(dataDir, 'cluster')) ?? postgresAccount(), log);
    const account = ownerOf(home.cluster) ?? postgresAccount();
    const binaries = postgresBinaries(account);
    if (!existsSync(home.cluster)) await createCluster(home, binaries, account, log, signal);
    const server = (await adoptServer(home, log)) ?? (await startServer(home, binaries, account, signal));
    const opened = new EmbeddedPostgres(home, server);
    try {
      signal?.throwIfAborted();
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

  /** Fast shutdown; resolves within 3.2 s or `withinMs`, when the process is gone. Idempotent. */
  close(withinMs?: number): Promise<void> {
    this.closing ??= (async () => {
      clearInterval(this.watch);
      await endServer(this.pid, this.server.isRunning, withinMs);
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

async function ensureDatabase(home: PostgresHome): Promise<void> {
  await using store = openStore({ url: urlOf(home, 'postgres'), applicationName: 'stopsign', maxConnections: 1 });
  const [found] = await store.ask((sql) => sql`select 1 from pg_database where datname = ${DATABASE}`);
  if (!found) await store.ask((sql) => sql.unsafe(`create database ${DATABASE}`), 30_000);
}
