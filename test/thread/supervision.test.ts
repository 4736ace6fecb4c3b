/** Real worker threads that misbehave, and the supervisor that has to cope. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RecordRingReader } from '../../src/shm/record-ring.ts';
import { child, openHouse, records } from '../support/house.ts';
import { until } from '../support/until.ts';

const say = (text: string) => Buffer.from(text);

/** supervisor → relay → (nobody but the test) */
async function openRelay(settings: object = {}) {
  const relay = child('relay', 'relay.mjs', { reads: ['in'], writes: ['out'], settings });
  const sink = child('sink', 'relay.mjs', { reads: ['out'], settings: { lazy: true }, stallMs: 60_000 });
  const open = openHouse([records('in'), records('out')], [relay, sink]);
  await open.supervisor.start();
  const input = open.house.supervisorWriter('in');
  const ring = open.house.rings.find((r) => r.name === 'out');
  if (!input || !ring) throw new Error('the plan has no rings');
  const output = new RecordRingReader(ring.memory);
  const row = open.house.board.row('relay');
  const got: string[] = [];
  const arrives = (text: string) =>
    until(
      () => {
        output.drain((_type, payload) => got.push(Buffer.from(payload).toString()), 1_000);
        return got.includes(text);
      },
      { what: `"${text}" to arrive`, timeoutMs: 10_000 },
    );
  return { ...open, input, row, got, arrives };
}

describe('the supervisor', () => {
  it('starts actors, and records pass through', async () => {
    await using h = await openRelay();
    expect(h.row.state).toBe('running');
    h.input.tryWrite(1, say('hello'));
    await h.arrives('hello');
  });

  it.each([
    ['throws', 'throw', 'error'],
    ['ends its thread', 'exit', 'exit'],
    ['hangs in JavaScript', 'hang', 'heartbeat'],
  ] as const)('replaces an actor that %s, and the records after it arrive', async (_what, word, cause) => {
    await using h = await openRelay();
    h.input.tryWrite(1, say('before'));
    await h.arrives('before');
    h.input.tryWrite(1, say(word));
    await until(() => h.incidents.some((i) => i.cause === cause), { what: `an incident ${cause}`, timeoutMs: 10_000 });
    // The record that kills is read by the successor again: take it out as an operator would.
    const ring = h.house.rings.find((r) => r.name === 'in');
    await until(() => h.row.get('generation') >= 2, { what: 'a successor', timeoutMs: 10_000 });
    if (ring) new RecordRingReader(ring.memory).drain(() => {}, 1);
    h.input.tryWrite(1, say('after'));
    await h.arrives('after');
    expect(h.incidents[0]).toMatchObject({ actor: 'relay', generation: 1, cause });
    await until(() => h.incidents.some((i) => i.resolvedUtc !== null), { what: 'the incident to be resolved' });
    expect(h.escalations).toEqual([]);
  });

  it('brings an actor whose thread was killed back within 3 s', async () => {
    await using h = await openRelay();
    const killedAt = performance.now();
    await h.supervisor.terminate('relay');
    await until(() => h.row.get('generation') === 2 && h.row.state === 'running', { what: 'the successor' });
    expect(performance.now() - killedAt).toBeLessThan(3_000);
    h.input.tryWrite(1, say('alive'));
    await h.arrives('alive');
  });

  it('finds an actor that beats but leaves its input lying', async () => {
    await using h = await openRelay({ lazy: true });
    h.input.tryWrite(1, say('nobody reads this'));
    await until(() => h.incidents.some((i) => i.cause === 'stall'), { what: 'a stall', timeoutMs: 10_000 });
  });

  it('restarts an actor for the operator, and says so', async () => {
    await using h = await openRelay();
    await h.supervisor.control.restart('relay', 'the test');
    expect(h.row.snapshot()).toMatchObject({ state: 'running', generation: 2, restarts: 1 });
    expect(h.incidents[0]).toMatchObject({ cause: 'operator', detail: 'restarted by the test' });
    await expect(h.supervisor.control.restart('nobody', 'the test')).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('gives up on an actor that cannot be stopped inside native code', async () => {
    await using h = await openRelay();
    h.input.tryWrite(1, say('hang in native code'));
    const [error] = await until(() => (h.escalations.length > 0 ? h.escalations : null), {
      what: 'an escalation',
      timeoutMs: 10_000,
    });
    expect(error).toMatchObject({ code: 'ESCALATED', exitCode: 70 });
    h.row.set('inNative', 0); // the test lives on, and must be able to end the thread
  });

  it('escalates when restarting does not help', async () => {
    await using h = openHouse([], [child('late', 'never-ready.mjs', { readyMs: 50, maxRestarts: 2, backoffMs: 1 })]);
    await h.supervisor.start();
    await until(() => h.escalations.length > 0, { what: 'an escalation', timeoutMs: 10_000 });
    expect(h.escalations[0]?.message).toContain('late was restarted 2 times');
  });

  it('says of an actor that did not become ready that this is why', async () => {
    await using h = openHouse([], [child('late', 'never-ready.mjs', { readyMs: 50, maxRestarts: 1, backoffMs: 1 })]);
    await h.supervisor.start();
    await until(() => h.incidents.length > 0, { what: 'an incident', timeoutMs: 10_000 });
    expect(h.incidents[0]).toMatchObject({ cause: 'start', detail: 'it was not ready within 0.05 s' });
  });

  it('replaces an actor that hangs on its way out', async () => {
    await using h = openHouse([], [child('relay', 'last-word.mjs')]);
    await h.supervisor.start();
    const row = h.house.board.row('relay');
    await until(() => row.get('generation') === 2 && row.state === 'running', {
      what: 'a successor',
      timeoutMs: 10_000,
    });
    expect(h.incidents[0]).toMatchObject({ actor: 'relay', generation: 1, cause: 'heartbeat' });
    expect(h.escalations).toEqual([]);
  });

  it('gives up on an actor that waits for a dead disk while it starts', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'stopsign-fifo-'));
    const path = join(dir, 'fifo');
    execFileSync('mkfifo', [path]);
    const h = openHouse([], [child('stuck', 'waits-for-disk.mjs', { readyMs: 2_000, settings: { path } })]);
    try {
      void h.supervisor.start();
      await until(() => h.escalations.length > 0, { what: 'an escalation', timeoutMs: 10_000 });
      expect(h.escalations).toMatchObject([{ code: 'ESCALATED', exitCode: 70 }]);
    } finally {
      const closing = h.supervisor.close();
      // The disk answers after all: the thread can end.
      closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
      await closing;
      rmSync(dir, { recursive: true });
    }
  });

  it('does not restart what a restart cannot cure', async () => {
    await using h = openHouse([], [child('inference', 'bad-model.mjs')]);
    await h.supervisor.start();
    expect(h.escalations).toMatchObject([{ code: 'BAD_MODEL', remedy: 'Take another.' }]);
    expect(h.house.board.row('inference').get('restarts')).toBe(0);
  });

  it('goes on trying when it is a room that has run already: what it lacks may come back', async () => {
    await using h = openHouse([], [child('inference', 'model-gone-for-a-while.mjs')]);
    await h.supervisor.start();
    await h.supervisor.terminate('inference');
    const row = h.house.board.row('inference');
    await until(() => row.get('generation') === 3 && row.state === 'running', {
      what: 'a third thread',
      timeoutMs: 10_000,
    });
    expect(h.escalations).toEqual([]);
    expect(h.incidents.map(({ cause }) => cause)).toContain('error');
  });

  it('refuses a plan in which a ring has no reader', () => {
    expect(() => openHouse([records('lost')], [])).toThrow('one writer and one reader');
  });
});
