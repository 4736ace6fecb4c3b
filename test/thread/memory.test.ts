/** A thread that leaks, the real supervisor, and the watch over memory: the leaker is found and replaced in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryWatch } from '../../src/memory-watch.ts';
import { child, openHouse, records } from '../support/house.ts';
import { until } from '../support/until.ts';

const MIB = 2 ** 20;

async function openPair() {
  const rooms = ['lean', 'fat'].map((name) => child(name, 'relay.mjs', { reads: [`to-${name}`] }));
  const house = openHouse([records('to-lean'), records('to-fat')], rooms, () => {});
  await house.supervisor.start();
  const bytes = (name: string) => {
    const row = house.house.board.row(name);
    return row.get('heapBytes') + row.get('externalBytes');
  };
  const leak = () => house.supervisor.control.fault({ room: 'fat', kind: 'leak', seconds: 60, factor: 2 }, 'the test');
  return { ...house, bytes, leak };
}

describe('the watch over memory', () => {
  it('names the room that leaks, replaces it in order, and says that it helped', async () => {
    await using h = await openPair();
    // What the rooms hold stands for the process: the test's own heap comes and goes.
    const heldBytes = () => h.bytes('lean') + h.bytes('fat');
    const limitBytes = 70 * MIB;
    const watch = new MemoryWatch({ limitBytes, supervisor: h.supervisor, heldBytes, everyMs: 50, lastsMs: 200 });
    watch.start();
    try {
      await h.leak();
      await until(() => h.incidents.some((i) => i.cause === 'memory'), { what: 'the incident', timeoutMs: 10_000 });
      const row = h.house.board.row('fat');
      await until(() => row.get('generation') === 2 && row.state === 'running', { what: 'the successor' });
      const isOver = () => h.incidents.some((i) => i.cause === 'memory' && i.resolvedUtc !== null);
      await until(isOver, { what: 'that it helped', timeoutMs: 10_000 });
      const incident = h.incidents.find((i) => i.cause === 'memory');
      expect(incident).toMatchObject({ actor: 'fat', generation: 1 });
      expect(incident?.detail).toMatch(
        /^the process holds \d+ MiB.* its limit is 70 MiB; of all rooms fat holds most: heap \d+ MiB, buffers \d+ MiB$/,
      );
      // In order: nobody died of it, and V8's limit was not what ended it.
      expect(h.incidents.map((i) => i.cause)).not.toContain('error');
      expect(h.house.board.row('lean').get('generation')).toBe(1);
      expect(h.escalations).toEqual([]);
    } finally {
      watch.close();
    }
  });

  it('ends the process when no restart helps', async () => {
    await using h = await openPair();
    const options = { limitBytes: 1, heldBytes: () => 2, everyMs: 20, lastsMs: 40, settleMs: 400 };
    const watch = new MemoryWatch({ supervisor: h.supervisor, ...options });
    watch.start();
    try {
      await until(() => h.escalations.length > 0, { what: 'the end', timeoutMs: 10_000 });
      expect(h.escalations[0]).toMatchObject({ code: 'ESCALATED', exitCode: 70 });
      expect(h.escalations[0]?.message).toMatch(/did not help|the main thread holds most of it/);
      await sleep(60);
      expect(h.escalations).toHaveLength(1);
    } finally {
      watch.close();
    }
  });
});
