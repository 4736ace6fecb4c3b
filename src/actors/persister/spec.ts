/** The persister in the plan: one per analyzer, from all facts rings to Postgres. Called by src/plan.ts, main thread. */
import type { Runtime } from '../../config/runtime.ts';
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import { persisterSettings } from './settings.ts';

export function persisterSpec(runtime: Runtime): ChildSpec {
  const { databaseUrl, dataDir, keepDetectionsDays, cameras } = runtime;
  return {
    ...DEFAULT_TIMES,
    // It writes to a disk that may be slow: while it waits for one its row says so (disk-wait.ts).
    nativeMs: 5_000,
    stallMs: 5_000,
    name: 'persister',
    entry: 'actors/persister/worker.js',
    reads: [...cameras.map(({ name }) => `facts:${name}`), 'facts:supervisor'],
    writes: [],
    settings: persisterSettings.parse({
      databaseUrl,
      dataDir,
      processStartedUtc: performance.timeOrigin / 1_000,
      keepDetectionsDays,
      cameras: cameras.map(({ name, site }) => ({ name, site })),
    }),
  };
}
