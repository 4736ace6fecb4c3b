/** A replaced room: its rings are its successor's from the moment that one is given them, and never two threads' at once. */
import { expect, it } from 'vitest';
import { Bell } from '../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import { child, openHouse, records } from '../support/house.ts';
import { until } from '../support/until.ts';

const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
const say = (text: string) => Buffer.from(text);

/** supervisor → relay → sink */
async function openRelay() {
  const open = openHouse(
    [records('in'), records('out')],
    [
      child('relay', 'relay.mjs', { reads: ['in'], writes: ['out'], stallMs: 60_000 }),
      child('sink', 'relay.mjs', { reads: ['out'], stallMs: 60_000 }),
    ],
  );
  await open.supervisor.start();
  const ring = (name: string): RecordRing => new RecordRing(memory(name));
  const memory = (name: string): SharedArrayBuffer =>
    (open.house.rings.find((each) => each.name === name) as { memory: SharedArrayBuffer }).memory;
  return { ...open, ring, memory, row: open.house.board.row('relay') };
}

it('gives a room’s ends of its rings to the successor, and leaves the other ends alone', async () => {
  await using h = await openRelay();
  const ends = () => [
    h.ring('in').generationOf('writer'),
    h.ring('in').generationOf('reader'),
    h.ring('out').generationOf('writer'),
    h.ring('out').generationOf('reader'),
  ];
  expect(ends()).toEqual([0, 1, 1, 1]);
  const stale = {
    reader: new RecordRingReader(h.memory('in'), bell, 1),
    writer: new RecordRingWriter(h.memory('out'), bell, 1),
  };
  expect(stale.writer.tryWrite(1, say('from the first'))).toBe(true);
  await h.supervisor.terminate('relay');
  await until(() => h.row.get('generation') === 2 && h.row.state === 'running', { what: 'the successor' });
  expect(ends()).toEqual([0, 2, 2, 1]);
  // As a thread would that was given up but still runs.
  expect([stale.reader.isSuperseded, stale.writer.isSuperseded]).toEqual([true, true]);
  expect(stale.writer.tryWrite(1, say('from the grave'))).toBe(false);
  h.house.supervisorWriter('in')?.tryWrite(1, say('hello'));
  expect(stale.reader.drain(() => expect.unreachable('a stale reader got a record'), 9)).toBe(0);
  await until(() => h.ring('out').counts().read === 2, { what: 'the successor to pass it on' });
  expect(h.ring('in').counts()).toMatchObject({ written: 1, read: 1 });
  expect(h.ring('out').counts()).toMatchObject({ written: 2, read: 2, rejected: 0 });
});

it('gives them to the successor before that one has asked for anything', async () => {
  const times = { backoffMs: 1, readyMs: 60_000 };
  const late = child('late', 'never-ready.mjs', { reads: ['in', 'own'], writes: ['own'], ...times });
  await using h = openHouse([records('own'), records('in')], [late]);
  void h.supervisor.start();
  const generation = (): number => h.house.board.row('late').get('generation');
  const [own, input] = h.house.rings.map(({ memory }) => new RecordRing(memory)) as [RecordRing, RecordRing];
  for (const expected of [1, 2]) {
    await until(() => generation() === expected, { what: `generation ${expected}` });
    expect([input.generationOf('writer'), input.generationOf('reader')]).toEqual([0, expected]);
    expect([own.generationOf('writer'), own.generationOf('reader')]).toEqual([expected, expected]);
    if (expected === 1) await h.supervisor.terminate('late');
  }
});

it('starts nobody beside a thread that cannot be stopped', async () => {
  await using h = await openRelay();
  h.house.supervisorWriter('in')?.tryWrite(1, say('hang in native code'));
  await until(() => h.row.get('inNative') === 1, { what: 'the relay to hang' });
  await h.supervisor.control.restart('relay', 'the test');
  expect(h.escalations).toMatchObject([{ code: 'ESCALATED' }]);
  expect([h.row.get('generation'), h.ring('out').generationOf('writer')]).toEqual([1, 1]);
  h.row.set('inNative', 0); // the test lives on, and must be able to end the thread
});
