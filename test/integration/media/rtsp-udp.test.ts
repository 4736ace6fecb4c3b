/** A camera that is watched over UDP: its packets come disordered or not at all. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { RtspSession } from '../../../src/media/rtsp/rtsp-session.ts';
import { openHub, pathInfo } from '../../support/hub.ts';
import { openRtspFixture, type RtspFixture, type RtspFixtureOptions, rtpFrame } from '../../support/rtsp-fixture.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';

interface UdpCamera extends AsyncDisposable {
  readonly fixture: RtspFixture;
  readonly transports: readonly string[];
  /** What came to its RTCP port. */
  readonly reports: readonly Buffer[];
  readonly teardowns: () => number;
}

/** @param order sequence numbers in the order in which they are sent; [] sends nothing over UDP */
async function openUdpCamera(order: readonly number[], options: RtspFixtureOptions = {}): Promise<UdpCamera> {
  const sockets = await Promise.all(
    [0, 1].map(async () => {
      const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      return socket;
    }),
  );
  const [rtp, rtcp] = sockets as [dgram.Socket, dgram.Socket];
  const transports: string[] = [];
  const reports: Buffer[] = [];
  rtcp.on('message', (bytes) => reports.push(bytes));
  let timer: NodeJS.Timeout | undefined;
  let clientPort = 0;
  const fixture = await openRtspFixture({
    ...options,
    answer: ({ method, head, cseq }, socket) => {
      const given = options.answer?.({ method, head, cseq, url: '' }, socket);
      if (given) return given;
      if (method === 'PLAY' && clientPort > 0) {
        let n = 0;
        timer = setInterval(() => {
          const sequence = order[n];
          if (sequence === undefined) return;
          n += 1;
          const key = sequence % 10 === 0;
          const packet = rtpFrame(sequence, sequence * 3_000, true, Buffer.from([key ? 0x65 : 0x41, 0x88, 1])).subarray(
            4,
          );
          rtp.send(packet, clientPort, '127.0.0.1');
        }, 5);
        return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nSession: a\r\n\r\n`;
      }
      if (method !== 'SETUP') return null;
      const transport = /^transport: *(.*)$/im.exec(head)?.[1] ?? '';
      transports.push(transport);
      clientPort = Number(/client_port=(\d+)/.exec(transport)?.[1] ?? 0);
      if (clientPort === 0) return null;
      const serverPorts = `${rtp.address().port}-${rtcp.address().port}`;
      return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nSession: a\r\nTransport: ${transport};server_port=${serverPorts}\r\n\r\n`;
    },
  });
  return {
    fixture,
    transports,
    reports,
    teardowns: () => fixture.requests.filter((method) => method === 'TEARDOWN').length,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      for (const socket of sockets) socket.close();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const sequenceOf = (packet: Buffer) => packet.readUInt16BE(2);

describe('a session over UDP', () => {
  it('asks for an even port and the next, gives packets in sequence, and reports to the camera', async () => {
    await using camera = await openUdpCamera([65_535, 0, 2, 1, 1, 3, 5, 4, 6]);
    const seen: number[] = [];
    let closed = 0;
    const session = await RtspSession.open({
      url: camera.fixture.url,
      transport: 'udp',
      onRtp: (packet) => seen.push(sequenceOf(packet)),
      onClosed: () => {
        closed += 1;
      },
    });
    expect(session.transport).toBe('udp');
    const [, rtp, rtcp] = /client_port=(\d+)-(\d+)/.exec(camera.transports[0] ?? '') ?? [];
    expect([Number(rtp) % 2, Number(rtcp) - Number(rtp)]).toEqual([0, 1]);
    await until(() => seen.length >= 8, { what: 'eight packets' });
    expect(seen).toEqual([65_535, 0, 1, 2, 3, 4, 5, 6]);
    await until(() => camera.reports.length > 0, { timeoutMs: 2_000, what: 'a receiver report at once' });
    expect(camera.reports[0]?.readUInt8(1)).toBe(201);
    await session.close();
    await until(() => camera.teardowns() === 1, { what: 'the farewell' });
    expect(closed).toBe(1);
  });

  it('hears nobody but the camera', async () => {
    await using camera = await openUdpCamera([1, 2, 3]);
    const seen: number[] = [];
    await using _session = await RtspSession.open({
      url: camera.fixture.url,
      transport: 'udp',
      onRtp: (packet) => seen.push(sequenceOf(packet)),
      onClosed: () => {},
    });
    await until(() => seen.length === 3, { what: 'the packets' });
    const stranger = dgram.createSocket('udp4').bind(0, '127.0.0.2');
    await once(stranger, 'listening');
    const port = Number(/client_port=(\d+)/.exec(camera.transports[0] ?? '')?.[1]);
    const forged = rtpFrame(4, 0, true, Buffer.of(0x41, 0x88)).subarray(4);
    for (let n = 0; n < 5; n += 1) stranger.send(forged, port, '127.0.0.1');
    // One of the camera's own, sent later, is there; the stranger's are not.
    const camera2 = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(camera2, 'listening');
    await until(
      () => {
        camera2.send(rtpFrame(9, 0, true, Buffer.of(0x41, 0x88)).subarray(4), port, '127.0.0.1');
        return seen.length > 3;
      },
      { everyMs: 60, what: 'the packet from the camera’s address' },
    );
    expect(seen.slice(3)).not.toContain(4);
    stranger.close();
    camera2.close();
  });

  it('lives on while packets come, though the TCP connection is silent', async () => {
    await using camera = await openUdpCamera(Array.from({ length: 300 }, (_, n) => n));
    let error: unknown;
    let last = 0;
    await using _session = await RtspSession.open({
      url: camera.fixture.url,
      transport: 'udp',
      readTimeoutMs: 250,
      onRtp: (packet) => {
        last = sequenceOf(packet);
      },
      onClosed: (cause) => {
        error = cause;
      },
    });
    await until(() => last >= 150, { timeoutMs: 10_000, what: 'packets for longer than the timeout' });
    expect(error).toBeUndefined();
    await until(() => error, { timeoutMs: 10_000, what: 'the silence to be noticed' });
    expect(error).toMatchObject({ code: 'STREAM_UNAVAILABLE', message: expect.stringContaining('has sent nothing') });
  });

  it('falls back to TCP when nothing comes, or the camera does not want it', async () => {
    for (const refuses of [false, true]) {
      await using camera = await openUdpCamera([], {
        answer: ({ method, head, cseq }) =>
          refuses && method === 'SETUP' && head.includes('client_port')
            ? `RTSP/1.0 461 Unsupported Transport\r\nCSeq: ${cseq}\r\n\r\n`
            : null,
      });
      let packets = 0;
      await using session = await RtspSession.open({
        url: camera.fixture.url,
        transport: 'udp',
        udpTimeoutMs: 100,
        onRtp: () => {
          packets += 1;
        },
        onClosed: () => {},
      });
      expect(session.transport).toBe('tcp');
      await until(() => packets > 0, { what: 'packets over TCP' });
      expect(camera.teardowns()).toBe(refuses ? 0 : 1);
    }
  });
});

describe('the hub', () => {
  it('pulls a camera over UDP: what is lost is a gap, and pictures go on at the next key picture', async () => {
    const lossy = Array.from({ length: 400 }, (_, n) => n).filter((n) => n < 120 || n > 123);
    await using camera = await openUdpCamera(lossy);
    await using hub = await openHub({ sources: [{ name: 'front', url: camera.fixture.url, transport: 'udp' }] });
    await until(async () => (await pathInfo(hub.urls, 'front'))?.['ready'], { what: 'the camera' });
    await using reader = recordRtsp(`${hub.urls.rtsp}/front`);
    await until(() => reader.units.some((unit) => unit.rtp >= 140 * 3_000), {
      timeoutMs: 10_000,
      what: 'pictures after the loss',
    });
    const numbers = reader.units.map((unit) => unit.rtp / 3_000).filter((n) => n > 115 && n < 135);
    expect(numbers).toEqual([116, 117, 118, 119, 130, 131, 132, 133, 134]);
    expect(reader.client.counters).toMatchObject({ sequenceGaps: 1, lostPackets: 4, droppedUnits: 0, skippedUnits: 6 });
    expect(hub.log.some((line) => line.message.includes('UDP'))).toBe(false);
  });

  it('says in a sentence that it fell back to TCP, and stays there', async () => {
    let plays = 0;
    await using camera = await openUdpCamera([], {
      onPlay: (socket) => {
        plays += 1;
        if (plays === 1) setTimeout(() => socket.destroy(), 50);
      },
    });
    await using hub = await openHub({ sources: [{ name: 'front', url: camera.fixture.url, transport: 'udp' }] });
    await until(() => plays === 2, { timeoutMs: 15_000, what: 'the second session' });
    const said = hub.log.filter((line) => line.message.includes('UDP'));
    expect(said).toMatchObject([
      { level: 'warn', message: expect.stringMatching(/over TCP from now on.*rtsp_transport/) },
    ]);
    expect(camera.transports.filter((transport) => transport.includes('client_port'))).toHaveLength(1);
  });
});
