/**
 * A real Postgres for tests. `startPostgres` gives a fresh database on a server that the test file shares (it starts
 * with the first and ends after the last test); `startServer` gives a server of one's own, to be killed and restarted.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll } from 'vitest';
import { EmbeddedPostgres } from '../../src/launcher/embedded-postgres.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Log } from '../../src/telemetry/log.ts';

export const silentLog: Log = pino({ level: 'silent' });

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

export interface TestServer extends AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** As a crash does it; resolves when the server is gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

let shared: Promise<TestServer> | undefined;

afterAll(async () => {
  const server = await shared;
  shared = undefined;
  await server?.[Symbol.asyncDispose]();
});

/** An empty database; dropped on dispose. */
export async function startPostgres(): Promise<TestDatabase> {
  shared ??= startServer();
  const server = await shared;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server.url, `create database ${name}`);
  return {
    url: server.url.replace(/\/[^/]+$/, `/${name}`),
    [Symbol.asyncDispose]: () => onServer(server.url, `drop database ${name} with (force)`),
  };
}

export async function startServer(): Promise<TestServer> {
  const dataDir = join(temporaryDir(), 'postgres');
  let server = await EmbeddedPostgres.open({ dataDir, log: silentLog });
  return {
    url: server.url,
    dataDir,
    get pid() {
      return server.pid;
    },
    async kill() {
      const gone = new Promise<void>((resolve) => server.onExit(() => resolve()));
      process.kill(server.pid, 'SIGKILL');
      await gone;
    },
    async start() {
      server = await EmbeddedPostgres.open({ dataDir, log: silentLog });
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(join(dataDir, '..'), { recursive: true, force: true });
    },
  };
}

/** One that the account of Postgres may enter too. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-test-'));
  chmodSync(dir, 0o755);
  return dir;
}

async function onServer(url: string, statement: string): Promise<void> {
  await using store = openStore({ url, applicationName: 'stopsign test', maxConnections: 1 });
  await store.ask((sql) => sql.unsafe(statement), 30_000);
}
