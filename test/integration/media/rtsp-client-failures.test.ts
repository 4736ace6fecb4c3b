/** What the client says, and that it comes back, when the other side refuses, lies or falls silent. */
import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { RtspSession } from '../../../src/media/rtsp/rtsp-session.ts';
import { H264_SDP, openRtspFixture, type RtspFixture, rtpFrame, streamPictures } from '../../support/rtsp-fixture.ts';
import { type RtspRecorder, recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';

const SECRET = 'p@ss/word';
const withLogin = (fixture: RtspFixture, password = SECRET) =>
  `rtsp://viewer:${encodeURIComponent(password)}@127.0.0.1:${fixture.port}/stream`;
const firstFailure = (reader: RtspRecorder) =>
  until(() => reader.states.find((state) => state.detail !== null), { what: 'a failure' });
const online = (reader: RtspRecorder) => until(() => reader.units.length > 0, { what: 'the first unit' });

describe('logging in', () => {
  it.each(['basic', 'digest-md5', 'digest-sha256', 'digest-no-qop'] as const)('answers %s', async (auth) => {
    await using fixture = await openRtspFixture({ auth });
    await using reader = recordRtsp(withLogin(fixture));
    await online(reader);
    expect(reader.states.map(({ state }) => state)).toEqual(['connecting', 'online']);
  });

  it('takes a fresh nonce when the old one has gone stale', async () => {
    await using fixture = await openRtspFixture({ auth: 'digest-md5', requestsPerNonce: 1 });
    await using reader = recordRtsp(withLogin(fixture));
    await online(reader);
    expect(fixture.connections()).toBe(1);
    expect(fixture.requests.filter((method) => method === 'SETUP')).toHaveLength(2);
  });

  it.each(['basic', 'digest-md5'] as const)('says that the password is wrong (%s), once an attempt', async (auth) => {
    await using fixture = await openRtspFixture({ auth });
    await using reader = recordRtsp(withLogin(fixture, 'wrong-secret'));
    const { detail, error } = await firstFailure(reader);
    expect(error?.code).toBe('STREAM_UNAUTHORIZED');
    expect(detail).toMatch(/refuses the user or the password.*Correct them/);
    expect(JSON.stringify(reader.states)).not.toContain('wrong-secret');
    expect(fixture.requests.slice(0, 3)).toEqual(['OPTIONS', 'DESCRIBE', 'DESCRIBE']);
  });

  it('says that a login is needed when the URL has none', async () => {
    await using fixture = await openRtspFixture({ auth: 'digest-md5' });
    await using reader = recordRtsp(fixture.url);
    expect((await firstFailure(reader)).detail).toMatch(/asks for a user and a password/);
  });
});

describe('a source that is not what it should be', () => {
  const cases: [string, Parameters<typeof openRtspFixture>[0], RegExp][] = [
    ['no such stream', { describeStatus: '404 Not Found' }, /no stream at .*404.*Check the path/],
    ['no video track', { sdp: 'v=0\r\nm=audio 0 RTP/AVP 0\r\n' }, /has no video track/],
    [
      'a codec that is not supported',
      { sdp: 'v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 VP9/90000\r\n' },
      /is VP9, which is not supported.*H\.264/,
    ],
    ['garbage instead of RTSP', { onConnection: (socket) => socket.write(Buffer.alloc(3000, 0xa5)) }, /is not RTSP/],
    ['garbage after PLAY', { onPlay: (socket) => socket.write(Buffer.alloc(3000, 0x01)) }, /is not RTSP/],
    ['a server that hangs up', { onConnection: (socket) => socket.end() }, /closed the connection/],
    ['a server that never answers', { onConnection: () => {} }, /did not answer OPTIONS within 0\.4 s/],
    ['a stream without pictures', { onPlay: () => {} }, /No complete picture came .* for 0\.3 s/],
  ];

  it.each(cases)('explains %s', async (_what, options, sentence) => {
    await using fixture = await openRtspFixture(options);
    await using reader = recordRtsp(fixture.url, { stallMs: 300, requestTimeoutMs: 400 });
    const { state, detail } = await firstFailure(reader);
    expect(state).toBe('connecting');
    expect(detail).toMatch(sentence);
  });

  it('explains a port that speaks HTTP', async () => {
    const server = http.createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await using reader = recordRtsp(`rtsp://127.0.0.1:${(server.address() as net.AddressInfo).port}/x`);
      expect((await firstFailure(reader)).detail).toMatch(/speaks HTTP, not RTSP.*554/);
    } finally {
      server.close();
    }
  });

  it('explains a port where nothing listens', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, 'close');
    await using reader = recordRtsp(`rtsp://127.0.0.1:${port}/x`);
    expect((await firstFailure(reader)).detail).toMatch(/connection refused.*Check the address/);
  });

  it('explains a host whose name is not known, and one that does not answer', async () => {
    const connect = (code: string) => () => Promise.reject(Object.assign(new Error('x'), { code }));
    await using unknown = recordRtsp('rtsp://cam.invalid/x', { connect: connect('ENOTFOUND') });
    expect((await firstFailure(unknown)).detail).toMatch(/host name .* is not known/);
    await using far = recordRtsp('rtsp://10.0.0.1/x', { connect: connect('EHOSTUNREACH') });
    expect((await firstFailure(far)).detail).toMatch(/cannot be reached/);
    await using silent = recordRtsp('rtsp://10.0.0.1/x', {
      connectTimeoutMs: 50,
      connect: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    });
    expect((await firstFailure(silent)).detail).toMatch(/did not accept a connection within 0\.1 s/);
  });
});

describe('coming back', () => {
  it('opens a new session, with the next epoch, after garbage, and counts it', async () => {
    await using fixture = await openRtspFixture({
      onPlay: (socket, session) => {
        streamPictures(socket);
        if (session === 1) setTimeout(() => socket.write(Buffer.alloc(500, 0xff)), 150);
      },
    });
    await using reader = recordRtsp(fixture.url);
    await until(() => reader.units.some((unit) => unit.epoch === 2), { what: 'the second session' });
    expect(reader.client.counters.reconnects).toBe(1);
    expect(reader.client.epoch).toBe(2);
  });

  it('survives broken packets and re-opens the session when nothing else comes', async () => {
    await using fixture = await openRtspFixture({
      onPlay: (socket, session) => {
        if (session > 1) {
          streamPictures(socket);
          return;
        }
        // Key pictures first, then FU-A packets without a beginning, and RTP of version 0.
        for (let n = 0; n < 3; n += 1) socket.write(rtpFrame(n, n * 3_000, true, Buffer.from([0x65, 0x88, 0])));
        for (let n = 3; n < 30; n += 1) socket.write(rtpFrame(n, n * 3_000, true, Buffer.from([0x7c, 0x05, 1, 2])));
      },
    });
    await using reader = recordRtsp(fixture.url);
    await until(() => reader.units.some((unit) => unit.epoch === 2), { what: 'the second session' });
    expect(reader.units.filter((unit) => unit.epoch === 1)).toHaveLength(3);
    expect(reader.client.counters.malformed).toBeGreaterThanOrEqual(20);
    expect(reader.states.find((state) => state.detail)?.detail).toMatch(/is broken \(20 malformed packets/);
  });

  it('drops the incomplete picture after lost packets, over the wrap, and goes on at the next key picture', async () => {
    await using fixture = await openRtspFixture({
      onPlay: (socket) => {
        const key = Buffer.from([0x65, 0x88, 0]);
        const slice = Buffer.from([0x41, 0x9a, 0]);
        const laterSlice = Buffer.from([0x41, 0x1a, 0]);
        socket.write(rtpFrame(65_534, 0, true, key));
        socket.write(rtpFrame(65_535, 3_000, true, slice));
        socket.write(rtpFrame(0, 6_000, false, slice));
        // Packet 1 is lost: its picture, and the one the next packet belongs to, are not whole.
        socket.write(rtpFrame(2, 9_000, true, laterSlice));
        socket.write(rtpFrame(3, 12_000, true, slice));
        socket.write(rtpFrame(4, 15_000, true, key));
        socket.write(rtpFrame(5, 18_000, true, slice));
      },
    });
    await using reader = recordRtsp(fixture.url);
    await until(() => reader.units.some((unit) => unit.rtp === 18_000), { what: 'the unit after the loss' });
    expect(reader.units.map((unit) => unit.rtp)).toEqual([0, 3_000, 15_000, 18_000]);
    expect(reader.client.counters).toMatchObject({
      sequenceGaps: 1,
      lostPackets: 1,
      droppedUnits: 2,
      skippedUnits: 1,
      malformed: 0,
    });
  });

  it('keeps the session alive at half its timeout and says goodbye', async () => {
    await using fixture = await openRtspFixture({ sessionTimeoutS: 2 });
    const reader = recordRtsp(fixture.url);
    await online(reader);
    await until(() => fixture.requests.includes('GET_PARAMETER'), { what: 'a keep-alive' });
    await reader.client.close();
    await until(() => fixture.requests.at(-1) === 'TEARDOWN', { what: 'the farewell' });
    expect(reader.states).toHaveLength(2);
  });

  it('leaves nothing behind on the signal of its owner, however a session ends', async () => {
    const abort = new AbortController();
    const ears = () => getEventListeners(abort.signal, 'abort').length;
    const open = (url: string) =>
      RtspSession.open({ url, signal: abort.signal, onRtp: () => {}, onClosed: () => {}, connectTimeoutMs: 500 });
    await expect(open('rtsp://127.0.0.1:1/x')).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    await using missing = await openRtspFixture({ describeStatus: '404 Not Found' });
    await expect(open(missing.url)).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    await using fixture = await openRtspFixture();
    await (await open(fixture.url)).close();
    expect(ears()).toBe(0);
  });

  it('asks for the video track alone and closes in the middle of connecting', async () => {
    await using fixture = await openRtspFixture({ sdp: H264_SDP });
    const reader = recordRtsp(fixture.url);
    await online(reader);
    expect(fixture.requests.filter((method) => method === 'SETUP')).toHaveLength(1);
    await reader.client.close();
    await using silent = await openRtspFixture({ onConnection: () => {} });
    const other = recordRtsp(silent.url);
    await until(() => silent.connections() === 1, { what: 'the connection' });
    const before = performance.now();
    await other.client.close();
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
