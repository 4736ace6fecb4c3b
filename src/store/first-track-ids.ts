/**
 * Where each camera's track numbers go on after a start, so that a number is never given twice. Called once by the
 * analyzer before it builds the plan; bounded, and the database need not be there.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';
import { maxTrackId } from './max-track-id.ts';
import { migrate } from './migrate.ts';
import { openStore, type Store } from './open-store.ts';

/** 2024-01-01, UTC µs. */
const SINCE_US = 1_704_067_200_000_000;

/**
 * One above the highest the database knows. While it cannot be asked, or facts still wait in the spool of `dataDir`
 * whose numbers it does not know, the numbers go on at the seconds since 2024: higher than any given before, as long as
 * a camera sees fewer than one new vehicle a second over the years.
 * @throws StopsignError DATABASE_MISMATCH
 */
export async function firstTrackIds(
  databaseUrl: string,
  cameras: readonly string[],
  nowUs: number,
  dataDir?: string,
): Promise<Record<string, number>> {
  const byTime = Math.max(1, Math.floor((nowUs - SINCE_US) / 1e6));
  const isWaiting = dataDir !== undefined && hasSpooledFacts(spoolDir(dataDir));
  await using store = openStore({ url: databaseUrl, applicationName: 'stopsign start', maxConnections: 1 });
  const known = await askAll(store, cameras);
  return Object.fromEntries(
    cameras.map((camera, i) => {
      const next = known ? (known[i] as number) + 1 : byTime;
      return [camera, isWaiting ? Math.max(next, byTime) : next];
    }),
  );
}

/** Where in the data folder the persister keeps its spool. */
export function spoolDir(dataDir: string): string {
  return join(dataDir, 'spool');
}

async function askAll(store: Store, cameras: readonly string[]): Promise<readonly number[] | null> {
  try {
    await migrate(store);
    return await Promise.all(cameras.map((camera) => maxTrackId(store, camera)));
  } catch (error) {
    if (StopsignError.from(error).code === 'DATABASE_UNAVAILABLE') return null;
    throw error;
  }
}

/** A spool that cannot be read may hold anything. */
function hasSpooledFacts(dir: string): boolean {
  if (!existsSync(dir)) return false;
  try {
    return readdirSync(dir).some((name) => name.endsWith('.ndjson') && statSync(join(dir, name)).size > 0);
  } catch {
    return true;
  }
}
