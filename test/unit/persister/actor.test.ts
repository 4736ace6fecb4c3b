/** Batches, outages, refusals, purges: what the persister does when, and that it loses nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD } from '../../../src/rpc/records.ts';
import { until } from '../../support/until.ts';
import { type Answer, PersisterHouse } from './persister-house.ts';

describe('the persister', () => {
  it('stores a batch when it is full, and not before the time when it is not', async () => {
    await using house = new PersisterHouse();
    await house.work();
    for (let n = 0; n < 9; n += 1) house.send(n, 'event', n % 2);
    await house.work(1);
    await house.work(200);
    expect(house.store.stored).toEqual([]);
    house.send(9);
    await house.work();
    expect(house.store.batches).toEqual([10]);
    house.send(10);
    await house.work();
    expect(house.store.batches).toEqual([10]);
    await house.work(250);
    expect(house.store.batches).toEqual([10, 1]);
  });

  it('never stores more at once than a batch holds', async () => {
    await using house = new PersisterHouse();
    for (let n = 0; n < 35; n += 1) house.send(n);
    for (let i = 0; i < 8; i += 1) await house.work(1);
    expect(house.store.batches).toEqual([10, 10, 10, 5]);
    expect(house.store.stored).toEqual(Array.from({ length: 35 }, (_, n) => n));
  });

  it('goes on reading the rings while the database hangs', async () => {
    await using house = new PersisterHouse();
    house.store.answer = 'hang';
    for (let n = 0; n < 10; n += 1) house.send(n);
    await house.work();
    for (let n = 10; n < 500; n += 1) house.send(n);
    for (let i = 0; i < 3; i += 1) await house.work();
    expect(house.row.get('waiting')).toBe(0);
    expect(house.row.get('in')).toBe(500);
    house.store.answer = 'ok';
  });

  it('spools while the database is away, waits longer each time, and stores all of it in order afterwards', async () => {
    await using house = new PersisterHouse();
    house.store.answer = 'away';
    for (let n = 0; n < 25; n += 1) house.send(n);
    await house.work();
    await house.work();
    expect(house.row.get('gauge0')).toBe(1);
    expect(house.row.get('gauge1')).toBeGreaterThan(0);
    expect(house.row.get('errors')).toBe(1);
    await house.work(249);
    expect(house.row.get('errors')).toBe(1);
    await house.work(1);
    await house.work(499);
    expect(house.row.get('errors')).toBe(2);
    house.store.answer = 'ok';
    for (let i = 0; i < 6; i += 1) await house.work(1);
    expect(house.store.stored).toEqual(Array.from({ length: 25 }, (_, n) => n));
    expect(house.row.snapshot()).toMatchObject({ gauge0: 0, gauge1: 0, in: 25, out: 25, waiting: 0 });
    expect(house.row.get('gauge2')).toBe(1_700_000_000_752);
  });

  it('loses nothing when its thread is killed with a batch under way', async () => {
    await using house = new PersisterHouse();
    house.store.answer = 'hang';
    for (let n = 0; n < 12; n += 1) house.send(n, n % 2 ? 'frame' : 'event');
    await house.work();
    house.store.answer = 'ok';
    house.restart();
    for (let i = 0; i < 4; i += 1) await house.work(1);
    expect(house.store.stored).toEqual(Array.from({ length: 12 }, (_, n) => n));
  });

  it('puts aside what is refused for good and stores the rest', async () => {
    await using house = new PersisterHouse();
    for (let n = 0; n < 10; n += 1) house.send(n === 4 ? -4 : n);
    await house.work();
    await until(() => house.store.stored.length === 9, { what: 'the nine good facts' });
    await house.work();
    expect(house.rejected).toEqual([JSON.stringify({ kind: 'event', n: -4 })]);
    expect(house.row.snapshot()).toMatchObject({ gauge3: 1, gauge1: 0, out: 9 });
  });

  it('puts aside a fact that is no JSON', async () => {
    await using house = new PersisterHouse();
    house.writers[0]?.tryWrite(RECORD.facts, new TextEncoder().encode('{"kind":'));
    house.send(1);
    await house.work();
    await house.work(250);
    expect(house.rejected).toEqual(['{"kind":']);
    expect(house.store.stored).toEqual([1]);
  });

  it('is not held up when a refused fact cannot be written down either', async () => {
    await using house = new PersisterHouse();
    house.rejectsRefuse = true;
    for (let n = 0; n < 10; n += 1) house.send(n === 4 ? -4 : n);
    await house.work();
    const isDone = async () => {
      await house.work();
      return house.row.get('gauge1') === 0;
    };
    await until(isDone, { what: 'the batch to be done' });
    expect(house.store.stored).toHaveLength(9);
    expect(house.row.get('gauge3')).toBe(1);
  });

  it('sheds frames and holds events when the disk refuses', async () => {
    await using house = new PersisterHouse();
    house.store.answer = 'away';
    house.diskRefuses = true;
    for (let n = 0; n < 6; n += 1) house.send(n, n % 2 ? 'frame' : 'event');
    await house.work();
    await house.work(250);
    await house.work();
    expect(house.row.snapshot()).toMatchObject({ gauge0: 2, dropped: 3, waiting: 0 });
    house.store.answer = 'ok';
    await house.work(10_000);
    await house.work();
    expect(house.store.stored).toEqual([0, 2, 4]);
  });

  it('purges after the start, again soon while there is more, then once an hour', async () => {
    await using house = new PersisterHouse();
    await house.work(29_000);
    expect(house.store.purges).toEqual([]);
    house.store.purgeMore = true;
    await house.work(1_000);
    expect(house.store.purges).toEqual([house.nowUs / 1e6 - 7 * 86_400]);
    house.store.purgeMore = false;
    await house.work(1_000);
    await house.work(60_000);
    expect(house.store.purges).toHaveLength(2);
    await house.work(3_600_000);
    expect(house.store.purges).toHaveLength(3);
  });

  it('stores everything it can when it is closed', async () => {
    await using house = new PersisterHouse();
    for (let n = 0; n < 15; n += 1) house.send(n);
    await house.actor.onClose();
    expect(house.store.stored).toEqual(Array.from({ length: 15 }, (_, n) => n));
    expect(house.store.isClosed).toBe(true);
    house.restart();
  });

  it('closes in bounded time when the database hangs, and leaves the facts to its successor', async () => {
    await using house = new PersisterHouse();
    house.store.answer = 'hang';
    for (let n = 0; n < 15; n += 1) house.send(n);
    const startedMs = performance.now();
    await house.actor.onClose();
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    house.store.answer = 'ok';
    house.restart();
    for (let i = 0; i < 4; i += 1) await house.work(1);
    expect(house.store.stored).toEqual(Array.from({ length: 15 }, (_, n) => n));
  });

  it('stores every fact at least once and in order, whatever happens when', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ do: fc.constant('answer' as const), answer: fc.constantFrom<Answer>('ok', 'ok', 'away') }),
      fc.record({ do: fc.constant('work' as const), ms: fc.constantFrom(0, 1, 100, 6_000) }),
      fc.record({ do: fc.constant('kill' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await using house = new PersisterHouse();
        let next = 0;
        for (const action of steps) {
          if (action.do === 'send') for (let i = 0; i < action.count; i += 1) house.send(next++);
          else if (action.do === 'answer') house.store.answer = action.answer;
          else if (action.do === 'kill') house.restart();
          await house.work(action.do === 'work' ? action.ms : 0);
        }
        house.store.answer = 'ok';
        await house.work(10_000);
        await house.actor.onClose();
        expect([...new Set(house.store.stored)]).toEqual(Array.from({ length: next }, (_, n) => n));
        house.restart();
      }),
      { numRuns: 60 },
    );
  });
});
