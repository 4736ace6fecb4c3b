/** Facts come late, twice and in any order (the spool, the memory of a broken disk): the rows are the same. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fact } from '../../../src/rpc/records.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { startPostgres } from '../../support/postgres.ts';
import { frameFact, incidentFact, metrics, passFact, T0, trackFact } from './sample-facts.ts';

const TABLES = ['detections', 'tracks', 'events', 'passes', 'session_metrics'];
const SEED = 20_261_123;

/** A car that stood when a process ended goes on under its number; the others end, or drive off. */
const FACTS: readonly Fact[] = [
  ...[1, 2, 3].map((n) => frameFact(n)),
  trackFact(1, T0 + 5),
  trackFact(1, T0 + 10, { parked: true, calibration: 'here' }),
  trackFact(1, T0 + 10, { parked: true, calibration: 'here', ended: true }),
  trackFact(1, T0 + 40, { parked: true, calibration: 'here', firstUtc: T0 - 1 }),
  trackFact(2, T0 + 5),
  trackFact(2, T0 + 7, { ended: true }),
  trackFact(2, T0 + 7, { frames: 3 }),
  incidentFact('a', T0),
  incidentFact('a', T0, T0 + 2),
  passFact(1),
  { kind: 'metrics', metrics: metrics(0) },
];

async function rows(store: Store): Promise<unknown> {
  const told: Record<string, unknown> = {};
  for (const table of TABLES) {
    told[table] = await store.ask((sql) => sql.unsafe(`select to_jsonb(t) as row from ${table} t order by 1`));
  }
  return JSON.parse(JSON.stringify(told));
}

/** Every fact once at least, some twice, in any order and any batches. */
const deliveries = fc
  .tuple(
    fc.subarray([...FACTS], { minLength: 0 }),
    fc.array(fc.nat(), { minLength: 2 * FACTS.length, maxLength: 2 * FACTS.length }),
    fc.array(fc.boolean(), { minLength: 2 * FACTS.length, maxLength: 2 * FACTS.length }),
  )
  .map(([again, places, cuts]) => {
    const all = [...FACTS, ...again].map((fact, i) => ({ fact, place: places[i] ?? 0 }));
    const batches: Fact[][] = [[]];
    all
      .sort((a, b) => a.place - b.place)
      .forEach(({ fact }, i) => {
        if (cuts[i]) batches.push([]);
        batches.at(-1)?.push(fact);
      });
    return batches;
  });

it('gives the same rows for every order, repetition and division into batches', async () => {
  await using database = await startPostgres();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  await insertBatch(store, FACTS);
  const expected = (await rows(store)) as { tracks: { row: { ended: boolean; first_at: string } }[] };
  expect(expected.tracks.map(({ row }) => row.ended)).toEqual([false, true]);
  await fc.assert(
    fc.asyncProperty(deliveries, async (batches) => {
      await store.ask((sql) => sql.unsafe(`truncate ${TABLES.join(', ')}, cameras, pass_rejudgements`));
      for (const batch of batches) await insertBatch(store, batch);
      expect(await rows(store)).toEqual(expected);
    }),
    { seed: SEED, numRuns: 25 },
  );
}, 60_000);
