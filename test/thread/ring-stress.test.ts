/** Two real threads at the ends of a small ring: every byte arrives, in order, and an onlooker's count is always right. */
import { expect, it } from 'vitest';
import { FrameRing } from '../../src/shm/frame-ring.ts';
import { RecordRing } from '../../src/shm/record-ring.ts';
import { child, openHouse } from '../support/house.ts';
import { until } from '../support/until.ts';

const CAPACITY = 16_384;
const LOOKS_A_TURN = 50;

/** One ring between a writer and a reader, running. */
async function between(room: string, ring: Parameters<typeof openHouse>[0][number], total: number) {
  const times = { settings: { total }, stallMs: 30_000 };
  const open = openHouse(
    [ring],
    [child('writer', room, { writes: [ring.name], ...times }), child('reader', room, { reads: [ring.name], ...times })],
  );
  await open.supervisor.start();
  const [handle] = open.house.rings;
  return { ...open, memory: (handle as { memory: SharedArrayBuffer }).memory };
}

it.each([
  ['ten millions', '2³¹', 10_000_000, 2 ** 31 - 8 * CAPACITY],
  ['a million', '2³²', 1_000_000, 2 ** 32 - 8 * CAPACITY],
])('carries %s of records between two threads without damage, across position %s', async (_many, _at, total, first) => {
  const spec = { capacity: CAPACITY, initialPosition: first };
  await using h = await between('canary.mjs', { name: 'stress', kind: 'records', spec }, total);
  const ring = new RecordRing(h.memory);
  const reader = h.house.board.row('reader');
  let looks = 0;
  let before = ring.counts();
  await until(
    () => {
      for (let i = 0; i < LOOKS_A_TURN; i += 1) {
        const { written, read, inRing, bytesInRing } = ring.counts();
        const isGrowing = written >= before.written && read >= before.read;
        if (!isGrowing || written !== read + inRing || 8 * inRing > bytesInRing || bytesInRing > CAPACITY) {
          throw new Error(`impossible: ${written} written, ${read} read, ${bytesInRing} bytes in the ring`);
        }
        before = { ...before, written, read };
        looks += 1;
      }
      return h.incidents.length > 0 || reader.get('out') === total;
    },
    { what: 'all records', timeoutMs: 55_000, everyMs: 20 },
  );
  expect(h.incidents).toEqual([]);
  expect(looks).toBeGreaterThan(LOOKS_A_TURN);
  expect(ring.counts()).toMatchObject({ written: total, read: total, inRing: 0, bytesInRing: 0 });
});

it.each(['live', 'lossless'] as const)('carries pictures between two threads without damage (%s)', async (policy) => {
  const total = 200_000;
  const spec = { slots: 4, maxWidth: 16, maxHeight: 16, policy, initialSequence: 0x7fff_f000 };
  await using h = await between('frame-canary.mjs', { name: 'stress', kind: 'frames', spec }, total);
  const ring = new FrameRing(h.memory);
  const writer = h.house.board.row('writer');
  const look = () => {
    const c = ring.counts();
    const isConserved =
      c.offered === c.committed + c.dropped + c.aborted + c.claimed &&
      c.committed === c.consumed + c.skipped + c.inRing;
    if (!isConserved || c.claimed > 1 || c.inRing > 4 || c.inRing < 0)
      throw new Error(`impossible: ${JSON.stringify(c)}`);
    return c;
  };
  await until(
    () => {
      for (let i = 0; i < LOOKS_A_TURN; i += 1) look();
      return h.incidents.length > 0 || (writer.get('out') === total && look().inRing === 0);
    },
    { what: 'all pictures', timeoutMs: 55_000, everyMs: 20 },
  );
  expect(h.incidents).toEqual([]);
  const { offered, dropped, consumed, skipped, committed } = look();
  // A picture that a full lossless ring refused was not offered.
  if (policy === 'live') expect([offered, dropped > 0]).toEqual([total, true]);
  else expect(dropped).toBe(0);
  expect([consumed > 0, skipped > 0, consumed + skipped]).toEqual([true, true, committed]);
});
