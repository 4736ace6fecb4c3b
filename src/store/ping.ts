/** Does the database answer, and how fast? Asked by /ready and `doctor`. */
import type { Store } from './open-store.ts';

/** Milliseconds. @throws StopsignError DATABASE_UNAVAILABLE */
export async function ping(store: Store, timeoutMs = 3_000): Promise<number> {
  const startedMs = performance.now();
  await store.ask((sql) => sql`select 1`, timeoutMs);
  return performance.now() - startedMs;
}
