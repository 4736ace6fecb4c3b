/** Incidents that were open when the process crashed or escalated stayed open in the database for ever. */
import { expect, it } from 'vitest';
import { PostgresFactStore } from '../../src/store/fact-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { recentIncidents } from '../../src/store/recent-incidents.ts';
import { incidentFact, metrics, T0 } from '../integration/store/sample-facts.ts';
import { startPostgres, type TestDatabase } from '../support/postgres.ts';

const NOW = T0 + 1_000;
const someFact = { kind: 'metrics', metrics: metrics(0) } as const;

function startAt(database: TestDatabase, startedUtc: number): PostgresFactStore {
  const store = openStore({ url: database.url, applicationName: 'test' });
  return new PostgresFactStore(store, [], { startedUtc, nowUtc: () => NOW });
}

async function resolutions(database: TestDatabase): Promise<Record<string, number | null>> {
  await using store = openStore({ url: database.url, applicationName: 'test' });
  const incidents = await recentIncidents(store, 10);
  return Object.fromEntries(incidents.map(({ id, resolvedUtc }) => [id, resolvedUtc]));
}

it('resolves what an earlier process left open, and nothing else', async () => {
  await using database = await startPostgres();
  const crashed = startAt(database, T0);
  await crashed.insert([incidentFact('left', T0 + 1), incidentFact('done', T0 + 2, T0 + 3)]);
  await crashed.close();
  expect(await resolutions(database)).toEqual({ left: null, done: T0 + 3 });
  const successor = startAt(database, T0 + 10);
  await successor.insert([incidentFact('own', T0 + 11)]);
  expect(await resolutions(database)).toEqual({ left: NOW, done: T0 + 3, own: null });
  await successor.close();
});

it('keeps what its own process opened when only the thread is new', async () => {
  await using database = await startPostgres();
  const first = startAt(database, T0);
  await first.insert([incidentFact('own', T0 + 1)]);
  await first.close();
  const second = startAt(database, T0);
  await second.insert([someFact]);
  expect(await resolutions(database)).toEqual({ own: null });
  await second.close();
});

it('resolves what an earlier process told just before its end, out of the spool', async () => {
  await using database = await startPostgres();
  const successor = startAt(database, T0 + 10);
  await successor.insert([someFact]);
  await successor.insert([incidentFact('left', T0 + 9)]);
  expect(await resolutions(database)).toEqual({ left: NOW });
  await successor.insert([incidentFact('left', T0 + 9, T0 + 9.5)]);
  expect(await resolutions(database)).toEqual({ left: T0 + 9.5 });
  await successor.close();
});
