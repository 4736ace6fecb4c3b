/** A track whose pass was stored but not yet its summary had its number given again after a crash. */
import { expect, it } from 'vitest';
import type { MomentEvent } from '../../src/domain/types.ts';
import { insertBatch } from '../../src/store/insert-batch.ts';
import { maxTrackId } from '../../src/store/max-track-id.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open-store.ts';
import { incidentFact, passFact, T0, trackFact } from '../integration/store/sample-facts.ts';
import { startPostgres } from '../support/postgres.ts';

it('goes on above tracks that only a pass or an event tells of', async () => {
  await using database = await startPostgres();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  await insertBatch(store, [trackFact(12, T0), incidentFact('a', T0)]);
  expect(await maxTrackId(store, 'demo')).toBe(12);
  await insertBatch(store, [passFact(13)]);
  expect(await maxTrackId(store, 'demo')).toBe(13);
  const moment: MomentEvent = {
    type: 'zone_entered',
    id: 'e',
    camera: 'demo',
    track_id: 14,
    vehicle: 'car',
    ts_utc: T0,
  };
  await insertBatch(store, [{ kind: 'event', event: moment }]);
  expect(await maxTrackId(store, 'demo')).toBe(14);
  expect(await maxTrackId(store, 'side')).toBe(0);
});

it('finds them by an index, however many there are', async () => {
  await using database = await startPostgres();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  const plans = await Promise.all(
    ['tracks', 'events', 'passes'].map((table) =>
      store.ask(async (sql) => {
        const rows = await sql.begin(async (inside) => {
          await inside`set local enable_seqscan = off`;
          return inside`explain select max(track_id) from ${inside(table)} where camera = ${'demo'}`;
        });
        return rows.map((row) => row['QUERY PLAN'] as string).join('\n');
      }),
    ),
  );
  for (const plan of plans) expect(plan).toMatch(/Index Only Scan Backward using (tracks_pkey|\w+_by_track)/);
});
