/** The hub against whatever may come over its sockets: it answers or hangs up, and serves everybody else as before. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openHub, pathInfo, type TestHub } from '../../support/hub.ts';
import { capture, inPieces, mutated } from '../../support/mutated.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';
import { openWeriftViewer } from '../../support/werift-offer.ts';

/** More with other seeds: STOPSIGN_TEST_RUNS=2000 STOPSIGN_TEST_SEED=$RANDOM. */
const numRuns = Number(process.env['STOPSIGN_TEST_RUNS'] ?? 60);
const portOf = (url: string) => Number(new URL(url).port);

/** Sends the pieces and hangs up; gives what came back. */
async function send(port: number, pieces: readonly Buffer[]): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const closed = once(socket, 'close').catch(() => {});
  for (const piece of pieces) socket.write(piece);
  socket.end();
  // The hub ends its side when ours has ended.
  const timer = setTimeout(() => socket.destroy(), 1_000);
  await closed;
  clearTimeout(timer);
  return text;
}

/** A publisher made of ffmpeg's own bytes. */
async function publish(port: number) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.resume();
  socket.write(capture('publish-h264'));
  return { [Symbol.dispose]: () => void socket.destroy() };
}

/** Somebody new can publish and read. */
async function expectService(hub: TestHub): Promise<void> {
  using _publisher = await publish(portOf(hub.urls.rtsp));
  await until(async () => (await pathInfo(hub.urls, 'cam'))?.['ready'], { what: 'the path' });
  await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
  await until(() => reader.units.length > 0, { what: 'a picture' });
}

describe('the hub, attacked', () => {
  it('survives broken publishers and readers on its RTSP port', async () => {
    await using hub = await openHub();
    const requests = (methods: string[]) =>
      methods.map((method, n) =>
        Buffer.from(
          `${method} rtsp://h/cam RTSP/1.0\r\nCSeq: ${n}\r\nTransport: RTP/AVP/TCP;unicast;interleaved=${n}-255\r\n\r\n`,
        ),
      );
    const anyRequests = fc
      .array(fc.constantFrom('OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'RECORD', 'PAUSE', 'TEARDOWN', 'ANNOUNCE'), {
        maxLength: 12,
      })
      .map(requests);
    const anything = fc.oneof(
      mutated(capture('publish-h264')).map((bytes) => inPieces(bytes, 3_000)),
      mutated(Buffer.concat(requests(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY']))).map((bytes) => [bytes]),
      anyRequests,
      fc.tuple(fc.constant(capture('publish-h264')), anyRequests).map(([bytes, more]) => [bytes, ...more]),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (pieces) => void (await send(portOf(hub.urls.rtsp), pieces))),
      { numRuns },
    );
    await expectService(hub);
  });

  it('survives anything on its HTTP ports, and answers what is whole', async () => {
    await using hub = await openHub();
    const paths = [
      '/',
      '/cam/whep',
      '/cam/whep/x',
      '/cam/index.m3u8',
      '/v3/paths/get/%ff',
      '/v3/paths/list?page=-1',
      '//',
      '/%00',
    ];
    const request = fc
      .record({
        method: fc.constantFrom('GET', 'POST', 'OPTIONS', 'PATCH', 'DELETE', 'HEAD', 'BREW'),
        path: fc.oneof(fc.constantFrom(...paths), fc.webPath()),
        type: fc.constantFrom('application/sdp', 'application/trickle-ice-sdpfrag', 'x'),
        body: fc.string({ maxLength: 200 }),
      })
      .map(({ method, path, type, body }) => {
        const head = `${method} ${path || '/'} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: ${type}\r\n`;
        return Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      });
    const ports = [hub.urls.webrtc, hub.urls.hls, hub.urls.api].map(portOf);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ports), fc.oneof(request, request.chain(mutated)), async (port, bytes) => {
        const text = await send(port, [bytes]);
        expect(text === '' || /^HTTP\/1\.1 \d{3} /.test(text)).toBe(true);
        expect(text).not.toMatch(/^HTTP\/1\.1 500 /);
      }),
      { numRuns },
    );
    await expectService(hub);
  });

  it('refuses bodies and heads that are too large, and says so', async () => {
    await using hub = await openHub();
    const post = (bytes: number) =>
      fetch(`${hub.urls.webrtc}/cam/whep`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp' },
        body: 'x'.repeat(bytes),
      });
    expect((await post(128 * 1024 + 1)).status).toBe(413);
    const long = await fetch(`${hub.urls.api}/v3/info`, { headers: { x: 'y'.repeat(20_000) } });
    expect(long.status).toBe(431);
  });

  it('survives offers that are nearly right', async () => {
    await using hub = await openHub();
    using _publisher = await publish(portOf(hub.urls.rtsp));
    await until(async () => (await pathInfo(hub.urls, 'cam'))?.['ready'], { what: 'the path' });
    await using viewer = await openWeriftViewer();
    const withoutIce = await fetch(`${hub.urls.webrtc}/cam/whep`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: viewer.offer.replace(/^a=ice-ufrag.*\r\n/gm, ''),
    });
    expect([withoutIce.status, (await withoutIce.json()).error]).toEqual([400, expect.stringContaining('the offer')]);
    const lines = viewer.offer.split('\r\n');
    const line = fc.nat(lines.length - 1);
    const changed = fc
      .array(fc.tuple(line, fc.constantFrom('lose', 'repeat', 'shorten', 'junk')), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const now = [...lines];
        for (const [n, how] of changes) {
          const text = now[n] ?? '';
          if (how === 'lose') now.splice(n, 1);
          else if (how === 'repeat') now.splice(n, 0, text);
          else now[n] = how === 'shorten' ? text.slice(0, text.length / 2) : `${text} 99999999999 \u0000`;
        }
        return now.join('\r\n');
      });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(changed, async (offer) => {
        const url = `${hub.urls.webrtc}/cam/whep`;
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/sdp' },
          body: offer,
        });
        await response.text();
        expect([201, 400]).toContain(response.status);
        if (response.status !== 201) return;
        answered += 1;
        const session = `${hub.urls.webrtc}${response.headers.get('location')}`;
        expect((await fetch(session, { method: 'DELETE' })).status).toBe(200);
      }),
      { numRuns: Math.min(numRuns, 25) },
    );
    expect(answered).toBeGreaterThan(0);
    await expectService(hub);
  });

  it('survives strangers’ packets on the UDP ports of its viewers, from the range it was given', async () => {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const from = Math.min(socket.address().port + 1, 65_000);
    await using hub = await openHub({ webrtcUdpPorts: [from, from + 200] });
    using _publisher = await publish(portOf(hub.urls.rtsp));
    await until(async () => (await pathInfo(hub.urls, 'cam'))?.['ready'], { what: 'the path' });
    await using viewer = await openWeriftViewer();
    const response = await fetch(`${hub.urls.webrtc}/cam/whep`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: viewer.offer,
    });
    const answer = await response.text();
    const ports = [...answer.matchAll(/^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/gim)].map(([, port]) =>
      Number(port),
    );
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.every((port) => port >= from && port <= from + 200)).toBe(true);
    await viewer.peer.setRemoteDescription({ type: 'answer', sdp: answer });
    await until(() => viewer.peer.connectionState === 'connected', { timeoutMs: 10_000, what: 'the viewer' });
    // STUN, DTLS and SRTP each begin with bytes of their own (RFC 7983).
    const stun = Buffer.from('000100002112a442000000000000000000000000', 'hex');
    const dtls = Buffer.from('16fefd0000000000000000002001000014000000000000001400000000', 'hex');
    const rtcp = Buffer.from('80c80006000000010000000000000000000000000000000000000000', 'hex');
    const packet = fc.oneof(
      mutated(stun),
      mutated(dtls),
      mutated(rtcp),
      fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ports), packet, async (port, bytes) => {
        await new Promise((resolve) => socket.send(bytes.subarray(0, 8_000), port, '127.0.0.1', resolve));
      }),
      { numRuns: numRuns * 5 },
    );
    socket.close();
    await expectService(hub);
  });
});
