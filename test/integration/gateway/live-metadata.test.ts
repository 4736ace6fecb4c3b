import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { openGateway, passEvent } from './gateway-fixture.ts';

describe('the live metadata WebSocket', () => {
  it('greets with the zones of the site before anything else', async () => {
    await using gateway = await openGateway();
    const client = gateway.live();
    const [hello] = await client.waitFor('hello');
    expect(client.messages[0]).toEqual(hello);
    expect(hello).toMatchObject({
      v: 1,
      camera: 'front',
      scaled_dimensions: { w: 1280, h: 720 },
      zones: {
        stop: [
          [100, 400],
          [500, 400],
          [500, 500],
          [100, 500],
        ],
        stop_line: [
          [100, 500],
          [500, 500],
        ],
      },
    });
  });

  it('sends frames, events and sender reports of its own camera only, with the bytes of the ring unchanged', async () => {
    await using gateway = await openGateway();
    const client = gateway.live();
    await client.waitFor('hello');
    gateway.writeFrame('yard');
    const frame = gateway.writeFrame('front');
    gateway.writePass(passEvent('p1'));
    gateway.writeSignal({ kind: 'sr', epoch: 2, rtp: 90_000, utc: 12.5 });
    await gateway.work();
    await client.waitFor('frame');
    await client.waitFor('event');
    const [sr] = await client.waitFor('sr');
    expect(client.ofType('frame')).toEqual([frame]);
    expect(client.texts).toContain(JSON.stringify(frame));
    expect(client.ofType('event')).toEqual([{ v: 1, type: 'event', event: passEvent('p1') }]);
    expect(sr).toEqual({ v: 1, type: 'sr', epoch: 2, rtp: 90_000, utc: 12.5 });
  });

  it('tells rates, latency and state once a second', async () => {
    await using gateway = await openGateway();
    const client = gateway.live();
    await client.waitFor('hello');
    gateway.writeSignal({ kind: 'stream', state: 'online', detail: null });
    await gateway.advance(1_000);
    for (let i = 0; i < 25; i += 1) gateway.writeFrame();
    gateway.board.row('decoder:front').add('out', 30);
    await gateway.work();
    await gateway.advance(1_000);
    const status = (await client.waitFor('status', 2)).at(-1);
    expect(status).toMatchObject({ camera: 'front', stream: 'online', pipeline: 'ok', database: 'ok', viewers: 1 });
    expect(status.fps.decoded).toBeGreaterThan(25);
    expect(status.fps.decoded).toBeLessThanOrEqual(30);
    expect(status.fps.analyzed / status.fps.decoded).toBeCloseTo(25 / 30, 1);
    expect(status.latency_ms.decode_to_emit_p50).toBeGreaterThanOrEqual(20);
    expect(status.latency_ms.decode_to_emit_p95).toBeLessThan(1_000);
  });

  it('says in words why there is no picture, and which actor is down', async () => {
    await using gateway = await openGateway();
    const client = gateway.live();
    await client.waitFor('hello');
    gateway.writeSignal({ kind: 'stream', state: 'connecting', detail: 'The camera refuses the password.' });
    await gateway.advance(1_000);
    expect((await client.waitFor('status')).at(-1)).toMatchObject({
      stream: 'connecting',
      detail: 'The camera refuses the password.',
      pipeline: 'ok',
    });
    gateway.board.row('inference').state = 'failed';
    await gateway.advance(1_000);
    const status = (await client.waitFor('status', 2)).at(-1);
    expect(status).toMatchObject({ pipeline: 'down', detail: 'inference is failed.' });
  });

  it('answers ping with pong on its own clock and keeps painted samples', async () => {
    await using gateway = await openGateway();
    const client = gateway.live();
    await client.waitFor('hello');
    client.send({ type: 'ping', t0: 123.5 });
    const [pong] = await client.waitFor('pong');
    expect(pong).toMatchObject({ v: 1, t0: 123.5 });
    expect(Math.abs(pong.t1 - gateway.clock.nowUs() / 1000)).toBeLessThan(2_000);
    const frame = gateway.writeFrame();
    await gateway.work();
    client.send({ type: 'painted', frame: frame.frame, at: frame.ts_utc * 1000 + 250 });
    client.send({ type: 'ping', t0: 1 });
    await client.waitFor('pong', 2);
    const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
    expect(metrics).toContain('stopsign_capture_to_paint_seconds{camera="front",quantile="0.5"} 0.25');
  });

  it.each([
    ['text that is not JSON', (client: { send(v: unknown): void }) => client.send('{')],
    ['a message of an unknown type', (client: { send(v: unknown): void }) => client.send({ type: 'boo' })],
    ['bytes', (client: { sendBinary(b: Uint8Array): void }) => client.sendBinary(new Uint8Array([1]))],
  ])('closes with 4400 and a reason on %s', async (_, misbehave) => {
    await using gateway = await openGateway();
    const client = gateway.live();
    await client.waitFor('hello');
    misbehave(client as never);
    expect(await client.waitClosed()).toEqual({
      code: 4400,
      reason: 'This is not a message of the live metadata protocol.',
    });
  });

  it('closes on a message that is too large, and on too many', async () => {
    await using gateway = await openGateway();
    const large = gateway.live();
    const many = gateway.live();
    await large.waitFor('hello');
    await many.waitFor('hello');
    large.send({ type: 'ping', t0: 0, padding: 'x'.repeat(8_000) });
    for (let i = 0; i < 300; i += 1) many.send({ type: 'painted', frame: i, at: 0 });
    await large.waitClosed();
    expect(await many.waitClosed()).toEqual({ code: 4429, reason: 'Too many messages.' });
  });

  it('closes with 4404 and a sentence for a camera that is not configured', async () => {
    await using gateway = await openGateway();
    const client = gateway.live('camera=nowhere');
    expect(await client.waitClosed()).toEqual({ code: 4404, reason: 'There is no camera named nowhere.' });
    expect(client.messages).toEqual([]);
  });

  it('closes with 4403 for a page of another site, and not for its own', async () => {
    await using gateway = await openGateway();
    const foreign = gateway.live('camera=front', { origin: 'https://evil.example' });
    expect(await foreign.waitClosed()).toMatchObject({ code: 4403, reason: expect.stringContaining('another host') });
    expect(foreign.messages).toEqual([]);
    await gateway.live('camera=front', { origin: gateway.origin }).waitFor('hello');
  });

  it('limits the connections of one address and gives places back', async () => {
    await using gateway = await openGateway();
    const first = gateway.live();
    await first.waitFor('hello');
    const others = Array.from({ length: 31 }, () => gateway.live());
    for (const client of others) await client.waitFor('hello');
    expect(await gateway.live().waitClosed()).toMatchObject({ code: 4429 });
    await first.close();
    await until(
      async () => {
        const client = gateway.live();
        await until(() => client.closed ?? client.messages.length > 0, { what: 'an answer' });
        return client.closed === null;
      },
      { what: 'a place to be free again' },
    );
  });

  it('counts by the address that the proxy on this host wrote, also into a line of its own', async () => {
    await using gateway = await openGateway();
    // The first line is the client's own invention.
    const join = (n: number) =>
      gateway.live('camera=front', { 'X-Forwarded-For': `203.0.113.${n}`, 'x-forwarded-for': '198.51.100.7' });
    const welcome = Array.from({ length: 32 }, (_, n) => join(n));
    for (const client of welcome) await client.waitFor('hello');
    expect(await join(32).waitClosed()).toMatchObject({ code: 4429 });
  });

  it('drops for a client that stops reading, and for it alone', async () => {
    await using gateway = await openGateway();
    const slow = gateway.live();
    const quick = gateway.live();
    await slow.waitFor('hello');
    await quick.waitFor('hello');
    await gateway.settle(slow, quick);
    slow.pause();
    await gateway.advance(1_000);
    await gateway.settle(quick);
    await gateway.settle(quick);
    const written = [];
    for (let i = 0; i < 200; i += 1) {
      written.push(gateway.writeFrame().frame);
      if (i % 50 === 0) gateway.writePass(passEvent(`p${i}`));
      await gateway.work();
    }
    await quick.waitFor('frame', 200);
    await gateway.settle(quick);
    expect(quick.ofType('frame').map((f) => f.frame)).toEqual(written);
    expect(gateway.row.get('dropped')).toBe(199);
    expect(slow.closed).toBeNull();

    slow.resume();
    await slow.waitFor('frame');
    await slow.waitFor('event', 4);
    expect(slow.ofType('frame').map((f) => f.frame)).toEqual([written.at(-1)]);
    expect(slow.ofType('event').map((e) => e.event.id)).toEqual(['p0', 'p50', 'p100', 'p150']);
  });

  it('disconnects a client that stays slow for more than ten seconds and keeps the others', async () => {
    await using gateway = await openGateway();
    const slow = gateway.live();
    const quick = gateway.live();
    await slow.waitFor('hello');
    await quick.waitFor('hello');
    slow.pause();
    for (let second = 0; second < 10; second += 1) await gateway.settle(quick);
    expect((await quick.waitFor('status', 10)).at(-1).viewers).toBe(2);
    for (let second = 0; second < 5; second += 1) await gateway.settle(quick);
    expect(quick.ofType('status').at(-1).viewers).toBe(1);
    slow.resume();
    expect(await slow.waitClosed()).toEqual({
      code: 4408,
      reason: 'This connection is too slow for live metadata.',
    });
    expect(quick.closed).toBeNull();
  });
});
