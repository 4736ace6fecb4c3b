/** Cameras that speak RTSP in their own way, send us elsewhere, or hang up at odd times. */
import { describe, expect, it } from 'vitest';
import {
  H264_SDP,
  openRtspFixture,
  type RtspFixture,
  type RtspFixtureOptions,
  rtpFrame,
  streamPictures,
} from '../../support/rtsp-fixture.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';

type Answer = NonNullable<RtspFixtureOptions['answer']>;

/** Plays one session and gives what the camera was asked, one line a request. */
async function asked(options: RtspFixtureOptions, wanted = 1): Promise<string[]> {
  const lines: string[] = [];
  await using fixture = await openRtspFixture({
    ...options,
    answer: (request, socket) => {
      lines.push(`${request.method} ${request.url.replace(/:\d+/, '')}`);
      return options.answer?.(request, socket) ?? null;
    },
  });
  await using reader = recordRtsp(fixture.url);
  await until(() => reader.units.length >= wanted, { what: 'pictures' });
  expect(reader.client.counters).toMatchObject({ reconnects: 0, sequenceGaps: 0 });
  return lines;
}

const describeAs =
  (headers: string, sdp: string): Answer =>
  ({ method, cseq }) =>
    method === 'DESCRIBE'
      ? `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${headers}Content-Length: ${sdp.length}\r\n\r\n${sdp}`
      : null;
const video = (control: string) => H264_SDP.replace('a=control:track2', `a=control:${control}`);

describe('a camera with a dialect', () => {
  it.each<[string, Answer, string, string]>([
    ['no Content-Base', describeAs('', H264_SDP), 'rtsp://127.0.0.1/stream/track2', 'rtsp://127.0.0.1/stream'],
    [
      'a Content-Base that is only a path',
      describeAs('Content-Base: /other/\r\n', H264_SDP),
      'rtsp://127.0.0.1/other/track2',
      'rtsp://127.0.0.1/other/',
    ],
    [
      'an empty Content-Base',
      describeAs('Content-Base: \r\n', H264_SDP),
      'rtsp://127.0.0.1/stream/track2',
      'rtsp://127.0.0.1/stream',
    ],
    [
      'a Content-Base that is no URL',
      describeAs('Content-Base: rtsp://[\r\n', H264_SDP),
      'rtsp://127.0.0.1/stream/track2',
      'rtsp://127.0.0.1/stream',
    ],
    [
      'a Content-Location',
      describeAs('Content-Location: rtsp://127.0.0.1/loc\r\n', H264_SDP),
      'rtsp://127.0.0.1/loc/track2',
      'rtsp://127.0.0.1/loc',
    ],
    [
      'an absolute control',
      describeAs('', video('rtsp://127.0.0.1/abs/v?x=1')),
      'rtsp://127.0.0.1/abs/v?x=1',
      'rtsp://127.0.0.1/stream',
    ],
    [
      'a Content-Base without the slash at its end',
      describeAs('Content-Base: rtsp://127.0.0.1/stream\r\n', H264_SDP),
      'rtsp://127.0.0.1/stream/track2',
      'rtsp://127.0.0.1/stream',
    ],
    [
      'a control with a slash at its end',
      describeAs('Content-Base: rtsp://127.0.0.1/stream/\r\n', video('track2/')),
      'rtsp://127.0.0.1/stream/track2/',
      'rtsp://127.0.0.1/stream/',
    ],
    ['a control that is a star', describeAs('', video('*')), 'rtsp://127.0.0.1/stream', 'rtsp://127.0.0.1/stream'],
    [
      'an absolute control of the whole',
      describeAs('', H264_SDP.replace('t=0 0', 't=0 0\r\na=control:rtsp://127.0.0.1/all')),
      'rtsp://127.0.0.1/stream/track2',
      'rtsp://127.0.0.1/all',
    ],
  ])('is asked for the right track: %s', async (_what, answer, setup, play) => {
    const lines = await asked({ answer });
    expect(lines).toContain(`SETUP ${setup}`);
    expect(lines).toContain(`PLAY ${play}`);
  });

  it('is understood without CSeq, with lower-case headers, bare line feeds, and numbers with zeros', async () => {
    await asked({
      answer: ({ method, cseq }) => {
        if (method === 'OPTIONS') return 'RTSP/1.0 200 OK\r\n\r\n';
        if (method === 'DESCRIBE')
          return `RTSP/1.0 200\ncseq: 00${cseq}\ncontent-length: ${H264_SDP.length}\n\n${H264_SDP}`;
        if (method === 'SETUP') return `RTSP/1.0 200 OK\r\ncseq:${cseq}\r\nsession: abc ; timeout=30\r\n\r\n`;
        return null;
      },
    });
  });

  it('is understood when it picks its own channels', async () => {
    await asked({
      answer: ({ method, cseq }) =>
        method === 'SETUP'
          ? `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nSession: a\r\nTransport: RTP/AVP/TCP;interleaved=6-7;ssrc=1\r\n\r\n`
          : null,
      onPlay: (socket) => {
        const write = socket.write.bind(socket);
        // Every frame on channel 6.
        socket.write = ((bytes: Buffer) => {
          if (bytes[0] === 0x24) bytes.writeUInt8(6, 1);
          return write(bytes);
        }) as typeof socket.write;
        streamPictures(socket);
      },
    });
  });

  it('is understood when its session has no timeout and its frames come among others nobody asked for', async () => {
    await asked(
      {
        answer: ({ method, cseq }) =>
          method === 'SETUP' ? `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nSession: 12345678\r\n\r\n` : null,
        onPlay: (socket) => {
          const foreign = setInterval(() => {
            // Its sound on channel 2, its metadata on 200, and frames of nothing at all.
            for (const channel of [2, 3, 200]) {
              const frame = rtpFrame(40_000, 1, true, Buffer.from([0x65, 0x88, 1]));
              frame.writeUInt8(channel, 1);
              socket.write(frame);
            }
            socket.write(Buffer.from([0x24, 0, 0, 0]));
          }, 20);
          socket.once('close', () => clearInterval(foreign));
          streamPictures(socket);
        },
      },
      10,
    );
  });

  it('gives nothing until its parameter sets come in the stream, when its description has none', async () => {
    const sdp = H264_SDP.replace(/;sprop-parameter-sets=[^\r]*/, '');
    const [sps, pps] = [Buffer.from('Z0LAHtkDxWhAAAADAEAAAAwDxYuS', 'base64'), Buffer.from('aMuMsg==', 'base64')];
    await using fixture = await openRtspFixture({
      sdp,
      onPlay: (socket) => {
        const key = Buffer.from([0x65, 0x88, 0]);
        socket.write(rtpFrame(1, 3_000, true, key));
        for (const [i, nal] of [sps, pps, key].entries()) socket.write(rtpFrame(2 + i, 6_000, i === 2, nal));
      },
    });
    await using reader = recordRtsp(fixture.url);
    const unit = await until(() => reader.units[0], { what: 'a picture' });
    expect([unit.rtp, unit.key]).toEqual([6_000, true]);
    expect(Buffer.from(unit.data).includes(sps)).toBe(true);
  });

  it('has the first video track that can be read, behind audio and a JPEG', async () => {
    const sdp = H264_SDP.replace('m=video', 'm=video 0 RTP/AVP 26\r\na=control:jpeg\r\nm=video');
    const lines = await asked({ sdp });
    expect(lines.filter((line) => line.startsWith('SETUP'))).toEqual(['SETUP rtsp://127.0.0.1/stream/track2']);
  });

  it('is kept alive with OPTIONS when it does not know GET_PARAMETER after all', async () => {
    const requests: string[] = [];
    await using fixture = await openRtspFixture({
      sessionTimeoutS: 2,
      answer: ({ method, cseq }) => {
        requests.push(method);
        return method === 'GET_PARAMETER' ? `RTSP/1.0 501 Not Implemented\r\nCSeq: ${cseq}\r\n\r\n` : null;
      },
    });
    await using reader = recordRtsp(fixture.url);
    await until(() => requests.filter((method) => method === 'OPTIONS').length === 2, { what: 'the other keep-alive' });
    expect(requests.filter((method) => method === 'GET_PARAMETER')).toHaveLength(1);
    expect(reader.client.epoch).toBe(1);
  });
});

describe('a login that is asked for late', () => {
  it.each(['SETUP', 'PLAY'])('is given at %s', async (late) => {
    await using fixture = await openRtspFixture({
      answer: ({ method, cseq, head }) =>
        method === late && !/^authorization: digest .*algorithm=sha-256/im.test(head)
          ? `RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Digest realm="c", nonce="n", algorithm=SHA-256\r\n\r\n`
          : null,
    });
    await using reader = recordRtsp(`rtsp://viewer:secret@127.0.0.1:${fixture.port}/stream`);
    await until(() => reader.units.length > 0, { what: 'pictures' });
    expect(reader.client.counters.reconnects).toBe(0);
  });

  it('is given to a camera that hangs up when it asks', async () => {
    await using fixture = await openRtspFixture({
      answer: ({ method, cseq, head }, socket) => {
        if (method !== 'DESCRIBE' || /^authorization:/im.test(head)) return null;
        socket.end(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Basic realm="c"\r\n\r\n`);
        return '';
      },
    });
    await using reader = recordRtsp(`rtsp://viewer:secret@127.0.0.1:${fixture.port}/stream`);
    await until(() => reader.units.length > 0, { what: 'pictures' });
    expect(fixture.connections()).toBe(2);
    expect(reader.client.counters.reconnects).toBe(0);
  });
});

const moveTo =
  (location: () => string, status = '302 Moved'): Answer =>
  ({ method, cseq }) =>
    method === 'DESCRIBE' ? `RTSP/1.0 ${status}\r\nCSeq: ${cseq}\r\nLocation: ${location()}\r\n\r\n` : null;

describe('a camera that sends us elsewhere', () => {
  it.each(['301 Moved Permanently', '302 Moved Temporarily', '305 Use Proxy'])(
    'is followed (%s), with the login, on the same host',
    async (status) => {
      await using target = await openRtspFixture({ auth: 'digest-md5', user: 'viewer', password: 'secret' });
      await using first = await openRtspFixture({ answer: moveTo(() => target.url, status) });
      await using reader = recordRtsp(`rtsp://viewer:secret@127.0.0.1:${first.port}/stream`);
      await until(() => reader.units.length > 0, { what: 'pictures' });
      expect(reader.client.counters.reconnects).toBe(0);
    },
  );

  it('does not get the login for another host', async () => {
    let authorized = false;
    await using target = await openRtspFixture({
      answer: ({ head, cseq }) => {
        authorized ||= /^authorization:/im.test(head);
        return `RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Basic realm="c"\r\n\r\n`;
      },
    });
    await using first = await openRtspFixture({ answer: moveTo(() => `rtsp://localhost:${target.port}/x`) });
    await using reader = recordRtsp(`rtsp://viewer:secret@127.0.0.1:${first.port}/stream`);
    const failed = await until(() => reader.states.find((state) => state.error), { what: 'the refusal' });
    expect(failed.error?.code).toBe('STREAM_UNAUTHORIZED');
    expect(authorized).toBe(false);
  });

  it('is not followed in a circle, nor to something that is no RTSP', async () => {
    const state = async (location: (fixture: RtspFixture) => string) => {
      await using fixture: RtspFixture = await openRtspFixture({ answer: moveTo(() => location(fixture)) });
      await using reader = recordRtsp(fixture.url);
      const failed = await until(() => reader.states.find((candidate) => candidate.detail), { what: 'a failure' });
      return `${fixture.connections()} ${failed.detail}`;
    };
    expect(await state((fixture) => fixture.url)).toMatch(/^6 .*from one address to the next/);
    expect(await state(() => 'http://127.0.0.1/')).toMatch(/^1 .*makes no sense/);
    expect(await state(() => 'rtsp://')).toMatch(/^1 .*makes no sense/);
  });

  it('is followed after REDIRECT in the middle, once', async () => {
    await using target = await openRtspFixture();
    await using first = await openRtspFixture({
      onPlay: (socket) => {
        streamPictures(socket);
        const redirect = `REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: ${target.url}\r\n\r\n`;
        setTimeout(() => socket.write(redirect), 100);
      },
    });
    await using reader = recordRtsp(first.url);
    await until(() => reader.units.some((unit) => unit.epoch === 2), { what: 'the second session' });
    expect([first.connections(), target.connections()]).toEqual([1, 1]);
    expect(reader.states.find((state) => state.detail)?.detail).toMatch(/asks us to fetch the stream elsewhere/);
  });
});
