/** A hub that asks everybody for a login, behind the gateway: the page plays without one, and leaves its place when it goes. */
import { describe, expect, it } from 'vitest';
import { askSourceError } from '../../../src/actors/decoder/hub-source.ts';
import { decoderSettings } from '../../../src/actors/decoder/settings.ts';
import { makeClip } from '../../support/clip.ts';
import { openHub, pushClip } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { openWeriftViewer } from '../../support/werift-offer.ts';
import { openGateway } from './gateway-fixture.ts';

const PASSWORD = 'r3ad:& ö';
const BASIC = Buffer.from(`stopsign:${PASSWORD}`, 'utf8').toString('base64');

async function openHouse(login?: { user: string; password: string }) {
  const clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
  const hub = await openHub({
    trustThisMachine: false,
    refusalDelayMs: 0,
    access: {
      users: [
        { user: 'camera', pass: 'push', permissions: [{ action: 'publish' }] },
        { user: 'stopsign', pass: PASSWORD, permissions: [{ action: 'read' }, { action: 'api' }] },
      ],
    },
  });
  const push = pushClip(clip.path, `${hub.urls.rtsp.replace('rtsp://', 'rtsp://camera:push@')}/front`);
  const gateway = await openGateway({ settings: { hub: { ...hub.urls, ...(login && { login }) } } });
  const headers = { Authorization: `Basic ${BASIC}` };
  await until(async () => (await fetch(`${hub.urls.api}/v3/paths/get/front`, { headers })).ok, { what: 'the stream' });
  return {
    base: `${gateway.origin}/media/front`,
    hubApi: hub.urls.api,
    viewers: async () => {
      const response = await fetch(`${hub.urls.api}/v3/webrtcsessions/list`, { headers });
      return ((await response.json()) as { itemCount: number }).itemCount;
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await push[Symbol.asyncDispose]();
      await hub[Symbol.asyncDispose]();
      await clip[Symbol.asyncDispose]();
    },
  };
}

describe('a hub that asks for a login', () => {
  it('lets the page play over WHEP and HLS with the login of the gateway, of which the page sees nothing', async () => {
    await using house = await openHouse({ user: 'stopsign', password: PASSWORD });
    await using viewer = await openWeriftViewer();
    const sdp = { 'Content-Type': 'application/sdp' };
    const answer = await fetch(`${house.base}/whep`, { method: 'POST', headers: sdp, body: viewer.offer });
    const answerText = await answer.text();
    expect(answer.status).toBe(201);
    expect(await house.viewers()).toBe(1);
    const playlist = await fetch(`${house.base}/hls/index.m3u8`);
    const playlistText = await playlist.text();
    expect([playlist.status, playlistText.slice(0, 7)]).toEqual([200, '#EXTM3U']);
    const shown =
      [answer, playlist].map(({ headers }) => JSON.stringify([...headers])).join() + answerText + playlistText;
    for (const secret of [PASSWORD, BASIC, 'authenticate'])
      expect(shown.toLowerCase()).not.toContain(secret.toLowerCase());

    // The page leaves: its place is free at once.
    const session = new URL(answer.headers.get('location') ?? '', house.base);
    expect((await fetch(session, { method: 'DELETE', keepalive: true })).status).toBe(200);
    expect(await house.viewers()).toBe(0);
  });

  it('tells the analyzer which link is broken only when it is asked with a login', async () => {
    const login = { user: 'stopsign', password: PASSWORD };
    await using house = await openHouse(login);
    const ask = (camera: string, hubLogin?: typeof login) =>
      askSourceError(decoderSettings.parse({ camera, url: 'rtsp://x', hubApi: house.hubApi, hubLogin }), 'Timeout.');
    expect(await ask('front', login)).toContain('The hub has the stream of front');
    expect(await ask('yard', login)).toContain('gets no stream of yard');
    expect([await ask('front'), await ask('yard')]).toEqual([null, null]);
  });

  it('keeps the page out when the gateway has no login, whatever login the page shows', async () => {
    await using house = await openHouse();
    const headers = { Authorization: `Basic ${BASIC}` };
    const answers = await Promise.all(
      ['whep', 'hls/index.m3u8'].map((path) =>
        fetch(`${house.base}/${path}`, { method: path === 'whep' ? 'OPTIONS' : 'GET', headers }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    // Else the browser would ask the viewer for a password that he does not have.
    for (const answer of answers) expect(answer.headers.get('www-authenticate')).toBeNull();
  });
});
