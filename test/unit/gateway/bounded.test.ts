/** What the gateway keeps stays bounded, however much comes and whoever stays behind. */
import { describe, expect, it } from 'vitest';
import { Broadcast } from '../../../src/actors/gateway/broadcast.ts';
import { LatencyWindow } from '../../../src/actors/gateway/latency-window.ts';
import { LiveClient } from '../../../src/actors/gateway/live-client.ts';
import { OpenConnections } from '../../../src/actors/gateway/open-connections.ts';
import { RecentPasses } from '../../../src/actors/gateway/recent-passes.ts';
import { Sessions } from '../../../src/actors/gateway/sessions.ts';
import type { PassEvent } from '../../../src/domain/types.ts';

const MANY = 20_000;

describe('bounded', () => {
  it('latencies, also under a clock that stands still', () => {
    const window = new LatencyWindow();
    for (let i = 0; i < MANY; i += 1) window.add(1_000, i);
    expect(window.percentiles(1_000)).toMatchObject({ count: 2_000, p50: MANY - 1_001 });
  });

  it('passes that are remembered', () => {
    const recent = new RecentPasses();
    for (let i = 0; i < MANY; i += 1) recent.add({ id: `${i}`, camera: 'c', entered_utc: i } as PassEvent);
    const all = recent.merge([], { limit: MANY });
    expect(all).toHaveLength(200);
    expect(all[0]?.id).toBe(`${MANY - 1}`);
  });

  it('news for a reader that reads nothing', async () => {
    const broadcast = new Broadcast<number>();
    const stop = new AbortController();
    const news = broadcast.subscribe(stop.signal, 10)[Symbol.asyncIterator]();
    for (let i = 0; i < MANY; i += 1) broadcast.publish(i);
    const got: number[] = [];
    for (let i = 0; i < 10; i += 1) got.push((await news.next()).value);
    expect(got).toEqual(Array.from({ length: 10 }, (_, i) => MANY - 10 + i));
    stop.abort();
    expect((await news.next()).done).toBe(true);
    expect(broadcast.size).toBe(0);
  });

  it('messages for a viewer that takes none', () => {
    let sent = 0;
    let buffered = 1e6;
    const socket = { send: () => (sent += 1), bufferedBytes: () => buffered, ping: () => {}, end: () => {} };
    const client = new LiveClient(socket);
    for (let i = 0; i < MANY; i += 1) {
      client.offer(new Uint8Array(8));
      client.offerFrame(new Uint8Array(8));
    }
    buffered = 0;
    client.onDrain();
    expect(sent).toBe(257);
    expect(client.dropped).toBe(2 * MANY - 257);
  });

  it('connections of one address, and of all addresses together', () => {
    const open = new OpenConnections(2, 5);
    for (const address of ['a', 'a', 'b']) open.add(address);
    expect(['a', 'b', 'c'].map((address) => open.isFull(address))).toEqual([true, false, false]);
    for (const address of ['c', 'd']) open.add(address);
    expect(['a', 'b', 'e'].map((address) => open.isFull(address))).toEqual([true, true, true]);
    open.remove('a');
    expect(['a', 'b', 'e'].map((address) => open.isFull(address))).toEqual([false, false, false]);
  });

  it('sessions: the oldest end first', () => {
    const sessions = new Sessions('the right token', () => 0);
    const opened = Array.from({ length: 1_200 }, (_, i) => {
      const result = sessions.login('the right token', `10.0.0.${i % 250}`);
      return result.ok ? result.session : '';
    });
    expect(opened.filter((session) => sessions.role(session) === 'admin')).toEqual(opened.slice(200));
  });
});
