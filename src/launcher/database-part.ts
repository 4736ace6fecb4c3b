/** The embedded Postgres as a part of the house. Loaded only when no other database is named. */
import type { Log } from '../telemetry/log.ts';
import type { PartExit, RunningPart } from './part.ts';

/**
 * @param dataDir of the cluster; absolute
 * @param signal gives the start up, also in the middle of recovery; nothing is left running
 */
export async function openDatabasePart(dataDir: string, log: Log, signal: AbortSignal): Promise<RunningPart> {
  const { EmbeddedPostgres } = await import('./embedded-postgres.ts');
  const postgres = await EmbeddedPostgres.open({ dataDir, log, signal });
  let settle: (exit: PartExit) => void = () => {};
  const exited = new Promise<PartExit>((resolve) => {
    settle = resolve;
  });
  postgres.onExit(() => settle({ code: null, signal: null, lastWords: 'the database server has ended' }));
  let stopping: Promise<void> | undefined;
  return {
    facts: { url: postgres.url },
    exited,
    stop(withinMs) {
      stopping ??= postgres.close(withinMs).then(() => settle({ code: 0, signal: null, lastWords: null }));
      return stopping;
    },
    // Postgres is never killed: its own fast shutdown takes a few hundred milliseconds and leaves nothing to recover.
    kill() {},
  };
}
