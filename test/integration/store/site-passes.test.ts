/** Scores and ranks from a real Postgres, as the gateway and the command line ask for them. */
import { describe, expect, it } from 'vitest';
import { scoreStored } from '../../../src/cli/score.ts';
import { siteScore } from '../../../src/domain/score/site-score.ts';
import type { Fact } from '../../../src/rpc/records.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { scoredPassById, sitePasses } from '../../../src/store/site-passes.ts';
import { startPostgres } from '../../support/postgres.ts';
import { passEvent, passFact, T0 } from './sample-facts.ts';

const FACTS: readonly Fact[] = [
  passFact(1),
  passFact(2, 'full_stop', { forced: true }),
  passFact(3, 'no_stop', { stopped_s: null, min_speed: { value: 10, lo: 9, hi: 11, unit: 'mph' } }),
  passFact(4, 'indeterminate', { stopped_s: null, min_speed: null }),
  passFact(5, 'no_stop', { camera: 'other' }),
];

async function openDatabase() {
  const database = await startPostgres();
  const store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  await insertBatch(store, FACTS);
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

describe('the passes of a site', () => {
  it('come with what a score is made of, newest first, speeds in km/h', async () => {
    await using database = await openDatabase();
    const { passes, isCut } = await sitePasses(database.store, { camera: 'demo', sinceUtc: T0 });
    expect(isCut).toBe(false);
    expect(passes.map(({ id }) => id)).toEqual([4, 3, 2, 1].map((n) => passEvent(n).id));
    expect(passes[1]).toMatchObject({ verdict: 'no_stop', stoppedS: null, minSpeedKmh: 16.09344 });
    expect(passes[3]).toMatchObject({ forced: false, stoppedS: 1.48, minSpeedKmh: 0 });
    expect(siteScore(passes)).toMatchObject({ passes: 4, judged: { n: 3, score: 67 }, voluntary: { n: 2, score: 50 } });
  });

  it('are those of the time asked for', async () => {
    await using database = await openDatabase();
    const entered = (n: number) => passEvent(n).entered_utc;
    const between = { camera: 'demo', sinceUtc: entered(2) - 1, untilUtc: entered(3) + 1 };
    expect((await sitePasses(database.store, between)).passes).toHaveLength(2);
    expect(await scoredPassById(database.store, passEvent(5).id)).toMatchObject({
      camera: 'other',
      verdict: 'no_stop',
    });
    expect(await scoredPassById(database.store, 'nobody')).toBeNull();
  });

  it('are told in words and as JSON, always with n', async () => {
    await using database = await openDatabase();
    const question = { camera: 'demo', since: T0, json: false };
    const text = await scoreStored(database.store, question);
    expect(text).toContain('4 (2 full stop, 0 rolling stop, 1 no stop, 1 indeterminate)');
    expect(text).toMatch(/score +67 of 100: 66\.7 % full stops \(95 %: 20\.8 to 93\.9 %, n = 3\)/);
    const json: unknown = JSON.parse(await scoreStored(database.store, { ...question, json: true }));
    expect(json).toMatchObject({ camera: 'demo', judged: { n: 3 }, cut: false });
    expect(await scoreStored(database.store, { ...question, camera: 'nobody' })).toContain('n = 0');
  });
});
