import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from '../../../src/web/live/backoff.ts';
import { LiveSocket, type SocketState } from '../../../src/web/live/live-socket.ts';
import { parseMessage } from '../../../src/web/live/parse-message.ts';
import { ServerClock } from '../../../src/web/live/server-clock.ts';
import { liveFrame, liveStatus } from './examples.ts';

describe('backoffMs', () => {
  const options = { baseMs: 500, maxMs: 15_000, jitter: 0.5 };
  it('doubles up to its limit', () => {
    const delays = [0, 1, 2, 3, 10, 1_000].map((n) => backoffMs(n, { ...options, random: () => 0 }));
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 15_000, 15_000]);
  });
  it('adds at most the share of jitter', () => {
    expect(backoffMs(1, { ...options, random: () => 1 })).toBe(1_500);
  });
});

describe('ServerClock', () => {
  it('believes the exchange with the shortest way', () => {
    const clock = new ServerClock();
    expect(clock.offsetMs).toBeNull();
    clock.add(0, 1_100, 200); // offset 1000 ± 100
    clock.add(1_000, 2_020, 1_020);
    clock.add(2_000, 3_500, 2_400);
    expect([clock.offsetMs, clock.rttMs]).toEqual([1_010, 20]);
  });
  it('gives an old measurement up for a fresh one', () => {
    const clock = new ServerClock();
    clock.add(0, 5, 10);
    clock.add(100_000, 100_550, 100_100);
    expect(clock.offsetMs).toBe(500);
  });
});

describe('parseMessage', () => {
  it('takes what the server sends', () => {
    expect(parseMessage(JSON.stringify(liveFrame()))).toMatchObject({ type: 'frame', frame: 1 });
    expect(parseMessage(JSON.stringify(liveStatus()))).toMatchObject({ type: 'status' });
    expect(parseMessage('{"v":1,"type":"pong","t0":1,"t1":2}')).toMatchObject({ type: 'pong' });
  });
  it.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['another version', JSON.stringify({ ...liveFrame(), v: 2 })],
    ['an unknown type', '{"v":1,"type":"dance"}'],
    ['a frame without its timestamp', JSON.stringify({ ...liveFrame(), rtp: undefined })],
    ['a track without a box', JSON.stringify({ ...liveFrame(), tracks: [{ id: 1 }] })],
    ['a box of three', JSON.stringify({ ...liveFrame(), tracks: [{ id: 1, bbox: [1, 2, 3] }] })],
    ['zones that are no lists', '{"v":1,"type":"hello","zones":{},"scaled_dimensions":{"w":1,"h":1}}'],
  ])('drops %s', (_what, text) => {
    expect(parseMessage(text)).toBeNull();
  });
});

class FakeSocket {
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  isClosed = false;
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.isClosed = true;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

describe('LiveSocket', () => {
  let sockets: FakeSocket[];
  let states: SocketState['kind'][];
  let messages: string[];
  const open = () =>
    new LiveSocket({
      url: 'ws://host/ws/metadata?camera=demo',
      onMessage: ({ type }) => messages.push(type),
      onState: ({ kind }) => states.push(kind),
      createSocket: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      random: () => 0,
    });
  const last = () => sockets.at(-1) as FakeSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    states = [];
    messages = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('hands messages on and counts what it does not understand', () => {
    const live = open();
    last().accept();
    last().say(liveFrame());
    last().say({ v: 1, type: 'dance' });
    expect([messages, live.ignored, states]).toEqual([['frame'], 1, ['connecting', 'open']]);
    live.close();
  });

  it('comes back with growing delays until the server speaks', () => {
    const live = open();
    for (const delay of [500, 1_000, 2_000]) {
      const before = sockets.length;
      last().accept(); // accepted, but never a word: no success
      last().onclose?.();
      vi.advanceTimersByTime(delay - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().accept();
    last().say(liveStatus());
    last().onclose?.();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(5);
    live.close();
  });

  it('gives a silent connection up after five seconds, whether or not it closes', () => {
    const live = open();
    last().accept();
    last().say(liveStatus());
    vi.advanceTimersByTime(4_999);
    expect(states.at(-1)).toBe('open');
    vi.advanceTimersByTime(1);
    expect([states.at(-1), last().isClosed]).toEqual(['waiting', true]);
    live.close();
  });

  it('reconnects at once when asked to', () => {
    const live = open();
    last().onclose?.();
    live.retryNow();
    live.retryNow();
    expect(sockets).toHaveLength(2);
    live.close();
  });

  it('measures the clock with a few pings at the start and one now and then', () => {
    const live = open();
    last().accept();
    vi.advanceTimersByTime(1_000);
    expect(last().sent).toHaveLength(4);
    last().say({ v: 1, type: 'pong', t0: performance.timeOrigin + performance.now(), t1: 0 });
    expect(live.clock.offsetMs).not.toBeNull();
    last().say(liveStatus());
    vi.advanceTimersByTime(4_900);
    expect(last().sent).toHaveLength(5);
    live.close();
  });

  it('drops what is sent while it is not connected, and everything stops with close', () => {
    const live = open();
    live.send({ type: 'painted', frame: 1, at: 1 });
    expect(last().sent).toEqual([]);
    live.close();
    last().onclose?.();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });
});
