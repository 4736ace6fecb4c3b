/** Who may publish, read and see the control port of the hub: users of the configuration, or an HTTP server that is asked. */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { HubSettings } from '../../../src/media/hub/settings.ts';
import { makeClip } from '../../support/clip.ts';
import { openHub, pushClip, type TestHub } from '../../support/hub.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';

const USERS: NonNullable<NonNullable<HubSettings['access']>['users']> = [
  { user: 'camera', pass: 'pub/l1sh', permissions: [{ action: 'publish', path: 'front' }] },
  { user: 'guest', pass: 'w@tch', permissions: [{ action: 'read', path: 'front' }] },
  { user: 'admin', pass: 'adm1n', permissions: [{ action: 'api' }, { action: 'metrics' }] },
];
const LOCKED = { trustThisMachine: false, refusalDelayMs: 0 };
const withLogin = (url: string, user: string, password: string) =>
  url.replace('rtsp://', `rtsp://${user}:${encodeURIComponent(password)}@`);
const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

async function untilReady({ hub, urls }: TestHub, headers: Record<string, string>): Promise<void> {
  await until(
    async () => {
      const response = await fetch(`${urls.api}/v3/paths/list`, { headers });
      return response.ok && ((await response.json()) as { itemCount: number }).itemCount > 0;
    },
    { timeoutMs: 15_000, what: `a stream at ${hub.urls.rtsp}` },
  );
}

describe('a hub with users', () => {
  it('lets each do what he may, over RTSP, WHEP, HLS and the control port, and logs no password', async () => {
    await using clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
    await using hub = await openHub({ ...LOCKED, access: { users: USERS } });
    const { urls } = hub;
    await using _stranger = pushClip(clip.path, `${urls.rtsp}/front`);
    await using _elsewhere = pushClip(clip.path, withLogin(`${urls.rtsp}/back`, 'camera', 'pub/l1sh'));
    await using _push = pushClip(clip.path, withLogin(`${urls.rtsp}/front`, 'camera', 'pub/l1sh'));
    await untilReady(hub, basic('admin', 'adm1n'));
    expect(hub.log.filter(({ message }) => message === 'publishing').map(({ fields }) => fields['path'])).toEqual([
      'front',
    ]);

    await using refused = recordRtsp(withLogin(`${urls.rtsp}/front`, 'guest', 'wrong'));
    await using nobody = recordRtsp(`${urls.rtsp}/front`);
    await using reader = recordRtsp(withLogin(`${urls.rtsp}/front`, 'guest', 'w@tch'));
    await until(() => reader.units.length > 5, { timeoutMs: 10_000, what: 'pictures for the guest' });
    for (const each of [refused, nobody]) {
      const state = await until(() => each.states.find(({ error }) => error), { what: 'the refusal' });
      expect(state.error?.code).toBe('STREAM_UNAUTHORIZED');
      expect(each.units).toHaveLength(0);
    }

    const status = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
      const response = await fetch(url, { method, headers });
      await response.text();
      return [response.status, response.headers.get('www-authenticate')];
    };
    const no = [401, 'Basic realm="stopsign"'];
    const guest = basic('guest', 'w@tch');
    expect(await status(`${urls.webrtc}/front/whep`, {}, 'OPTIONS')).toEqual(no);
    expect(await status(`${urls.webrtc}/front/whep`, {}, 'POST')).toEqual(no);
    expect(await status(`${urls.webrtc}/front/whep`, basic('guest', 'x'), 'POST')).toEqual(no);
    expect(await status(`${urls.webrtc}/front/whep`, guest, 'OPTIONS')).toEqual([204, null]);
    expect(await status(`${urls.webrtc}/back/whep`, guest, 'OPTIONS')).toEqual(no);
    expect(await status(`${urls.hls}/front/index.m3u8`)).toEqual(no);
    expect(await status(`${urls.hls}/front/index.m3u8`, guest)).toEqual([200, null]);
    expect(await status(`${urls.hls}/front/init.mp4`)).toEqual(no);
    expect(await status(`${urls.api}/v3/paths/list`)).toEqual(no);
    expect(await status(`${urls.api}/v3/paths/get/front`, guest)).toEqual(no);
    expect(await status(`${urls.api}/metrics`, guest)).toEqual(no);
    expect(await status(`${urls.api}/metrics`, basic('admin', 'adm1n'))).toEqual([200, null]);
    // A browser asks before it shows anything.
    const preflight = { Origin: 'https://x', 'Access-Control-Request-Method': 'POST' };
    expect(await status(`${urls.webrtc}/front/whep`, preflight, 'OPTIONS')).toEqual([204, null]);
    expect(JSON.stringify(hub.log)).not.toMatch(/pub\/l1sh|w@tch|w%40tch|adm1n|wrong/);
  });

  it('asks for the login again when PLAY or RECORD names what was not granted', async () => {
    await using hub = await openHub({
      ...LOCKED,
      access: { users: [{ user: 'any', permissions: [{ action: 'read', path: 'open' }] }] },
    });
    const socket = net.connect(Number(new URL(hub.urls.rtsp).port), '127.0.0.1');
    using _end = { [Symbol.dispose]: () => void socket.destroy() };
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    // All at once: an answer that takes its time must not let the next request pass it.
    const asked = [
      ['DESCRIBE', 'open', 404],
      ['PLAY', 'open', 404],
      ['PLAY', 'shut', 401],
      ['DESCRIBE', 'shut', 401],
      ['ANNOUNCE', 'open', 401],
      ['RECORD', 'open', 455],
      ['OPTIONS', 'shut', 200],
    ] as const;
    socket.write(
      asked.map(([method, path], n) => `${method} rtsp://h/${path} RTSP/1.0\r\nCSeq: ${n}\r\n\r\n`).join(''),
    );
    await until(() => text.match(/^CSeq/gm)?.length === asked.length, { what: 'all answers' });
    const answers = [...text.matchAll(/^RTSP\/1\.0 (\d+).*\r\nCSeq: (\d+)/gm)].map(([, status, n]) => [n, status]);
    expect(answers).toEqual(asked.map(([, , status], n) => [String(n), String(status)]));
  });

  it('makes a wrong password wait for its answer, and nobody else', async () => {
    await using hub = await openHub({ ...LOCKED, refusalDelayMs: 400, access: { users: USERS } });
    const ask = async (headers: Record<string, string>) => {
      const begun = performance.now();
      await (await fetch(`${hub.urls.api}/v3/info`, { headers })).text();
      return performance.now() - begun;
    };
    const guessing = ask(basic('admin', 'guess'));
    expect(await ask(basic('admin', 'adm1n'))).toBeLessThan(350);
    expect(await guessing).toBeGreaterThanOrEqual(395);
  });
});

interface Door extends AsyncDisposable {
  readonly url: string;
  readonly questions: Record<string, unknown>[];
}

async function openDoor(answer: (question: Record<string, unknown>) => number): Promise<Door> {
  const questions: Record<string, unknown>[] = [];
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const question = { method: request.method, ...JSON.parse(text) };
    questions.push(question);
    const status = answer(question);
    response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end('no matter');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth`,
    questions,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a hub that asks an HTTP server', () => {
  it('asks in MediaMTX’s words and lets in whom it lets in', async () => {
    await using clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
    await using door = await openDoor((question) =>
      question['password'] === 'ok' || question['token'] === 'ok' ? 204 : 401,
    );
    await using hub = await openHub({ ...LOCKED, access: { http: door.url } });
    await using _push = pushClip(clip.path, withLogin(`${hub.urls.rtsp}/front`, 'camera', 'ok'));
    await untilReady(hub, { Authorization: 'Bearer ok' });
    expect(door.questions.find(({ action, user }) => action === 'publish' && user === 'camera')).toMatchObject({
      method: 'POST',
      user: 'camera',
      password: 'ok',
      token: '',
      ip: '127.0.0.1',
      action: 'publish',
      path: 'front',
      protocol: 'rtsp',
      query: '',
      userAgent: expect.stringContaining('Lavf'),
    });
    await using reader = recordRtsp(withLogin(`${hub.urls.rtsp}/front`, 'guest', 'ok'));
    await until(() => reader.units.length > 5, { timeoutMs: 10_000, what: 'pictures' });

    const whep = (headers: Record<string, string>) =>
      fetch(`${hub.urls.webrtc}/front/whep?x=1`, { method: 'OPTIONS', headers });
    expect((await whep({ Authorization: 'Bearer ok' })).status).toBe(204);
    expect((await whep({ Authorization: 'Bearer no' })).status).toBe(401);
    expect(door.questions.at(-1)).toMatchObject({ token: 'no', action: 'read', protocol: 'webrtc', query: 'x=1' });

    const before = door.questions.length;
    for (let n = 0; n < 3; n += 1) {
      const response = await fetch(`${hub.urls.hls}/front/index.m3u8`, { headers: basic('guest', 'ok') });
      expect(response.status).toBe(200);
    }
    // The viewer is asked about once; the packager that reads for him only before it has shown who it is, as every RTSP client.
    expect(door.questions.slice(before).map(({ user, protocol }) => [user, protocol])).toEqual([
      ['guest', 'hls'],
      ['', 'rtsp'],
    ]);
  });

  it.each([
    ['answers 302', 302],
    ['answers 500', 500],
  ])('lets nobody in when it %s', async (_, status) => {
    await using door = await openDoor(() => status);
    await using hub = await openHub({ ...LOCKED, access: { http: door.url } });
    expect((await fetch(`${hub.urls.api}/v3/info`, { headers: basic('a', 'b') })).status).toBe(401);
    expect(door.questions).toHaveLength(1);
  });

  it('lets nobody in when it is not there, and says so without what was shown', async () => {
    await using hub = await openHub({ ...LOCKED, access: { http: 'http://127.0.0.1:9/auth' } });
    expect((await fetch(`${hub.urls.api}/v3/info`, { headers: basic('a', 'hunter2') })).status).toBe(401);
    expect(hub.log.some(({ message }) => message.includes('gives no answer'))).toBe(true);
    expect(JSON.stringify(hub.log)).not.toContain('hunter2');
  });
});
