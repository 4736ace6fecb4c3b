/** Every fault that can be injected into a thread, with the real supervisor: seen for what it is, and recovered from. */
import { describe, expect, it } from 'vitest';
import type { RoomFaultKind } from '../../src/rpc/fault.ts';
import { RecordRingReader } from '../../src/shm/record-ring.ts';
import { child, openHouse, records } from '../support/house.ts';
import { until } from '../support/until.ts';

const say = (text: string) => Buffer.from(text);

/** supervisor → relay → (the test reads) */
async function openRelay(settings: object = {}) {
  const told: unknown[] = [];
  const relay = child('relay', 'relay.mjs', {
    reads: ['in'],
    writes: ['out'],
    settings,
    flows: [{ from: 'in', to: 'out' }],
  });
  const sink = child('sink', 'relay.mjs', { reads: ['out'], settings: { lazy: true }, stallMs: 600_000 });
  const open = openHouse([records('in'), records('out')], [relay, sink], (fault) => told.push(fault));
  await open.supervisor.start();
  const input = open.house.supervisorWriter('in');
  const ring = open.house.rings.find((r) => r.name === 'out');
  if (!input || !ring) throw new Error('the plan has no rings');
  const output = new RecordRingReader(ring.memory);
  const got: string[] = [];
  const take = () => output.drain((_type, payload) => got.push(Buffer.from(payload).toString()), 1_000);
  let n = 0;
  return {
    ...open,
    told,
    got,
    take,
    row: open.house.board.row('relay'),
    send: (text: string) => input.tryWrite(1, say(text)),
    inject: (kind: RoomFaultKind, over: object = {}) =>
      open.supervisor.control.fault({ room: 'relay', kind, seconds: 60, factor: 10, ...over }, 'the test'),
    /** Keeps records coming until the condition holds. */
    traffic: <T>(condition: () => T, what: string) =>
      until(
        () => {
          n += 1;
          input.tryWrite(1, say(`record ${n}`));
          take();
          return condition();
        },
        { what, timeoutMs: 15_000 },
      ),
  };
}

describe('a fault that is injected', () => {
  it.each([
    ['kill', 'exit'],
    ['throw', 'error'],
    ['hang', 'heartbeat'],
    ['mute', 'heartbeat'],
    ['swallow', 'output'],
    ['leak', 'error'],
  ] as const)('%s: is seen as %s, and the successor works', async (kind, cause) => {
    await using h = await openRelay();
    await h.inject(kind);
    expect(h.incidents[0]).toMatchObject({ cause: 'fault', actor: 'relay', detail: `injected by the test: ${kind}` });
    await h.traffic(() => h.incidents.some((i) => i.cause === cause), `an incident ${cause}`);
    await h.traffic(() => h.row.get('generation') === 2 && h.row.state === 'running', 'the successor');
    const before = h.got.length;
    await h.traffic(() => h.got.length > before, 'records of the successor');
    const incident = h.incidents.findLast((i) => i.cause === cause);
    expect(incident).toMatchObject({ stage: 'relay', generation: 1, framesLost: 0 });
    expect(incident?.resolvedUtc).toBeGreaterThanOrEqual(incident?.startedUtc ?? Number.NaN);
    expect(h.escalations).toEqual([]);
  });

  it('mute: the work went on while the heart stood still', async () => {
    await using h = await openRelay();
    await h.inject('mute');
    await h.traffic(() => h.incidents.some((i) => i.cause === 'heartbeat'), 'the finding');
    expect(h.got.length).toBeGreaterThan(3);
  });

  it('hang-native: the thread is not ended, the process is', async () => {
    await using h = await openRelay();
    await h.inject('hang-native');
    await h.traffic(() => h.escalations.length > 0, 'an escalation');
    expect(h.escalations[0]).toMatchObject({ code: 'ESCALATED', exitCode: 70 });
    expect(h.incidents.at(-1)).toMatchObject({ cause: 'heartbeat', detail: expect.stringContaining('native code') });
    h.row.set('inNative', 0); // the test lives on, and must be able to end the thread
  });

  it('corrupt: one record is damaged, the next is whole', async () => {
    await using h = await openRelay();
    await h.inject('corrupt');
    h.send('{"a":1}');
    h.send('{"a":2}');
    await until(() => h.take() >= 0 && h.got.length === 2, { what: 'two records' });
    expect(() => JSON.parse(h.got[0] ?? '')).toThrow();
    expect(h.got[1]).toBe('{"a":2}');
  });

  it('slow: takes so many times as long, and passes', async () => {
    await using h = await openRelay({ spinMs: 5 });
    await h.inject('slow', { factor: 30, seconds: 1 });
    const startedMs = performance.now();
    for (const text of ['first', 'second', 'third']) {
      h.send(text);
      await until(() => h.take() >= 0 && h.got.includes(text), { what: text });
    }
    expect(performance.now() - startedMs).toBeGreaterThan(150);
    await h.traffic(() => performance.now() - startedMs > 1_200, 'the end of the fault');
    const { length } = h.got;
    await h.traffic(() => h.got.length > length + 20, 'records at full speed');
    expect(h.row.get('generation')).toBe(1);
  });

  it('clock: every thread follows, nobody is restarted for it, and one incident each way tells of it', async () => {
    await using h = await openRelay();
    const startedMs = performance.now();
    const request = { room: 'supervisor', kind: 'clock', seconds: 1, factor: 60 } as const;
    await h.supervisor.control.fault(request, 'the test');
    const told = () => h.incidents.filter((i) => i.cause === 'clock').map((i) => i.detail);
    await h.traffic(() => told().length === 1, 'the incident');
    expect(told()[0]).toMatch(/^the system clock was set ahead by 3(600|599)\.\d s/);
    const isAhead = () => h.row.get('heartbeatUs') / 1_000 - performance.timeOrigin - performance.now() > 3_000_000;
    await h.traffic(isAhead, "the room's clock");
    await h.traffic(() => told().length === 2, 'the way back');
    expect(told()[1]).toMatch(/^the system clock was set back by 3(600|599)\.\d s$/);
    // Longer than any watchdog's patience.
    await h.traffic(() => performance.now() - startedMs > 4_000, 'some time');
    expect(h.row.snapshot()).toMatchObject({ generation: 1, state: 'running' });
    expect(h.incidents.filter((i) => !['clock', 'fault'].includes(i.cause))).toEqual([]);
    expect(Math.abs(h.row.get('heartbeatUs') / 1_000 - Date.now())).toBeLessThan(1_000);
  });

  it('into another process: is handed to the launcher', async () => {
    await using h = await openRelay();
    await h.supervisor.control.fault({ room: 'hub', kind: 'kill', seconds: 10, factor: 1 }, 'the test');
    expect(h.told).toEqual([{ type: 'fault', part: 'hub', kind: 'kill', seconds: 10 }]);
    await h.supervisor.control.fault({ room: 'camera', kind: 'resize', seconds: 5, factor: 1 }, 'the test');
    expect(h.told[1]).toEqual({ type: 'fault', part: 'camera', kind: 'resize', seconds: 5 });
    for (const [room, kind] of [
      ['hub', 'leak'],
      ['hub', 'freeze'],
      ['postgres', 'resize'],
      ['relay', 'garbage'],
    ] as const) {
      const odd = { room, kind, seconds: 10, factor: 1 };
      await expect(h.supervisor.control.fault(odd, 'the test')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
    await expect(h.inject('kill', { room: 'nobody' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('is refused by a house that was not started for it, on both sides', async () => {
    const relay = child('relay', 'relay.mjs', { reads: ['in'] });
    await using h = openHouse([records('in')], [relay]);
    await h.supervisor.start();
    const fault = { room: 'relay', kind: 'kill', seconds: 1, factor: 1 } as const;
    await expect(h.supervisor.control.fault(fault, 'the test')).rejects.toMatchObject({ code: 'BAD_USAGE' });
    expect(h.incidents).toEqual([]);
    expect(h.house.board.row('relay').get('generation')).toBe(1);
  });
});
