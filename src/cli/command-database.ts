/**
 * The database a command works with: the one of the configuration or the environment, else the embedded one, which is
 * used where it runs already and otherwise run for as long as the command takes.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkDatabaseUrl, type Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import { StopsignError } from '../errors.ts';
import { migrate } from '../store/migrate.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { createLog } from '../telemetry/log.ts';

export interface CommandDatabase extends AsyncDisposable {
  readonly store: Store;
}

/** Brought to the schema of this program. @throws StopsignError DATABASE_UNAVAILABLE, DATABASE_MISMATCH, INPUT_MISSING */
export async function openCommandDatabase(config: Config, environment: Environment): Promise<CommandDatabase> {
  const named = environment.databaseUrl ?? checkDatabaseUrl(config.database.url, 'database.url');
  const embedded = named === undefined ? await openEmbedded(config, environment) : null;
  const store = openStore({ url: named ?? (embedded as { url: string }).url, applicationName: 'stopsign command' });
  const close = async () => {
    await store.close();
    await embedded?.close();
  };
  try {
    await migrate(store);
  } catch (error) {
    await close();
    throw error;
  }
  return { store, [Symbol.asyncDispose]: close };
}

async function openEmbedded({ data_dir }: Config, environment: Environment) {
  const dataDir = join(resolve(environment.dataDir ?? data_dir), 'postgres');
  if (!existsSync(dataDir)) {
    throw new StopsignError('INPUT_MISSING', `There is no database in ${dataDir} yet.`, {
      remedy: 'Name the data folder with STOPSIGN_DATA_DIR, or the database with DATABASE_URL.',
    });
  }
  const { EmbeddedPostgres } = await import('../launcher/embedded-postgres.ts');
  const log = createLog({ process: 'command' }).child({}, { level: 'warn' });
  const server = await EmbeddedPostgres.open({ dataDir, log });
  // One that was running belongs to whoever started it.
  return { url: server.url, close: async () => (server.isAdopted ? undefined : await server.close()) };
}
