/** Facts that are refused for good do not hold up the others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/actors/persister/backoff.ts';
import { insertIsolating } from '../../../src/actors/persister/isolate.ts';
import { StopsignError } from '../../../src/errors.ts';

describe('insertIsolating', () => {
  it('stores every good item once, in order, and returns exactly the bad ones', async () => {
    const items = fc.uniqueArray(fc.record({ id: fc.nat(), isBad: fc.boolean() }), { selector: (item) => item.id });
    await fc.assert(
      fc.asyncProperty(items, async (all) => {
        const stored: number[] = [];
        const refused = await insertIsolating(all, async (some) => {
          const bad = some.find((item) => item.isBad);
          if (bad) throw new StopsignError('BAD_INPUT', `no ${bad.id}`);
          stored.push(...some.map((item) => item.id));
        });
        expect(stored).toEqual(all.filter((item) => !item.isBad).map((item) => item.id));
        expect(refused.map(({ item }) => item)).toEqual(all.filter((item) => item.isBad));
        for (const { item, reason } of refused) expect(reason).toBe(`no ${item.id}`);
      }),
    );
  });

  it('asks once when all is good, and about log2 times for a single bad one', async () => {
    let asked = 0;
    const insert = async (some: readonly number[]): Promise<void> => {
      asked += 1;
      if (some.includes(300)) throw new StopsignError('BAD_INPUT', 'no');
    };
    await insertIsolating([1, 2, 3], insert);
    expect(asked).toBe(1);
    asked = 0;
    const many = Array.from({ length: 512 }, (_, n) => n);
    expect(await insertIsolating(many, insert)).toHaveLength(1);
    expect(asked).toBeLessThanOrEqual(19);
  });

  it('gives up at once when the database is away', async () => {
    let asked = 0;
    const insert = async (): Promise<void> => {
      asked += 1;
      throw new StopsignError('DATABASE_UNAVAILABLE', 'away');
    };
    await expect(insertIsolating([1, 2, 3, 4], insert)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(asked).toBe(1);
  });
});

describe('the wait before Postgres is tried again', () => {
  it('doubles up to five seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100].map(backoffMs)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });
});
