/** Cameras that want something from us: to go round for ever, to buffer without end, or to reach what only this machine can. */
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { RtspSession, type RtspSessionOptions } from '../../../src/media/rtsp/rtsp-session.ts';
import { openRtspFixture, rtpFrame } from '../../support/rtsp-fixture.ts';
import { until } from '../../support/until.ts';

const open = (options: Partial<RtspSessionOptions> & { url: string }) =>
  RtspSession.open({ onRtp: () => {}, onClosed: () => {}, ...options });
const udpSockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('UDP')).length;

describe('a camera that is against us', () => {
  it('cannot send us round with ever new nonces', async () => {
    let asked = 0;
    await using fixture = await openRtspFixture({
      answer: ({ method, cseq }) => {
        if (method !== 'DESCRIBE') return null;
        asked += 1;
        const challenge = `Digest realm="r", nonce="n${asked}", stale=true, qop="auth"`;
        return `RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\nWWW-Authenticate: ${challenge}\r\n\r\n`;
      },
    });
    const opening = open({ url: fixture.url.replace('127', 'me:secret@127') });
    await expect(opening).rejects.toMatchObject({ code: 'STREAM_UNAUTHORIZED' });
    expect(asked).toBeLessThanOrEqual(6);
  });

  it('cannot make us keep answers that it does not read', async () => {
    const flood = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(2_000);
    await using fixture = await openRtspFixture({
      onPlay: (socket) => {
        socket.pause();
        socket.write(rtpFrame(1, 1_000, true, Buffer.from([0x65, 1])));
        const pour = (): void => {
          if (!socket.destroyed && socket.writableLength < 1e6) socket.write(flood);
          if (!socket.destroyed) setImmediate(pour);
        };
        pour();
      },
    });
    let ended = '';
    await using _session = await open({
      url: fixture.url,
      onClosed: (error) => {
        ended = error?.code ?? 'closed';
      },
    });
    await until(() => ended, { timeoutMs: 15_000, what: 'the end of the session' });
    expect(ended).toBe('STREAM_UNAVAILABLE');
  });

  it.each([
    ['an address of this machine', (port: number) => `rtsp://127.0.0.1:${port}/inner`],
    ['a name that leads to it', (port: number) => `rtsp://inner.example:${port}/inner`],
  ])('is not followed to %s, where nothing is said', async (_, location) => {
    await using inner = await openRtspFixture();
    await using camera = await openRtspFixture({
      answer: ({ method, cseq }) =>
        method === 'DESCRIBE'
          ? `RTSP/1.0 302 Found\r\nCSeq: ${cseq}\r\nLocation: ${location(inner.port)}\r\n\r\n`
          : null,
    });
    const opening = open({
      url: `rtsp://192.0.2.1:${camera.port}/stream`,
      // 192.0.2.1 is nobody's address; the camera stands in for it.
      connect: async ({ port }) => {
        const socket = net.connect(port, '127.0.0.1');
        await new Promise((resolve) => socket.once('connect', resolve));
        return socket;
      },
    });
    await expect(opening).rejects.toMatchObject({ message: expect.stringContaining('inside this machine') });
    expect(inner.requests).toEqual([]);
  });

  it('that hangs up at once leaves no UDP ports open', async () => {
    const before = udpSockets();
    const connect = async () => {
      const socket = new PassThrough() as unknown as net.Socket;
      Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
      // While the ports are being opened.
      process.nextTick(() => socket.destroy());
      return socket;
    };
    for (let n = 0; n < 5; n += 1) {
      const opening = open({ url: 'rtsp://127.0.0.1/stream', transport: 'udp', connect });
      await expect(opening).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    }
    await until(() => udpSockets() <= before, { timeoutMs: 2_000, what: 'the ports to be closed' });
  });
});
