/**
 * The cluster of the embedded Postgres before a server runs on it: made by initdb, once. Used by the embedded Postgres
 * only.
 */
import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { Account } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresHome } from './postgres-home.ts';

/** The owner of everything in the cluster. */
export const POSTGRES_USER = 'stopsign';

/** initdb works in a draft folder, so a cluster that exists is a whole one. */
export async function createCluster(
  home: PostgresHome,
  { initdb }: PostgresBinaries,
  account: Account | null,
  log: Log,
  signal?: AbortSignal,
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
    const access = ['--auth=scram-sha-256', `--username=${POSTGRES_USER}`, `--pwfile=${passwordFile}`];
    await run(initdb, [`--pgdata=${draft}`, '--no-instructions', ...access, ...options], home, account, signal);
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

function run(
  program: string,
  args: readonly string[],
  home: PostgresHome,
  account: Account | null,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { ...spawnOptions(home, account), timeout: 60_000 };
    const child = execFile(program, args, options, (error, _out, complaints) => {
      signal?.removeEventListener('abort', end);
      if (error) reject(new Error(complaints.trim() || error.message, { cause: error }));
      else resolve();
    });
    // Not execFile's own `signal`: that one does not wait until the process is gone.
    const end = (): void => void child.kill();
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** Nothing of the caller's environment: PGPORT, PGDATA or a locale would change what the server does. */
export function spawnOptions(home: PostgresHome, account: Account | null) {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
  return { cwd: home.home, env, ...(account ? { uid: account.uid, gid: account.gid } : {}) };
}

export function lastLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().split('\n').at(-1) || 'it says nothing';
}
