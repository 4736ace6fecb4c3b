/** Two real threads at the ends of a small ring: every byte arrives, in order, across many wraps. */
import { expect, it } from 'vitest';
import { RecordRing } from '../../src/shm/record-ring.ts';
import { child, openHouse, records } from '../support/house.ts';
import { until } from '../support/until.ts';

const TOTAL = 2_000_000;

it('carries two million records between two threads without damage', async () => {
  await using h = openHouse(
    [records('stress', 16_384)],
    [
      child('writer', 'canary.mjs', { writes: ['stress'], settings: { total: TOTAL }, stallMs: 30_000 }),
      child('reader', 'canary.mjs', { reads: ['stress'], settings: { total: TOTAL }, stallMs: 30_000 }),
    ],
  );
  await h.supervisor.start();
  const reader = h.house.board.row('reader');
  await until(() => h.incidents.length > 0 || reader.get('out') === TOTAL, {
    what: 'all records',
    timeoutMs: 50_000,
    everyMs: 50,
  });
  expect(h.incidents).toEqual([]);
  const [ring] = h.house.rings;
  expect(ring && new RecordRing(ring.memory).counts()).toMatchObject({ written: TOTAL, read: TOTAL, bytesInRing: 0 });
});
