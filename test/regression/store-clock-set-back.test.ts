/** A system clock that was set back by an hour kept the persister from storing, syncing and purging for an hour. */
import { expect, it } from 'vitest';
import { PersisterHouse } from '../unit/persister/persister-house.ts';

const HOUR_US = 3_600_000_000;

it('tries the database again after its usual wait', async () => {
  await using house = new PersisterHouse();
  house.store.answer = 'away';
  for (let n = 0; n < 10; n += 1) house.send(n);
  await house.work();
  house.store.answer = 'ok';
  house.nowUs -= HOUR_US;
  await house.work(250);
  expect(house.store.batches).toEqual([10]);
});

it('stores a batch that is not full after its usual wait', async () => {
  await using house = new PersisterHouse();
  house.send(1);
  await house.work();
  house.nowUs -= HOUR_US;
  await house.work(250);
  expect(house.store.stored).toEqual([1]);
});

it('brings what waits onto the disk every second', async () => {
  await using house = new PersisterHouse();
  for (let n = 0; n < 10; n += 1) house.send(n);
  await house.work(2_000);
  house.store.answer = 'away';
  house.nowUs -= HOUR_US;
  for (let n = 0; n < 10; n += 1) house.send(n);
  await house.work();
  const before = house.syncs;
  await house.work(1_000);
  expect(house.syncs).toBe(before + 1);
  house.store.answer = 'ok';
});

it('purges when it is time, by the date that the clock shows then', async () => {
  await using house = new PersisterHouse();
  house.nowUs -= HOUR_US;
  await house.work(30_000);
  expect(house.store.purges).toEqual([house.nowUs / 1e6 - 7 * 86_400]);
});
