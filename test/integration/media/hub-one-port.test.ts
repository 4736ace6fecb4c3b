/** All viewers over WebRTC through one UDP port, and that the hub tells them when it ends. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classes, Message, methods, type RTCPeerConnection } from 'werift';
import { type Clip, makeClip } from '../../support/clip.ts';
import { openHub, pushClip, type TestHub, untilReady } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { openWeriftViewer } from '../../support/werift-offer.ts';

let clip: Clip;
beforeAll(async () => {
  clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
});
afterAll(() => clip?.[Symbol.asyncDispose]());

async function watch({ urls }: TestHub) {
  let packets = 0;
  const viewer = await openWeriftViewer((peer) => {
    peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => {
        packets += 1;
      });
    });
  });
  const response = await fetch(`${urls.webrtc}/cam/whep`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: viewer.offer,
  });
  const answer = await response.text();
  await viewer.peer.setRemoteDescription({ type: 'answer', sdp: answer });
  return {
    peer: viewer.peer as RTCPeerConnection,
    answer,
    session: new URL(response.headers.get('location') ?? '', urls.webrtc),
    packets: () => packets,
    [Symbol.asyncDispose]: () => viewer[Symbol.asyncDispose](),
  };
}

const portsOf = (sdp: string) => [...sdp.matchAll(/^a=candidate:\S+ \d udp \d+ (\S+) (\d+)/gm)];

describe('a hub with one UDP port', () => {
  it('serves several viewers through it, each going without the others noticing', async () => {
    await using hub = await openHub({ webrtcUdpPort: 0, additionalHosts: ['192.0.2.7'] });
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using first = await watch(hub);
    await using second = await watch(hub);
    await using third = await watch(hub);
    const all = [first, second, third];
    const candidates = all.flatMap(({ answer }) => portsOf(answer));
    expect(new Set(candidates.map(([, , port]) => port)).size).toBe(1);
    expect(candidates.map(([, host]) => host)).toEqual(expect.arrayContaining(['127.0.0.1', '192.0.2.7']));
    await until(() => all.every(({ packets }) => packets() > 25), { what: 'pictures for all', timeoutMs: 15_000 });

    expect((await fetch(first.session, { method: 'DELETE' })).status).toBe(200);
    const [, ...rest] = all.map(({ packets }) => packets());
    await until(() => [second, third].every(({ packets }, i) => packets() > (rest[i] ?? 0) + 50), {
      what: 'more pictures for those who stay',
    });
    const before = first.packets();
    await until(() => third.packets() > (rest[1] ?? 0) + 75, { what: 'still more' });
    expect(first.packets()).toBe(before);
  });

  it('gives no stranger the address of a session, however he names it', async () => {
    await using hub = await openHub({ webrtcUdpPort: 0 });
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using viewer = await watch(hub);
    await until(() => viewer.packets() > 5, { what: 'pictures', timeoutMs: 15_000 });
    const ufrag = /^a=ice-ufrag:(\S+)/m.exec(viewer.answer)?.[1] ?? '';
    const password = /^a=ice-pwd:(\S+)/m.exec(viewer.answer)?.[1] ?? '';
    const check = (key: string | null) => {
      const message = new Message(methods.BINDING, classes.REQUEST);
      message.setAttribute('USERNAME', `${ufrag}:x`).setAttribute('PRIORITY', 1).setAttribute('ICE-CONTROLLING', 1n);
      if (key !== null) message.addMessageIntegrity(Buffer.from(key)).addFingerprint();
      return message.bytes;
    };
    const stranger = createSocket('udp4');
    const heard: Buffer[] = [];
    stranger.on('message', (data) => heard.push(data));
    stranger.bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    const port = Number(portsOf(viewer.answer)[0]?.[2]);
    const say = (data: Buffer) => stranger.send(data, port, '127.0.0.1');
    try {
      for (const bytes of [check(null), check('wrong'), Buffer.alloc(20), Buffer.from([0]), Buffer.from([128, 1, 2])])
        say(bytes);
      // In order through one socket: when the signed check is answered, the others were not.
      say(check(password));
      await until(() => heard.length > 0, { what: 'the answer to the check that is signed' });
      expect(heard.filter((data) => data.readUInt16BE(0) === 0x0101)).toHaveLength(1);
      const count = viewer.packets();
      await until(() => viewer.packets() > count + 25, { what: 'the viewer still to be served' });
    } finally {
      stranger.close();
    }
  });

  it('says in a sentence that the port is taken, and leaves nothing open', async () => {
    const holder = createSocket('udp4');
    holder.bind(0);
    await once(holder, 'listening');
    try {
      await expect(openHub({ webrtcUdpPort: holder.address().port })).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: expect.stringContaining(String(holder.address().port)),
        remedy: expect.stringContaining('hub.webrtc_udp_port'),
      });
    } finally {
      holder.close();
    }
  });
});
