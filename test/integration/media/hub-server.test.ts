/** The hub against clients that do not behave, and as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHub, pathInfo } from '../../support/hub.ts';
import { H264_SDP, rtpFrame } from '../../support/rtsp-fixture.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';

const portOf = (url: string) => Number(new URL(url).port);

/** A bare RTSP client that speaks what the test writes. */
async function dial(port: number) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('close', () => {
    isClosed = true;
  });
  let cseq = 0;
  const ask = async (method: string, path: string, headers = '', body = ''): Promise<string> => {
    text = '';
    cseq += 1;
    const length = body ? `Content-Length: ${body.length}\r\n` : '';
    socket.write(`${method} rtsp://127.0.0.1/${path} RTSP/1.0\r\nCSeq: ${cseq}\r\n${headers}${length}\r\n${body}`);
    return until(() => /^RTSP\/1\.0 (\d{3}[^\r]*)/.exec(text)?.[1], { what: `an answer to ${method}` });
  };
  return { socket, ask, isClosed: () => isClosed, [Symbol.dispose]: () => void socket.destroy() };
}

const TCP = (channels: string) => `Transport: RTP/AVP/TCP;unicast;interleaved=${channels}\r\n`;

async function publish(port: number, path: string) {
  const publisher = await dial(port);
  await publisher.ask('ANNOUNCE', path, 'Content-Type: application/sdp\r\n', H264_SDP);
  await publisher.ask('SETUP', `${path}/track1`, TCP('0-1'));
  await publisher.ask('SETUP', `${path}/track2`, TCP('2-3'));
  expect(await publisher.ask('RECORD', path)).toBe('200 OK');
  return publisher;
}

/** On channel 2, where the video was set up. */
function picture(sequence: number, bytes: number): Buffer {
  const frame = rtpFrame(sequence, sequence * 3_000, true, Buffer.alloc(bytes, 0x65));
  frame.writeUInt8(2, 1);
  return frame;
}

describe('the RTSP port', () => {
  it('refuses UDP with 461, unknown streams with 404, and RECORD without ANNOUNCE', async () => {
    await using hub = await openHub();
    using client = await dial(portOf(hub.urls.rtsp));
    expect(await client.ask('DESCRIBE', 'cam')).toBe('404 Not Found');
    expect(await client.ask('SETUP', 'cam', 'Transport: RTP/AVP;unicast;client_port=5000-5001\r\n')).toMatch(/^461/);
    expect(await client.ask('RECORD', 'cam')).toMatch(/^455/);
    expect(await client.ask('ANNOUNCE', '../cam', '', H264_SDP)).toMatch(/^400/);
    expect(await client.ask('ANNOUNCE', 'cam', '', 'v=0\r\nm=audio 0 RTP/AVP 0\r\n')).toMatch(/^400/);
    expect(await client.ask('FLY', 'cam')).toMatch(/^501/);
    expect(await client.ask('GET_PARAMETER', 'cam')).toBe('200 OK');
  });

  it('refuses channels that no frame can name, and goes on for all others', async () => {
    await using hub = await openHub();
    const port = portOf(hub.urls.rtsp);
    using publisher = await publish(port, 'cam');
    using client = await dial(port);
    expect(await client.ask('SETUP', 'cam/trackID=0', TCP('999-1000'))).toMatch(/^400/);
    expect(await client.ask('SETUP', 'cam/trackID=0', TCP('254-256'))).toMatch(/^400/);
    expect(await client.ask('PLAY', 'cam')).toBe('200 OK');
    publisher.socket.write(picture(1, 50));
    await until(async () => (await pathInfo(hub.urls, 'cam'))?.['inboundBytes'], { what: 'bytes' });
  });

  it('hangs up on a client that has taken his leave and stays', async () => {
    await using hub = await openHub();
    const port = portOf(hub.urls.rtsp);
    using publisher = await publish(port, 'cam');
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    using client = { [Symbol.dispose]: () => void socket.destroy() };
    void client;
    let hasLeft = false;
    socket.on('error', () => {
      hasLeft = true;
    });
    socket.resume();
    socket.write('TEARDOWN rtsp://127.0.0.1/cam RTSP/1.0\r\nCSeq: 1\r\n\r\n');
    await once(socket, 'end');
    // What is sent to a socket that is gone is answered with a reset.
    await until(
      () => {
        if (!hasLeft) socket.write('OPTIONS * RTSP/1.0\r\n\r\n');
        return hasLeft;
      },
      { timeoutMs: 3_000, everyMs: 50, what: 'the hub to hang up' },
    );
    expect(publisher.isClosed()).toBe(false);
  });

  it('keeps the video of a publisher that also sends audio', async () => {
    await using hub = await openHub();
    using publisher = await publish(portOf(hub.urls.rtsp), 'cam');
    publisher.socket.write(rtpFrame(0, 0, true, Buffer.alloc(100)));
    publisher.socket.write(picture(1, 50));
    await until(async () => (await pathInfo(hub.urls, 'cam'))?.['inboundBytes'], { what: 'bytes' });
    expect(await pathInfo(hub.urls, 'cam')).toMatchObject({ inboundBytes: 62, tracks: ['H264'] });
  });

  it('leaves pictures out for a reader that does not read, goes on when he does, and delays nobody else', async () => {
    await using hub = await openHub({ maxBacklogBytes: 200_000 });
    const port = portOf(hub.urls.rtsp);
    using publisher = await publish(port, 'cam');
    using slow = await dial(port);
    using fast = await dial(port);
    for (const reader of [slow, fast]) {
      await reader.ask('SETUP', 'cam/trackID=0', TCP('0-1'));
      expect(await reader.ask('PLAY', 'cam')).toBe('200 OK');
    }
    slow.socket.pause();
    let sequence = 0;
    let fastBytes = 0;
    fast.socket.on('data', (chunk) => {
      fastBytes += chunk.length;
    });
    await until(
      () => {
        for (let i = 0; i < 20; i += 1) publisher.socket.write(picture(sequence++, 40_000));
        return hub.log.find((line) => line.message.includes('too slow'));
      },
      { timeoutMs: 15_000, what: 'pictures to be left out' },
    );
    await until(() => fastBytes > sequence * 40_000, { timeoutMs: 10_000, what: 'every picture at the fast reader' });
    let slowBytes = 0;
    slow.socket.on('data', (chunk) => {
      slowBytes += chunk.length;
    });
    slow.socket.resume();
    publisher.socket.write(picture(sequence++, 333));
    await until(() => slowBytes > 200_000, { timeoutMs: 10_000, what: 'the slow reader to go on' });
    expect(slowBytes).toBeLessThan(fastBytes);
    expect((await pathInfo(hub.urls, 'cam'))?.['readers']).toHaveLength(2);
  });

  it('cuts off a reader whose connection takes nothing at all', async () => {
    await using hub = await openHub({ maxBacklogBytes: 200_000, readerTimeoutMs: 200 });
    const port = portOf(hub.urls.rtsp);
    using publisher = await publish(port, 'cam');
    using dead = await dial(port);
    await dead.ask('SETUP', 'cam/trackID=0', TCP('0-1'));
    await dead.ask('PLAY', 'cam');
    dead.socket.pause();
    let sequence = 0;
    await until(
      () => {
        for (let i = 0; i < 20; i += 1) publisher.socket.write(picture(sequence++, 40_000));
        return hub.log.find((line) => line.message.includes('takes nothing'));
      },
      { timeoutMs: 15_000, what: 'the reader to be cut off' },
    );
    expect((await pathInfo(hub.urls, 'cam'))?.['readers']).toEqual([]);
  });

  it('gives a new reader the newest key picture and what came since, at once', async () => {
    await using hub = await openHub();
    const port = portOf(hub.urls.rtsp);
    using publisher = await publish(port, 'cam');
    const slice = rtpFrame(12, 12 * 3_000, true, Buffer.from([0x41, 0x9a]));
    slice.writeUInt8(2, 1);
    publisher.socket.write(Buffer.concat([picture(10, 50), picture(11, 60), slice]));
    await until(async () => Number((await pathInfo(hub.urls, 'cam'))?.['inboundBytes']) > 140, {
      what: 'the pictures',
    });
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    await until(() => reader.units.length === 2, { what: 'the newest two pictures' });
    expect(reader.units.map(({ rtp, key }) => [rtp, key])).toEqual([
      [33_000, true],
      [36_000, false],
    ]);
  });

  it('sends away who neither plays nor publishes, however busy, and who does not read his answers', async () => {
    await using hub = await openHub({ idleTimeoutMs: 300 });
    const port = portOf(hub.urls.rtsp);
    using busy = await dial(port);
    using publisher = await publish(port, 'cam');
    using paused = await dial(port);
    await paused.ask('SETUP', 'cam/trackID=0', TCP('0-1'));
    await paused.ask('PLAY', 'cam');
    await paused.ask('PAUSE', 'cam');
    const timer = setInterval(() => busy.socket.write('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'), 20);
    const feed = setInterval(() => publisher.socket.write(picture(1, 50)), 50);
    await until(() => busy.isClosed() && paused.isClosed(), { what: 'both to be sent away' });
    clearInterval(timer);
    clearInterval(feed);
    expect(publisher.isClosed()).toBe(false);

    await using patient = await openHub();
    using deaf = await dial(portOf(patient.urls.rtsp));
    deaf.socket.pause();
    const flood = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(2_000);
    await until(
      () => {
        if (!deaf.socket.destroyed) deaf.socket.write(flood);
        return deaf.socket.destroyed || deaf.socket.errored;
      },
      { timeoutMs: 15_000, what: 'the flood to be cut off' },
    );
  });

  it('cuts off a publisher that falls silent, and those who speak something else', async () => {
    await using hub = await openHub({ publisherTimeoutMs: 200 });
    const port = portOf(hub.urls.rtsp);
    using publisher = await publish(port, 'cam');
    using http = await dial(port);
    http.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    using noise = await dial(port);
    noise.socket.write(Buffer.alloc(1000, 0xfe));
    await until(() => publisher.isClosed() && http.isClosed() && noise.isClosed(), { what: 'all three to be cut off' });
    await until(async () => (await pathInfo(hub.urls, 'cam')) === null, { what: 'the path to be gone' });
  });
});

const entry = join(projectRoot(), 'dist/media/hub/main.js');

interface HubProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

function startProcess(settings: unknown, stdio: 'ipc' | 'pipe'): HubProcess {
  const child = spawn(process.execPath, [entry], {
    // What it says is part of what is tested, whatever the level of the suite.
    env: {
      ...process.env,
      STOPSIGN_LOG_LEVEL: 'info',
      STOPSIGN_HUB: typeof settings === 'string' ? settings : JSON.stringify(settings),
    },
    stdio: stdio === 'ipc' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  return { child, output: () => output, exited: exitOf(child) };
}

/** The exit code, once everything that was written is there too; `close` does not come after `disconnect`. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  const { stdout } = child;
  const [[code]] = await Promise.all([once(child, 'exit'), stdout ? once(stdout, 'end') : null]);
  return code as number | null;
}

const EPHEMERAL = { bind: '127.0.0.1', rtspPort: 0, webrtcPort: 0, hlsPort: 0, apiPort: 0, sources: [] };

describe.skipIf(!existsSync(entry))('the hub’s process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says when it is ready and ends cleanly on %s', async (signal) => {
    const { child, exited } = startProcess(EPHEMERAL, 'ipc');
    const [message] = await once(child, 'message');
    expect(message).toMatchObject({
      type: 'ready',
      urls: { rtsp: expect.stringMatching(/^rtsp:\/\/127\.0\.0\.1:\d+$/) },
    });
    const since = performance.now();
    child.kill(signal);
    expect(await exited).toBe(0);
    expect(performance.now() - since).toBeLessThan(1_500);
  });

  it('ends when its parent is gone: the IPC channel, or the pipe at stdin, is closed', async () => {
    const byChannel = startProcess(EPHEMERAL, 'ipc');
    await once(byChannel.child, 'message');
    byChannel.child.disconnect();
    expect(await byChannel.exited).toBe(0);
    const byPipe = startProcess(EPHEMERAL, 'pipe');
    await until(() => byPipe.output().includes('hub open'), { what: 'the ports' });
    byPipe.child.stdin?.end();
    expect(await byPipe.exited).toBe(0);
  });

  it('says in one sentence what is wrong, with the error’s exit code', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const taken = startProcess({ ...EPHEMERAL, rtspPort: port }, 'ipc');
    expect(await taken.exited).toBe(69);
    expect(taken.output()).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1, for RTSP, is taken.*rtsp_port`));
    server.close();
    const wrong = startProcess({ ...EPHEMERAL, sources: [{ name: 'a', url: 'http://u:topsecret@x/' }] }, 'ipc');
    expect(await wrong.exited).toBe(64);
    expect(wrong.output()).toContain('is not an RTSP URL');
    const broken = startProcess('{"sources": topsecret', 'ipc');
    expect(await broken.exited).toBe(64);
    expect(wrong.output() + broken.output()).not.toContain('topsecret');
  });
});
