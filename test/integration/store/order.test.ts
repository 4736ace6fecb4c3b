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

it('gives a camera whose clock was ahead for a moment no last word on its vehicles', async () => {
  await using database = await startPostgres();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  const ahead = Date.now() / 1_000 + 86_400;
  const ends = trackFact(7, T0 + 9, { ended: true });
  const seen = async () =>
    (
      await store.ask((sql) =>
        sql.unsafe<{ track: number; ended: boolean; camera: number }[]>(`
          select extract(epoch from last_at)::float8 as track, ended,
            (select extract(epoch from last_seen_at)::float8 from cameras) as camera from tracks`),
      )
    )[0];
  const before = frameFact(1);
  const leaps = frameFact(Math.round((ahead - T0) / 0.033_333));
  for (const batches of [
    [
      [before, trackFact(7, ahead), leaps],
      [ends, frameFact(90)],
    ],
    [[ends, frameFact(90)], [trackFact(7, ahead)]],
  ]) {
    await store.ask((sql) => sql.unsafe('truncate tracks, detections, cameras cascade'));
    for (const batch of batches) await insertBatch(store, batch);
    expect(await seen()).toMatchObject({ track: T0 + 9, ended: true, camera: expect.closeTo(T0 + 3, 0) });
  }
  await insertBatch(store, [trackFact(8, ahead), trackFact(8, T0 + 9, { ended: true })]);
  expect(await store.ask((sql) => sql`select ended from tracks where track_id = 8`)).toMatchObject([{ ended: true }]);
});
