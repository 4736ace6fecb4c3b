import { describe, expect, it } from 'vitest';
import { LiveClient } from '../../../src/actors/gateway/live-client.ts';

function fakeSocket() {
  const sent: string[] = [];
  const socket = {
    sent,
    buffered: 0,
    pings: 0,
    send: (message: Uint8Array) => void sent.push(Buffer.from(message).toString()),
    bufferedBytes: () => socket.buffered,
    ping: () => {
      socket.pings += 1;
    },
    end: () => {},
  };
  return socket;
}
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a live client', () => {
  it('sends at once while the socket takes what it is given', () => {
    const socket = fakeSocket();
    const client = new LiveClient(socket);
    client.offerFrame(bytes('f1'));
    client.offer(bytes('e1'));
    client.offerFrame(bytes('f2'));
    expect(socket.sent).toEqual(['f1', 'e1', 'f2']);
    expect(client).toMatchObject({ sent: 3, dropped: 0 });
  });

  it('keeps the newest frame and all events while bytes wait, and sends events first when they drain', () => {
    const socket = fakeSocket();
    const client = new LiveClient(socket);
    socket.buffered = 65 * 1024;
    for (const n of [1, 2, 3]) {
      client.offerFrame(bytes(`f${n}`));
      client.offer(bytes(`e${n}`));
    }
    expect(socket.sent).toEqual([]);
    socket.buffered = 0;
    client.onDrain();
    expect(socket.sent).toEqual(['e1', 'e2', 'e3', 'f3']);
    expect(client.dropped).toBe(2);
  });

  it('never sends an older frame after a newer one', () => {
    const socket = fakeSocket();
    const client = new LiveClient(socket);
    socket.buffered = 65 * 1024;
    client.offerFrame(bytes('old'));
    socket.buffered = 0;
    client.offerFrame(bytes('new'));
    client.onDrain();
    expect(socket.sent).toEqual(['new']);
  });

  it('drops the oldest event when too many wait', () => {
    const socket = fakeSocket();
    const client = new LiveClient(socket);
    socket.buffered = 65 * 1024;
    for (let n = 0; n < 300; n += 1) client.offer(bytes(`e${n}`));
    socket.buffered = 0;
    client.onDrain();
    expect(socket.sent).toHaveLength(256);
    expect(socket.sent[0]).toBe('e44');
    expect(client.dropped).toBe(44);
  });

  it('holds back while a ping is late, though no byte waits in this process', () => {
    const socket = fakeSocket();
    const client = new LiveClient(socket);
    client.tick(0);
    client.tick(1_000);
    client.offerFrame(bytes('f1'));
    client.tick(2_000);
    client.offerFrame(bytes('f2'));
    client.offerFrame(bytes('f3'));
    expect(socket.sent).toEqual(['f1']);
    client.onPong();
    expect(socket.sent).toEqual(['f1', 'f3']);
    expect(socket.pings).toBe(1);
    client.tick(3_000);
    expect(socket.pings).toBe(2);
  });

  it('is too slow after ten seconds in which nothing got through, not when a little does', () => {
    const socket = fakeSocket();
    const stuck = new LiveClient(socket);
    socket.buffered = 65 * 1024;
    const verdicts = Array.from({ length: 12 }, (_, s) => {
      stuck.onPong();
      return stuck.tick(s * 1_000);
    });
    expect(verdicts).toEqual([...Array.from({ length: 11 }, () => 'ok'), 'slow']);

    const trickle = new LiveClient(socket);
    for (let s = 0; s < 30; s += 1) {
      socket.buffered = 0;
      trickle.offerFrame(bytes('f'));
      trickle.onPong();
      socket.buffered = 65 * 1024;
      expect(trickle.tick(s * 1_000)).toBe('ok');
    }
  });
});
