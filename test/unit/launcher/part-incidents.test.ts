/** The launcher's incidents reach the analyzer, also those of the analyzer itself. */
import { expect, test } from 'vitest';
import { PartIncidents } from '../../../src/launcher/part-incidents.ts';
import type { Incident } from '../../../src/rpc/control.ts';

function open() {
  const told: Incident[] = [];
  let nowUtc = 100;
  let isThere = true;
  const incidents = new PartIncidents({
    nowUtc: () => nowUtc,
    tell: ({ incident }) => {
      if (isThere) told.push(incident);
      return isThere;
    },
  });
  return {
    incidents,
    told,
    at: (utc: number) => {
      nowUtc = utc;
    },
    keeper: (there: boolean) => {
      isThere = there;
    },
  };
}

test('a part that ends and comes back is one incident, told twice', () => {
  const { incidents, told, at } = open();
  for (const part of ['hub', 'analyzer']) incidents.onReady(part);
  incidents.onEnded('hub', 'was ended by SIGKILL');
  at(103);
  incidents.onReady('hub');
  expect(told).toMatchObject([
    { actor: 'hub', stage: 'hub', generation: 1, cause: 'process', detail: 'the process was ended by SIGKILL' },
    { startedUtc: 100, resolvedUtc: 103 },
  ]);
  expect(told[0]?.id).toBe(told[1]?.id);
});

test('what happened while the analyzer was away is told when it is back, its own end too', () => {
  const { incidents, told, at } = open();
  incidents.onReady('analyzer');
  incidents.onEnded('analyzer', 'ended with code 70');
  incidents.onEnded('hub', 'was ended by SIGKILL');
  at(101);
  incidents.onReady('hub');
  expect(told).toEqual([]);
  at(104);
  incidents.onReady('analyzer');
  expect(told.map(({ actor, startedUtc, resolvedUtc }) => [actor, startedUtc, resolvedUtc])).toEqual([
    ['hub', 100, 101],
    ['analyzer', 100, 104],
  ]);
});

test('what goes on while a new analyzer comes up is told to that one as well', () => {
  const { incidents, told, at } = open();
  incidents.onReady('analyzer');
  incidents.onEnded('hub', 'was ended by SIGKILL');
  incidents.onEnded('analyzer', 'ended with code 70');
  told.length = 0;
  at(104);
  incidents.onReady('analyzer');
  at(106);
  incidents.onReady('hub');
  expect(told.map(({ actor, startedUtc, resolvedUtc }) => [actor, startedUtc, resolvedUtc])).toEqual([
    ['hub', 100, null],
    ['analyzer', 100, 104],
    ['hub', 100, 106],
  ]);
});

test('what could not be told is told with the next', () => {
  const { incidents, told, keeper } = open();
  incidents.onReady('analyzer');
  keeper(false);
  incidents.onEnded('camera', 'ended with code 1');
  expect(told).toEqual([]);
  keeper(true);
  incidents.onReady('camera');
  expect(told).toHaveLength(1);
});
