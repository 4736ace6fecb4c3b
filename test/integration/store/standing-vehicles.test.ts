/** What stood in front of a camera at the end is what the next start is told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StandingVehicle } from '../../../src/domain/site-analyzer.ts';
import type { Fact, TrackSummary } from '../../../src/rpc/records.ts';
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

const CAMERAS = ['demo', 'side'].map((name) => ({ name, calibration: 'here' }));

/** Seen `ageS` before the end. */
function standsFor(trackId: number, ageS: number, parked: boolean, over: Partial<TrackSummary> = {}): Fact {
  const lastUtc = T0 + 3_000 - ageS;
  const place = standing(trackId, lastUtc, parked);
  return trackFact(trackId, lastUtc, { parked, standing: place, calibration: 'here', ...over });
}

async function openDatabase(facts: readonly Fact[]) {
  const database = await startPostgres();
  const store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  await insertBatch(store, facts);
  return {
    url: database.url,
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** A data folder whose spool holds these. */
function dataDirWith(facts: readonly Fact[], more = ''): string {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-standing-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'spool'));
  const lines = facts.map((fact) => `${JSON.stringify(fact)}\n`).join('');
  writeFileSync(join(dir, 'spool', '000000000007.ndjson'), lines + more);
  return dir;
}

const idsOf = (told: readonly StandingVehicle[] | undefined) => told?.map(({ trackId }) => trackId);

it('tells of vehicles that stood in sight of the last frames, and of parked ones hidden for some minutes', async () => {
  await using database = await openDatabase([
    frameFact(90_000),
    standsFor(1, 5, true),
    standsFor(2, 5, false, { ended: true }),
    standsFor(3, 500, true),
    standsFor(4, 900, true),
    standsFor(5, 200, false),
    trackFact(6, T0 + 3_000, { calibration: 'here' }),
  ]);
  const told = await standingVehicles(database.url, CAMERAS);
  expect(told['demo']).toEqual([
    standing(1, T0 + 2_995, true),
    standing(2, T0 + 2_995, false),
    standing(3, T0 + 2_500, true),
  ]);
  expect(told['side']).toEqual([]);

  // It drives off: nothing is left to be told.
  await insertBatch(database.store, [trackFact(1, T0 + 3_001, { calibration: 'here' })]);
  expect(idsOf((await standingVehicles(database.url, CAMERAS))['demo'])).toEqual([2, 3]);
});

it('tells of nobody whose place was measured under another calibration, or under one that is not known', async () => {
  await using database = await openDatabase([
    frameFact(90_000),
    standsFor(1, 5, true),
    standsFor(2, 5, true, { calibration: 'before' }),
    trackFact(3, T0 + 2_995, { parked: true, standing: standing(3, T0 + 2_995, true) }),
  ]);
  expect(idsOf((await standingVehicles(database.url, CAMERAS))['demo'])).toEqual([1]);
});

describe('facts that wait in the spool', () => {
  it('are newer than the database: who drove off meanwhile is gone, who came is told', async () => {
    await using database = await openDatabase([frameFact(90_000), standsFor(1, 5, true), standsFor(2, 5, true)]);
    const dataDir = dataDirWith([
      frameFact(90_300),
      standsFor(1, 1, true, { standing: null, parked: false }),
      standsFor(7, -8, false),
      // Told again, from before.
      standsFor(2, 50, true, { standing: null, parked: false }),
    ]);
    expect(idsOf((await standingVehicles(database.url, CAMERAS, dataDir))['demo'])).toEqual([2, 7]);
  });

  it('may be older than the database: who drove off since is not told of as standing', async () => {
    await using database = await openDatabase([
      frameFact(90_000),
      standsFor(1, 5, true, { standing: null, parked: false }),
    ]);
    const dataDir = dataDirWith([standsFor(1, 60, true), standsFor(2, 60, true)]);
    expect(idsOf((await standingVehicles(database.url, CAMERAS, dataDir))['demo'])).toEqual([2]);
  });

  it('tell how long ago it was that the database knew', async () => {
    await using database = await openDatabase([frameFact(90_000), standsFor(1, 5, true)]);
    // An outage of an hour: whoever was parked before it may have left.
    const dataDir = dataDirWith([frameFact(90_000 + 3_600 * 30), standsFor(9, -3_599, true)]);
    expect(idsOf((await standingVehicles(database.url, CAMERAS, dataDir))['demo'])).toEqual([9]);
  });

  it('concern their own camera alone', async () => {
    await using database = await openDatabase([frameFact(90_000), standsFor(1, 5, true)]);
    const dataDir = dataDirWith([
      frameFact(200_000, 'side'),
      standsFor(1, 0, true, { camera: 'side', standing: null }),
    ]);
    const told = await standingVehicles(database.url, CAMERAS, dataDir);
    expect([idsOf(told['demo']), idsOf(told['side'])]).toEqual([[1], []]);
  });

  it('may end in a torn line', async () => {
    await using database = await openDatabase([frameFact(90_000), standsFor(1, 5, true)]);
    const dataDir = dataDirWith([frameFact(90_030)], '{"kind":"track","tra');
    expect(idsOf((await standingVehicles(database.url, CAMERAS, dataDir))['demo'])).toEqual([1]);
  });
});

it('tells of nobody while the database is away', async () => {
  const told = await standingVehicles('postgres://me:secret@127.0.0.1:1/db', CAMERAS);
  expect(told).toEqual({ demo: [], side: [] });
});
