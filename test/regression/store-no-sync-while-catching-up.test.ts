/** While the persister caught up after an outage, each commit put off the sync of all that still waited in the spool. */
import { expect, it } from 'vitest';
import { PersisterHouse } from '../unit/persister/persister-house.ts';

it('syncs once a second while more waits than a batch holds', async () => {
  await using house = new PersisterHouse();
  for (let n = 0; n < 200; n += 1) house.send(n);
  await house.work(10_000);
  const before = house.syncs;
  for (let i = 0; i < 10; i += 1) await house.work(300);
  expect(house.row.get('gauge1')).toBeGreaterThan(0);
  expect(house.syncs - before).toBe(2);
});

it('does not sync what is committed within the second', async () => {
  await using house = new PersisterHouse();
  for (let n = 0; n < 10; n += 1) house.send(n);
  await house.work(10_000);
  house.send(10);
  await house.work();
  const before = house.syncs;
  for (let i = 0; i < 30; i += 1) {
    for (let n = 0; n < 9; n += 1) house.send(n);
    const storing = house.work(300);
    // This one comes while the batch is under way: it is in the spool when that is committed.
    house.send(9);
    house.actor.doWork();
    await storing;
  }
  expect(house.store.batches).toEqual(Array.from({ length: 31 }, () => 10));
  await house.work();
  expect(house.row.get('gauge1')).toBeGreaterThan(0);
  expect(house.syncs).toBe(before);
});
