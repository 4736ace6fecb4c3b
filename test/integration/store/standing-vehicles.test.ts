/** What stood in front of a camera at the end is what the next start is told. */
import { expect, it } from 'vitest';
import type { StandingVehicle } from '../../../src/domain/site-analyzer.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { standingVehicles } from '../../../src/store/standing-vehicles.ts';
import { startPostgres } from '../../support/postgres.ts';
import { frameFact, T0, trackFact } from './sample-facts.ts';

const standing = (trackId: number, lastUtc: number, isParked: boolean): StandingVehicle => ({
  trackId,
  class: 'car',
  firstUtc: T0,
  lastUtc,
  frames: 100,
  place: [10.5, 20, 110, 70],
  sinceUtc: T0 + 0.125,
  isSinceBirth: true,
  isParked,
});

it('tells of vehicles that stood in sight of the last frames, and of parked ones hidden for some minutes', async () => {
  await using database = await startPostgres();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  const at = (trackId: number, ageS: number, parked: boolean, ended = false) => {
    const lastUtc = T0 + 3_000 - ageS;
    return trackFact(trackId, lastUtc, { parked, ended, standing: standing(trackId, lastUtc, parked) });
  };
  await insertBatch(store, [
    frameFact(90_000),
    at(1, 5, true),
    at(2, 5, false, true),
    at(3, 500, true),
    at(4, 900, true),
    at(5, 200, false),
    trackFact(6, T0 + 3_000),
  ]);
  const told = await standingVehicles(database.url, ['demo', 'side']);
  expect(told['demo']).toEqual([
    standing(1, T0 + 2_995, true),
    standing(2, T0 + 2_995, false),
    standing(3, T0 + 2_500, true),
  ]);
  expect(told['side']).toEqual([]);

  // It drives off: nothing is left to be told.
  await insertBatch(store, [trackFact(1, T0 + 3_001)]);
  expect((await standingVehicles(database.url, ['demo']))['demo']?.map(({ trackId }) => trackId)).toEqual([2, 3]);
});

it('tells of nobody while the database is away', async () => {
  expect(await standingVehicles('postgres://me:secret@127.0.0.1:1/db', ['demo'])).toEqual({ demo: [] });
});
