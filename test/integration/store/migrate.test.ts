/** Migrations: in order, once, checked, and by several processes at once. */
import { describe, expect, it } from 'vitest';
import { type Migration, migrate, readMigrations } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { startPostgres } from '../../support/postgres.ts';

const SHIPPED = readMigrations();
const SECOND: Migration = {
  version: 9_998,
  name: '9998_second.sql',
  sha256: 'b'.repeat(64),
  text: 'create table second (n integer); insert into second values (1); select pg_sleep(0.1);',
};

describe('migrate', () => {
  it('runs what is pending and nothing the second time', async () => {
    await using database = await startPostgres();
    await using store = openStore({ url: database.url, applicationName: 'test' });
    expect(await migrate(store)).toEqual(SHIPPED.map(({ name }) => name));
    expect(await migrate(store)).toEqual([]);
    expect(await migrate(store, [...SHIPPED, SECOND])).toEqual([SECOND.name]);
  });

  it('runs each once when several begin at the same moment', async () => {
    await using database = await startPostgres();
    const stores = Array.from({ length: 4 }, () => openStore({ url: database.url, applicationName: 'test' }));
    const ran = await Promise.all(stores.map((store) => migrate(store, [...SHIPPED, SECOND])));
    expect(ran.flat().sort()).toEqual([...SHIPPED.map(({ name }) => name), SECOND.name].sort());
    const rows = await stores[0]?.ask((sql) => sql`select n from second`);
    expect(rows).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('refuses a migration that was changed after it ran', async () => {
    await using database = await startPostgres();
    await using store = openStore({ url: database.url, applicationName: 'test' });
    await migrate(store);
    const changed = SHIPPED.map((migration) => ({ ...migration, sha256: 'f'.repeat(64) }));
    await expect(migrate(store, changed)).rejects.toMatchObject({
      code: 'DATABASE_MISMATCH',
      message: expect.stringContaining('0001_facts.sql was changed'),
      remedy: expect.stringContaining('Restore the file'),
    });
  });

  it('refuses a database that is newer than the program', async () => {
    await using database = await startPostgres();
    await using store = openStore({ url: database.url, applicationName: 'test' });
    await migrate(store, [...SHIPPED, SECOND]);
    await expect(migrate(store)).rejects.toMatchObject({
      code: 'DATABASE_MISMATCH',
      message: expect.stringContaining('newer than this program'),
    });
  });

  it('leaves nothing of a migration that fails in the middle', async () => {
    await using database = await startPostgres();
    await using store = openStore({ url: database.url, applicationName: 'test' });
    const broken = { ...SECOND, text: 'create table second (n integer); select nonsense;' };
    await expect(migrate(store, [...SHIPPED, broken])).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await migrate(store, [...SHIPPED, SECOND])).toEqual([SECOND.name]);
  });
});
