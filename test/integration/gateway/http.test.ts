import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadUws } from '../../../src/actors/gateway/uws.ts';
import { StopsignError } from '../../../src/errors.ts';
import { until } from '../../support/until.ts';
import { openGateway, site, TOKEN } from './gateway-fixture.ts';

/** Sends the request line as it is: fetch would tidy the path up. */
function raw(origin: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('end', () => resolve(answer));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(`${request}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
}

describe('/healthz, /ready, /metrics', () => {
  it('is alive while threads move, and names the one that does not', async () => {
    await using gateway = await openGateway();
    const health = await fetch(`${gateway.origin}/healthz`);
    expect(health.status).toBe(200);
    gateway.board.row('tracker:yard').set('heartbeatUs', gateway.clock.nowUs() - 11e6);
    const sick = await fetch(`${gateway.origin}/healthz`);
    expect(sick.status).toBe(503);
    expect(await sick.json()).toMatchObject({ ok: false, dead: ['tracker:yard'] });
  });

  it('is alive while an actor is being restarted', async () => {
    await using gateway = await openGateway();
    gateway.board.row('inference').state = 'failed';
    gateway.board.row('inference').set('heartbeatUs', gateway.clock.nowUs() - 60e6);
    expect((await fetch(`${gateway.origin}/healthz`)).status).toBe(200);
    expect((await fetch(`${gateway.origin}/ready`)).status).toBe(503);
  });

  it('is ready once every camera has a recent frame and every actor runs, and says when it looked', async () => {
    await using gateway = await openGateway();
    const ready = async () => {
      const response = await fetch(`${gateway.origin}/ready`);
      return { status: response.status, ...((await response.json()) as { ready: boolean; checks: unknown[] }) };
    };
    expect(await ready()).toMatchObject({ status: 503, ready: false });
    gateway.writeFrame('front');
    gateway.writeFrame('yard');
    await gateway.work();
    const now = await ready();
    expect(now).toMatchObject({ status: 200, ready: true });
    for (const check of now.checks) expect(check).toMatchObject({ ok: true, tsUtc: expect.any(Number) });
    await gateway.advance(6_000);
    expect(await ready()).toMatchObject({ status: 503 });
  });

  it('is ready while the database is away and rows are spooled, not when they cannot be kept', async () => {
    await using gateway = await openGateway();
    gateway.writeFrame('front');
    gateway.writeFrame('yard');
    await gateway.work();
    gateway.board.row('persister').set('gauge0', 1);
    expect((await fetch(`${gateway.origin}/ready`)).status).toBe(200);
    gateway.board.row('persister').set('gauge0', 2);
    expect((await fetch(`${gateway.origin}/ready`)).status).toBe(503);
  });

  it('speaks Prometheus', async () => {
    await using gateway = await openGateway();
    gateway.board.row('decoder:front').set('dropped', 5);
    gateway.writeFrame();
    await gateway.work();
    const response = await fetch(`${gateway.origin}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('stopsign_actor_dropped_total{actor="decoder:front"} 5');
    expect(text).toMatch(/stopsign_decode_to_send_seconds\{camera="front",quantile="0\.95"\} 0\.0/);
    expect(text).toContain('stopsign_info{version="1.2.3",model="test-model",sha256="abc"} 1');
    // Every line is a comment or `name{labels} number`.
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^}]*\})? -?[\d.e+-]+)$/);
    }
  });
});

describe('the web app', () => {
  async function openSite() {
    const parent = await mkdtemp(join(tmpdir(), 'stopsign-site-'));
    const webDir = join(parent, 'web');
    await mkdir(join(webDir, 'assets'), { recursive: true });
    await writeFile(join(parent, 'secret.txt'), 'secret');
    await writeFile(join(webDir, 'index.html'), '<!doctype html><script>let a=1</script><div id="app"></div>');
    await writeFile(join(webDir, 'assets', 'index-B4dQ9x_z.js'), 'export {}');
    await writeFile(join(webDir, 'theme.js'), '1');
    const gateway = await openGateway({ settings: { webDir } });
    return {
      gateway,
      get: (path: string, init?: RequestInit) => fetch(gateway.origin + path, init),
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await rm(parent, { recursive: true });
      },
    };
  }

  it('answers every page of the app with index.html, which must be asked for anew', async () => {
    await using site = await openSite();
    for (const path of ['/', '/index.html', '/admin', '/passes/01J']) {
      const response = await site.get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('id="app"');
    }
  });

  it('lets hashed files be kept for ever and others be asked for again', async () => {
    await using site = await openSite();
    const hashed = await site.get('/assets/index-B4dQ9x_z.js');
    expect(hashed.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(hashed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const plain = await site.get('/theme.js');
    expect(plain.headers.get('cache-control')).toBe('no-cache');
    const again = await site.get('/theme.js', { headers: { 'if-none-match': plain.headers.get('etag') as string } });
    expect(again.status).toBe(304);
  });

  it('answers 404 for a file that is not there, and HEAD without a body', async () => {
    await using site = await openSite();
    expect((await site.get('/assets/gone-12345678.js')).status).toBe(404);
    const head = await site.get('/', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
    expect((await site.get('/', { method: 'POST' })).status).toBe(405);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/%00secret.txt',
    '/%E0%A4%A',
    '//etc/passwd.txt',
  ])('does not leave its folder for %s', async (path) => {
    await using site = await openSite();
    const answer = await raw(site.gateway.origin, `GET ${path} HTTP/1.1`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).not.toContain('secret.txt');
    expect(answer.split('\r\n\r\n')[1]).not.toContain('secret');
  });

  it('allows the inline scripts of the page by their hash and nothing from elsewhere', async () => {
    await using site = await openSite();
    const { headers } = await site.get('/');
    const policy = headers.get('content-security-policy') as string;
    expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]{44}';/);
    expect(policy).toContain(`media-src 'self' blob:`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('says in words that the page is not built', async () => {
    await using gateway = await openGateway();
    const response = await fetch(gateway.origin);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
  });
});

describe('the media proxy', () => {
  async function openHub(answer: (req: IncomingMessage, res: ServerResponse, body: string) => void) {
    const seen: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];
    const server = createServer(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      seen.push({ line: `${req.method} ${req.url}`, headers: req.headers, body });
      answer(req, res, body);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const gateway = await openGateway({ settings: { hub: { rtsp: 'rtsp://x', webrtc: url, hls: url, api: url } } });
    return {
      gateway,
      seen,
      url,
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it('passes a WHEP session through and keeps its address below ours', async () => {
    await using hub = await openHub((req, res, body) => {
      if (req.method === 'POST') {
        res.writeHead(201, {
          'content-type': 'application/sdp',
          location: '/front/whep/11-22?x=1',
          etag: '*',
          'set-cookie': 'hub=1; Path=/; Domain=hub',
        });
        res.end(`answer to ${body}`);
      } else res.writeHead(req.method === 'DELETE' ? 200 : 204).end();
    });
    const base = `${hub.gateway.origin}/media/front/whep`;
    const answer = await fetch(`${base}?token=secret&a=b`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', cookie: 'stopsign_session=mine; other=1' },
      body: 'offer',
    });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe('answer to offer');
    expect(answer.headers.get('location')).toBe('/media/front/whep/11-22?x=1');
    expect(answer.headers.get('etag')).toBe('*');
    expect(answer.headers.getSetCookie()).toEqual(['hub=1; Path=/media/front/whep']);
    const session = new URL(answer.headers.get('location') as string, base);
    const patched = await fetch(session, { method: 'PATCH', body: 'ice' });
    expect(patched.status).toBe(204);
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(base, { method: 'OPTIONS' })).status).toBe(204);
    expect(hub.seen.map(({ line }) => line)).toEqual([
      'POST /front/whep?a=b',
      'PATCH /front/whep/11-22?x=1',
      'DELETE /front/whep/11-22?x=1',
      'OPTIONS /front/whep',
    ]);
    expect(hub.seen[0]?.headers.cookie).toBe('other=1');
    expect(hub.seen[1]?.body).toBe('ice');
  });

  it('streams HLS, rewrites its redirect, and hides addresses outside the camera', async () => {
    const segment = Buffer.alloc(3_000_000, 7);
    await using hub = await openHub((req, res) => {
      if (req.url === '/front/index.m3u8') res.writeHead(302, { location: '/front/index.m3u8?cookieCheck=1' }).end();
      else if (req.url === '/front/away.m3u8') res.writeHead(302, { location: 'http://elsewhere/x' }).end();
      else res.writeHead(200, { 'content-type': 'video/mp4' }).end(segment);
    });
    const base = `${hub.gateway.origin}/media/front/hls`;
    const redirect = await fetch(`${base}/index.m3u8`, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('location')).toBe('/media/front/hls/index.m3u8?cookieCheck=1');
    const away = await fetch(`${base}/away.m3u8`, { redirect: 'manual' });
    expect(away.headers.get('location')).toBeNull();
    const video = await fetch(`${base}/seg0.mp4`);
    expect(video.headers.get('content-type')).toBe('video/mp4');
    expect(Buffer.from(await video.arrayBuffer()).equals(segment)).toBe(true);
  });

  it('reads from the hub no faster than the viewer does', async () => {
    const total = 200 * 2 ** 20;
    let written = 0;
    await using hub = await openHub((_, res) => {
      const chunk = Buffer.alloc(2 ** 20);
      const push = (): void => {
        while (written < total && !res.destroyed) {
          written += chunk.length;
          if (!res.write(chunk)) return void res.once('drain', push);
        }
      };
      push();
    });
    const { port } = new URL(hub.gateway.origin);
    const viewer = connect(Number(port), '127.0.0.1');
    viewer.write('GET /media/front/hls/live.mp4 HTTP/1.1\r\nHost: x\r\n\r\n');
    viewer.pause();
    let before = -1;
    await until(
      () => {
        const still = written > 0 && written === before;
        before = written;
        return still;
      },
      { what: 'the flow to stand', everyMs: 200 },
    );
    expect(written).toBeLessThan(total / 2);
    viewer.destroy();
  });

  it('leaves the hub to others when one address reads many streams without an end', async () => {
    await using hub = await openHub((req, res) => {
      res.writeHead(200, { 'content-type': 'video/mp4' });
      if (req.url?.endsWith('short.mp4')) res.end('all');
      else res.write('first');
    });
    const abort = new AbortController();
    const get = (name: string, address: string, signal: AbortSignal | null = null) =>
      fetch(`${hub.gateway.origin}/media/front/hls/${name}`, { headers: { 'x-forwarded-for': address }, signal });
    const held = await Promise.all(Array.from({ length: 64 }, () => get('endless.mp4', '203.0.113.9', abort.signal)));
    expect(held.map(({ status }) => status)).toEqual(held.map(() => 200));
    const refused = await get('short.mp4', '203.0.113.9');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await (await get('short.mp4', '203.0.113.10')).text()).toBe('all');
    abort.abort();
    await until(async () => (await get('short.mp4', '203.0.113.9')).status === 200, {
      what: 'places to be free again',
    });
  });

  it('lets go of the hub when the viewer goes', async () => {
    let gone = false;
    await using hub = await openHub((_, res) => {
      res.on('close', () => {
        gone = true;
      });
      res.writeHead(200, { 'content-type': 'video/mp4' });
      res.write('first');
    });
    const abort = new AbortController();
    const response = await fetch(`${hub.gateway.origin}/media/front/hls/live.mp4`, { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    await until(() => gone, { what: 'the hub to see the end' });
  });

  it.each([
    ['GET', '/media/nowhere/hls/index.m3u8', 404],
    ['GET', '/media/front/v3/paths/list', 404],
    ['GET', '/media/front/hls', 404],
    ['GET', '/media/front/hls/../../v3/info', 404],
    ['GET', '/media/front/hls/%2e%2e/v3/info', 404],
    ['GET', '/media/front/whep', 405],
    ['POST', '/media/front/hls/index.m3u8', 405],
  ])('does not pass on %s %s', async (method, path, status) => {
    await using hub = await openHub((_, res) => res.end('inside'));
    const answer = await raw(hub.gateway.origin, `${method} ${path} HTTP/1.1`);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(hub.seen).toEqual([]);
  });

  it('refuses a body that is too large', async () => {
    await using hub = await openHub((_, res) => res.end());
    const response = await fetch(`${hub.gateway.origin}/media/front/whep`, {
      method: 'POST',
      body: Buffer.alloc(300_000),
    });
    expect(response.status).toBe(413);
    expect(hub.seen).toEqual([]);
  });

  it('says that the hub is down', async () => {
    await using gateway = await openGateway();
    const response = await fetch(`${gateway.origin}/media/front/whep`, { method: 'POST', body: 'offer' });
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({
      error: 'The media hub does not answer. It is tried again with every request.',
    });
  });
});

describe('limits and failures', () => {
  it('slows one address down without touching another', async () => {
    await using gateway = await openGateway();
    const ask = (from: string) =>
      fetch(`${gateway.origin}/metrics`, { method: 'HEAD', headers: { 'x-forwarded-for': from } });
    const statuses = new Set<number>();
    for (let i = 0; i < 60; i += 1) {
      for (const { status } of await Promise.all(Array.from({ length: 20 }, () => ask('192.0.2.1'))))
        statuses.add(status);
    }
    expect([...statuses].sort()).toEqual([200, 429]);
    expect((await ask('192.0.2.2')).status).toBe(200);
  });

  it('says which port is taken and what to do', async () => {
    await using gateway = await openGateway();
    const port = Number(new URL(gateway.origin).port);
    const failed = await openGateway({ settings: { port } }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StopsignError);
    expect(failed).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
    expect((failed as StopsignError).remedy).toContain('gateway.port');
    expect((await fetch(`${gateway.origin}/healthz`)).status).toBe(200);
  });

  it('says that a host is none of this machine', async () => {
    const failed = await openGateway({ settings: { host: '192.0.2.1' } }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'BAD_CONFIG', message: '192.0.2.1 is no address of this machine.' });
  });

  it('gives the port back when it closes', async () => {
    const first = await openGateway();
    const port = Number(new URL(first.origin).port);
    await first[Symbol.asyncDispose]();
    await using second = await openGateway({ settings: { port } });
    expect((await fetch(`${second.origin}/healthz`)).status).toBe(200);
  });

  it('names the remedy when the native server does not fit this machine', () => {
    const load = () => {
      throw new Error('no such binary');
    };
    expect(() => loadUws(load)).toThrow(
      expect.objectContaining({ code: 'NATIVE_MISSING', remedy: expect.stringContaining('Node 20') }),
    );
  });

  it('refuses settings that are wrong', async () => {
    const failed = await openGateway({ settings: { adminToken: '' } }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'BAD_CONFIG' });
  });
});

describe('/truth/<camera>', () => {
  const TEXT = `{"type":"header"}\n${'{"type":"frame","bodies":[]}\n'.repeat(5_000)}`;

  async function openWithTruth(viewers: 'public' | 'token' = 'public') {
    const dir = await mkdtemp(join(tmpdir(), 'stopsign-truth-'));
    const truth = join(dir, 'clip.truth.ndjson');
    await writeFile(truth, TEXT);
    const cameras = [
      { name: 'front', site, demo: false, truth },
      { name: 'yard', site, demo: false, truth: null },
    ];
    const gateway = await openGateway({ settings: { cameras, viewers } });
    return {
      gateway,
      truth,
      get: (camera: string, init?: RequestInit) => fetch(`${gateway.origin}/truth/${camera}`, init),
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await rm(dir, { recursive: true });
      },
    };
  }

  it('sends the file, packed for whoever takes that', async () => {
    await using house = await openWithTruth();
    const packed = await house.get('front');
    expect(packed.status).toBe(200);
    expect(packed.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.text()).toBe(TEXT);
    const plain = await house.get('front', { headers: { 'accept-encoding': 'br, gzip;q=0' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(TEXT);
    expect(plain.headers.get('etag')).not.toBe(packed.headers.get('etag'));
  });

  it('is asked for anew, and sent again only when it has changed', async () => {
    await using house = await openWithTruth();
    const first = await house.get('front');
    await first.text();
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const headers = { 'if-none-match': first.headers.get('etag') as string };
    expect((await house.get('front', { headers })).status).toBe(304);
    await writeFile(house.truth, `${TEXT}{"type":"passes","passes":[]}\n`);
    const changed = await house.get('front', { headers });
    expect(changed.status).toBe(200);
    expect(await changed.text()).toContain('passes');
  });

  it('says of a camera that there is none, of others nothing, and gives no other file', async () => {
    await using house = await openWithTruth();
    for (const name of ['yard', 'nobody', '', 'front/x', '..%2Fsecret.txt']) {
      const response = await house.get(name);
      expect([name, response.status]).toEqual([name, 404]);
      expect(await response.json()).toEqual({ error: 'There is no truth for a camera of that name.' });
    }
    expect((await house.get('front', { method: 'POST' })).status).toBe(405);
    await rm(house.truth);
    expect((await house.get('front')).status).toBe(404);
    const cameras = await house.gateway.client().trpc.cameras.list.query();
    expect(cameras.map(({ truth }) => truth)).toEqual(['/truth/front', null]);
    await writeFile(house.truth, '');
  });

  it('is for viewers only', async () => {
    await using house = await openWithTruth('token');
    expect((await house.get('front')).status).toBe(401);
    expect((await house.get(`front?token=${encodeURIComponent(TOKEN)}`)).status).toBe(200);
  });
});
