/**
 * Brings the database to the schema of this program: runs the files of migrations/ that have not run yet, each in its
 * own transaction under an advisory lock, so any number of processes may do this at once. Called by the persister
 * before its first insert after every (re)connection, by `doctor`, and by tests.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StopsignError } from '../errors.ts';
import type { Sql, Store } from './open-store.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

const SHIPPED_DIR = fileURLToPath(new URL('../../migrations/', import.meta.url));
/** Any number that no other program on the same server is likely to lock. */
const LOCK_KEY = 7_305_831_204;
const TIMEOUT_MS = 60_000;

/** Those of a folder in order; line ends do not count in the checksum. */
export function readMigrations(dir: string = SHIPPED_DIR): readonly Migration[] {
  return readdirSync(dir)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(`${dir}/${name}`, 'utf8').replaceAll('\r\n', '\n');
      return { version: Number(name.slice(0, 4)), name, sha256: createHash('sha256').update(text).digest('hex'), text };
    });
}

/**
 * Returns the names of those that ran now.
 * @throws StopsignError DATABASE_MISMATCH when one that already ran was changed since, or the database is newer
 */
export async function migrate(store: Store, migrations = readMigrations()): Promise<readonly string[]> {
  const applied = await store.ask(readApplied);
  compare(applied, migrations, store.address);
  if (applied.length === migrations.length) return [];
  const ran: string[] = [];
  for (const migration of migrations) {
    if (await store.ask((sql) => runOnce(sql, migration), TIMEOUT_MS)) ran.push(migration.name);
  }
  compare(await store.ask(readApplied), migrations, store.address);
  return ran;
}

async function readApplied(sql: Sql): Promise<readonly AppliedRow[]> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('schema_migrations') is not null as exists`;
  if (!table?.exists) return [];
  return sql<AppliedRow[]>`select version, name, sha256 from schema_migrations order by version`;
}

function runOnce(sql: Sql, migration: Migration): Promise<boolean> {
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${LOCK_KEY}::bigint)`;
    await transaction`
      create table if not exists schema_migrations (
        version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now()
      )`;
    const [row] = await transaction`
      insert into schema_migrations (version, name, sha256)
      values (${migration.version}, ${migration.name}, ${migration.sha256})
      on conflict do nothing returning version`;
    if (!row) return false;
    await transaction.unsafe(migration.text);
    return true;
  }) as Promise<boolean>;
}

function compare(applied: readonly AppliedRow[], migrations: readonly Migration[], address: string): void {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const row of applied) {
    const migration = known.get(row.version);
    if (!migration) {
      throw new StopsignError(
        'DATABASE_MISMATCH',
        `The database at ${address} is newer than this program: it already has ${row.name}.`,
        { remedy: 'Start the newer version of StopSign, or use another database.' },
      );
    }
    if (migration.sha256 !== row.sha256) {
      throw new StopsignError(
        'DATABASE_MISMATCH',
        `The migration ${migration.name} was changed after the database at ${address} was built with it.`,
        { remedy: 'Restore the file and put the change into a new migration, or use another database.' },
      );
    }
  }
}
