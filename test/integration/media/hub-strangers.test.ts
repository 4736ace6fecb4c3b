/** What strangers send to the ports of WebRTC viewers: it ends no session, is not answered, and grows nothing. */
import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { classes, Message, methods, type RTCDtlsTransport, type RTCPeerConnection } from 'werift';
import { sayFarewell } from '../../../src/media/hub/dtls-farewell.ts';
import { type Clip, makeClip } from '../../support/clip.ts';
import { openHub, pushClip, type TestHub, untilReady } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { openWeriftViewer } from '../../support/werift-offer.ts';

let clip: Clip;
beforeAll(async () => {
  clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
});
afterAll(() => clip?.[Symbol.asyncDispose]());

const post = ({ urls }: TestHub, offer: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${urls.webrtc}/cam/whep`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', ...headers },
    body: offer,
  });

async function watch(hub: TestHub) {
  let packets = 0;
  const viewer = await openWeriftViewer((peer) => {
    peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => {
        packets += 1;
      });
    });
  });
  const answer = await (await post(hub, viewer.offer)).text();
  await viewer.peer.setRemoteDescription({ type: 'answer', sdp: answer });
  await until(() => packets > 5, { what: 'pictures', timeoutMs: 15_000 });
  return {
    peer: viewer.peer as RTCPeerConnection,
    answer,
    packets: () => packets,
    /** Fails when the session has ended. */
    async expectMore() {
      const count = packets;
      await until(() => packets > count + 25, { what: 'more pictures', timeoutMs: 8_000 });
    },
    [Symbol.asyncDispose]: () => viewer[Symbol.asyncDispose](),
  };
}

/** The hub's ports on loopback, where tests reach them. */
const portsOf = (sdp: string) =>
  [...sdp.matchAll(/^a=candidate:\S+ \d udp \d+ 127\.0\.0\.1 (\d+)/gm)].map(([, port]) => Number(port));
const attribute = (sdp: string, name: string) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(sdp)?.[1] ?? '';

async function openStranger() {
  const socket = createSocket('udp4');
  const heard: Buffer[] = [];
  socket.on('message', (data) => heard.push(data));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    heard,
    say: (data: Buffer, port: number) =>
      new Promise<void>((resolve) => socket.send(data, port, '127.0.0.1', () => resolve())),
    [Symbol.dispose]: () => void socket.close(),
  };
}

function check(answer: string, password: string | null): Buffer {
  const message = new Message(methods.BINDING, classes.REQUEST);
  message.setAttribute('USERNAME', `${attribute(answer, 'ice-ufrag')}:x`).setAttribute('PRIORITY', 1);
  message.setAttribute('ICE-CONTROLLING', 1n);
  if (password !== null) message.addMessageIntegrity(Buffer.from(password)).addFingerprint();
  return message.bytes;
}

/** A DTLS 1.2 record (RFC 6347 §4.1). */
function record(type: number, epoch: number, body: readonly number[]): Buffer {
  const head = [type, 0xfe, 0xfd, epoch >> 8, epoch & 255, 0, 0, 0, 0, 0, 99, body.length >> 8, body.length & 255];
  return Buffer.from([...head, ...body]);
}

const SUCCESS = 0x0101;
const closeNotify = [1, 0];
/** ClientHello without anything: enough to be taken for one. */
const hello = [1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd, ...Array(32).fill(7), 0, 0, 0, 2, 0xc0, 0x2b, 1, 0];
const RECORDS = [
  // A hello in mid-session.
  record(22, 0, hello),
  // An alert in the clear, and one that claims to be encrypted.
  record(21, 0, closeNotify),
  record(21, 1, closeNotify),
  // No type that there is.
  record(25, 0, [0]),
];

describe.each([
  ['with a port for each viewer', {}],
  ['with one port for all viewers', { webrtcUdpPort: 0 }],
])('a hub %s', (_, settings) => {
  it('goes on when somebody sends the end of a session who has none', async () => {
    await using hub = await openHub(settings);
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await watch(hub);
    using stranger = await openStranger();
    for (const bytes of RECORDS) for (const port of portsOf(viewer.answer)) await stranger.say(bytes, port);
    await viewer.expectMore();
  });

  it('goes on when the forged end comes from the viewer’s own address, and ends with his own', async () => {
    await using hub = await openHub(settings);
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await watch(hub);
    const pair = viewer.peer.iceTransports[0]?.connection.nominated;
    if (!pair) throw new Error('no pair');
    for (const bytes of RECORDS) await pair.protocol.sendData(bytes, pair.remoteAddr);
    await viewer.expectMore();
    await sayFarewell(viewer.peer.dtlsTransports[0] as RTCDtlsTransport);
    await until(() => hub.log.some(({ message }) => message === 'viewer gone'), { what: 'the end of the session' });
  });

  it('answers no check that is not signed, and signed ones from 32 addresses', async () => {
    await using hub = await openHub(settings);
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await watch(hub);
    const port = portsOf(viewer.answer)[0] as number;
    const password = attribute(viewer.answer, 'ice-pwd');
    using stranger = await openStranger();
    for (const bytes of [check(viewer.answer, null), check(viewer.answer, 'wrong')]) await stranger.say(bytes, port);
    // In order through one socket: when the signed check is answered, the others were not.
    await stranger.say(check(viewer.answer, password), port);
    await until(() => stranger.heard.length > 0, { what: 'the answer to the signed check' });
    expect(stranger.heard.filter((data) => data.readUInt16BE(0) === SUCCESS)).toHaveLength(1);

    const crowd = await Promise.all(Array.from({ length: 40 }, () => openStranger()));
    try {
      for (const one of crowd) await one.say(check(viewer.answer, password), port);
      const answered = () => crowd.filter(({ heard }) => heard.some((data) => data.readUInt16BE(0) === SUCCESS)).length;
      await until(() => answered() > 20, { what: 'answers' });
      await viewer.expectMore();
      expect(answered()).toBeLessThan(32);
    } finally {
      for (const one of crowd) one[Symbol.dispose]();
    }
  });
});

describe('a hub', () => {
  it('looks up no name, whoever offers it', async () => {
    await using hub = await openHub();
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await openWeriftViewer();
    // Looking up a `.local` name opens the port of multicast DNS.
    const bind = vi.spyOn(Socket.prototype, 'bind');
    const name = '0f1e2d3c-4b5a-4678-8796-a5b4c3d2e1f0.local';
    const offer = viewer.offer.replaceAll(/^(a=candidate:\S+ 1 udp \d+) \S+/gm, `$1 ${name}`);
    expect(offer).toContain(name);
    const response = await post(hub, offer);
    expect(response.status).toBe(201);
    const trickled = await fetch(new URL(response.headers.get('location') ?? '', hub.urls.webrtc), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag' },
      body: `a=mid:0\r\na=candidate:1 1 udp 2122260223 ${name} 50000 typ host\r\n`,
    });
    expect(trickled.status).toBe(204);
    // The viewer is found by his checks.
    await viewer.peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    await until(() => viewer.peer.connectionState === 'connected', { timeoutMs: 10_000, what: 'the viewer' });
    const ports = bind.mock.calls.map(([port]: unknown[]) => port);
    bind.mockRestore();
    expect(ports.length).toBeGreaterThan(0);
    expect(ports).not.toContain(5353);
  });

  it('keeps places for others when one asks for sessions without ever playing', async () => {
    await using hub = await openHub({ maxViewers: 20 });
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await openWeriftViewer();
    const from = (client: string) => post(hub, viewer.offer, { 'X-Forwarded-For': `192.0.2.1, ${client}` });
    const statuses = (await Promise.all(Array.from({ length: 25 }, () => from('203.0.113.9')))).map(
      ({ status }) => status,
    );
    expect([201, 503].map((status) => statuses.filter((each) => each === status).length)).toEqual([5, 20]);
    const refused = await from('203.0.113.9');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await from('203.0.113.10')).status).toBe(201);
    await using _playing = await watch(hub);
  });

  it('refuses an offer with more sections than any page has', async () => {
    await using hub = await openHub();
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await openWeriftViewer();
    const section = (n: number) =>
      `m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:x${n}\r\na=recvonly\r\na=rtpmap:96 H264/90000\r\na=rtcp-mux\r\n`;
    const begin = performance.now();
    const refused = await post(hub, `${viewer.offer}${Array.from({ length: 1_200 }, (_, n) => section(n)).join('')}`);
    expect([refused.status, (await refused.json()).error]).toEqual([400, 'the offer has more than 8 sections']);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
