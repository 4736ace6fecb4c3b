/**
 * Every request that MediaMTX's documentation shows for WHEP, HLS and `/v3`, and what the built-in hub answers: a table. Where it
 * differs the row says so, and docs/hub.md lists it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clip, makeClip } from '../../support/clip.ts';
import { openHub, type Push, pushClip, type TestHub, untilReady } from '../../support/hub.ts';
import { projectRoot } from '../../support/shared.ts';
import { openWeriftViewer, type WeriftViewer } from '../../support/werift-offer.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const NOBODY = '00000000-0000-4000-8000-000000000000';

interface Row {
  readonly what: string;
  readonly port: 'webrtc' | 'hls' | 'api';
  readonly method: string;
  readonly path: string | (() => string);
  readonly headers?: Record<string, string>;
  readonly body?: string | (() => string);
  readonly status: number;
  /** Of the answer; a string is the whole value, null means absent. */
  readonly expects?: Record<string, string | RegExp | null>;
  /** A JSON body, in part. */
  readonly json?: unknown;
  readonly text?: RegExp;
  /** MediaMTX answers otherwise: the words of docs/hub.md. */
  readonly differs?: string;
}

let clip: Clip;
let hub: TestHub;
let push: Push;
let viewer: WeriftViewer;
let session = '';
let sessionId = '';

const error = { status: 'error', error: expect.any(String) };
const SDP = { 'Content-Type': 'application/sdp' };
const FRAGMENT = { 'Content-Type': 'application/trickle-ice-sdpfrag' };
const candidate = 'a=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n';
const pathFields = {
  name: 'cam',
  confName: 'all_others',
  source: { type: 'rtspSession', id: expect.stringMatching(UUID) },
  ready: true,
  readyTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  available: true,
  online: true,
  tracks: ['H264'],
  tracks2: [{ codec: 'H264', codecProps: null }],
  inboundBytes: expect.any(Number),
  outboundBytes: expect.any(Number),
  readers: expect.any(Array),
};

const WHEP: readonly Row[] = [
  {
    what: 'a preflight',
    port: 'webrtc',
    method: 'OPTIONS',
    path: '/cam/whep',
    headers: { Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' },
    status: 204,
    expects: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'OPTIONS, GET, POST, PATCH, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
    },
  },
  {
    what: 'the ICE servers',
    port: 'webrtc',
    method: 'OPTIONS',
    path: '/cam/whep',
    status: 204,
    expects: { 'accept-post': 'application/sdp', 'access-control-expose-headers': 'Accept-Post, Link', link: null },
    differs: 'No ICE servers',
  },
  ...['GET', 'HEAD', 'PUT'].map(
    (method): Row => ({ what: `${method} of the endpoint`, port: 'webrtc', method, path: '/cam/whep', status: 405 }),
  ),
  {
    what: 'an offer of another type',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whep',
    headers: { 'Content-Type': 'text/plain' },
    body: 'v=0',
    status: 400,
    json: error,
  },
  {
    what: 'an offer for a path without a stream',
    port: 'webrtc',
    method: 'POST',
    path: '/none/whep',
    headers: SDP,
    body: () => viewer.offer,
    status: 404,
    expects: { 'retry-after': '1' },
    json: { status: 'error', error: expect.stringContaining("path 'none'") },
  },
  {
    what: 'an offer without H264',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whep',
    headers: SDP,
    body: () => viewer.offer.replaceAll('H264', 'VP8'),
    status: 400,
    json: error,
  },
  {
    what: 'an offer that is larger than 128 KiB',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whep',
    headers: SDP,
    body: 'x'.repeat(128 * 1024 + 1),
    status: 413,
    json: error,
    differs: 'too large',
  },
  {
    what: 'an offer with more candidates than a browser has',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whep',
    headers: SDP,
    body: () => `${viewer.offer}${'a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n'.repeat(80)}`,
    status: 400,
    json: error,
    differs: '64 candidates',
  },
  {
    what: 'an offer',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whep?quality=1',
    headers: SDP,
    body: () => viewer.offer,
    status: 201,
    expects: {
      'content-type': 'application/sdp',
      location: new RegExp(`^/cam/whep/${UUID}\\?quality=1$`),
      etag: '*',
      id: new RegExp(`^${UUID}$`),
      'accept-patch': 'application/trickle-ice-sdpfrag',
      'access-control-expose-headers': 'ETag, ID, Accept-Patch, Link, Location',
      link: null,
    },
    text: /^v=0\r\n[\s\S]*a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host/i,
  },
  {
    what: 'a candidate',
    port: 'webrtc',
    method: 'PATCH',
    path: () => session,
    headers: FRAGMENT,
    body: candidate,
    status: 204,
  },
  {
    what: 'one more viewer than there is room for',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whep',
    headers: SDP,
    body: () => viewer.offer,
    status: 503,
    expects: { 'retry-after': '15', 'access-control-expose-headers': 'Retry-After' },
    json: { status: 'error', error: 'too many readers' },
    differs: 'full',
  },
  {
    what: 'candidates with the credentials of the offer',
    port: 'webrtc',
    method: 'PATCH',
    path: () => session,
    headers: FRAGMENT,
    body: () => `${/a=ice-ufrag:.*\r\n/.exec(viewer.offer)}${/a=ice-pwd:.*\r\n/.exec(viewer.offer)}${candidate}`,
    status: 204,
  },
  {
    what: 'an ICE restart',
    port: 'webrtc',
    method: 'PATCH',
    path: () => session,
    headers: { ...FRAGMENT, 'If-Match': '*' },
    body: `a=ice-ufrag:new0\r\na=ice-pwd:0123456789012345678901\r\n`,
    status: 422,
    json: { status: 'error', error: expect.stringContaining('open another') },
    differs: 'does not restart ICE',
  },
  {
    what: 'a candidate of another type',
    port: 'webrtc',
    method: 'PATCH',
    path: () => session,
    headers: { 'Content-Type': 'text/plain' },
    body: candidate,
    status: 400,
    json: error,
  },
  {
    what: 'a candidate for nobody',
    port: 'webrtc',
    method: 'PATCH',
    path: `/cam/whep/${NOBODY}`,
    headers: FRAGMENT,
    body: candidate,
    status: 404,
    json: error,
  },
  {
    what: 'a session that is no UUID',
    port: 'webrtc',
    method: 'DELETE',
    path: '/cam/whep/x',
    status: 400,
    json: error,
  },
  {
    what: 'the id of a session instead of its secret',
    port: 'webrtc',
    method: 'DELETE',
    path: () => `/cam/whep/${sessionId}`,
    status: 404,
    json: error,
  },
  {
    what: 'the sessions',
    port: 'api',
    method: 'GET',
    path: '/v3/webrtcsessions/list',
    status: 200,
    json: { itemCount: 1, pageCount: 1, items: [{ path: 'cam', query: 'quality=1', state: 'read', inboundBytes: 0 }] },
  },
  {
    what: 'a session',
    port: 'api',
    method: 'GET',
    path: () => `/v3/webrtcsessions/get/${sessionId}`,
    status: 200,
    json: { path: 'cam', remoteAddr: expect.stringContaining('127.0.0.1:'), created: expect.any(String) },
  },
  {
    what: 'a session that is not there',
    port: 'api',
    method: 'GET',
    path: `/v3/webrtcsessions/get/${NOBODY}`,
    status: 404,
    json: error,
  },
  {
    what: 'the end of a session',
    port: 'webrtc',
    method: 'DELETE',
    path: () => session,
    status: 200,
    json: { status: 'ok' },
  },
  { what: 'its end again', port: 'webrtc', method: 'DELETE', path: () => session, status: 404, json: error },
  {
    what: 'MediaMTX’s player page',
    port: 'webrtc',
    method: 'GET',
    path: '/cam',
    status: 404,
    differs: 'no player pages',
  },
  {
    what: 'publishing over WebRTC (WHIP)',
    port: 'webrtc',
    method: 'POST',
    path: '/cam/whip',
    headers: SDP,
    body: 'v=0',
    status: 404,
    differs: 'WHIP',
  },
];

const HLS: readonly Row[] = [
  {
    what: 'a playlist',
    port: 'hls',
    method: 'GET',
    path: '/cam/index.m3u8',
    status: 200,
    expects: {
      'content-type': 'application/vnd.apple.mpegurl',
      'access-control-allow-origin': '*',
      'cache-control': 'no-cache',
    },
    text: /^#EXTM3U\n[\s\S]*#EXT-X-MAP:URI="init\.mp4"\n[\s\S]*#EXT-X-PROGRAM-DATE-TIME:\d{4}-/,
    differs: 'cookieCheck',
  },
  {
    what: 'the initialisation segment',
    port: 'hls',
    method: 'GET',
    path: '/cam/init.mp4',
    status: 200,
    expects: { 'content-type': 'video/mp4' },
    text: /ftyp/,
  },
  {
    what: 'a segment',
    port: 'hls',
    method: 'GET',
    path: '/cam/seg0.m4s',
    status: 200,
    expects: { 'content-type': 'video/mp4' },
  },
  { what: 'the head of a playlist', port: 'hls', method: 'HEAD', path: '/cam/index.m3u8', status: 200 },
  {
    what: 'a segment that is not there',
    port: 'hls',
    method: 'GET',
    path: '/cam/seg99999.m4s',
    status: 404,
    json: error,
  },
  { what: 'a path without a stream', port: 'hls', method: 'GET', path: '/none/index.m3u8', status: 404, json: error },
  { what: 'another file', port: 'hls', method: 'GET', path: '/cam/..%2f..%2fetc%2fpasswd', status: 404, json: error },
  {
    what: 'a preflight',
    port: 'hls',
    method: 'OPTIONS',
    path: '/cam/index.m3u8',
    headers: { 'Access-Control-Request-Method': 'GET' },
    status: 204,
  },
];

const CONTROL: readonly Row[] = [
  {
    what: 'the version',
    port: 'api',
    method: 'GET',
    path: '/v3/info',
    status: 200,
    json: { version: expect.any(String), started: expect.stringMatching(/^\d{4}-/) },
  },
  {
    what: 'the paths',
    port: 'api',
    method: 'GET',
    path: '/v3/paths/list',
    status: 200,
    json: { itemCount: 1, pageCount: 1, items: [pathFields] },
  },
  {
    what: 'a page beyond the last',
    port: 'api',
    method: 'GET',
    path: '/v3/paths/list?page=3&itemsPerPage=1',
    status: 200,
    json: { itemCount: 1, pageCount: 1, items: [] },
  },
  { what: 'a page that is none', port: 'api', method: 'GET', path: '/v3/paths/list?page=x', status: 400, json: error },
  { what: 'a path', port: 'api', method: 'GET', path: '/v3/paths/get/cam', status: 200, json: pathFields },
  {
    what: 'a path that is not there',
    port: 'api',
    method: 'GET',
    path: '/v3/paths/get/none',
    status: 404,
    json: { status: 'error', error: 'path not found' },
  },
  {
    what: 'a new path',
    port: 'api',
    method: 'POST',
    path: '/v3/config/paths/add/new',
    headers: { 'Content-Type': 'application/json' },
    body: '{"source":"rtsp://192.0.2.1/x"}',
    status: 405,
    json: error,
    differs: 'read only',
  },
  {
    what: 'the metrics',
    port: 'api',
    method: 'GET',
    path: '/metrics',
    status: 200,
    text: /^paths\{name="cam",state="ready"\} 1$/m,
    differs: '/metrics',
  },
];

describe('the hub’s answers', () => {
  beforeAll(async () => {
    clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
    hub = await openHub({ maxViewers: 1 });
    push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    viewer = await openWeriftViewer();
  });
  afterAll(async () => {
    await viewer?.[Symbol.asyncDispose]();
    await push?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
    await clip?.[Symbol.asyncDispose]();
  });

  it.each([...WHEP, ...HLS, ...CONTROL])('$method $what: $status', async (row) => {
    const path = typeof row.path === 'function' ? row.path() : row.path;
    const body = typeof row.body === 'function' ? row.body() : row.body;
    const response = await fetch(`${hub.urls[row.port]}${path}`, {
      method: row.method,
      redirect: 'manual',
      ...(row.headers && { headers: row.headers }),
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    expect([response.status, text.slice(0, 200)]).toEqual([row.status, expect.anything()]);
    for (const [name, wanted] of Object.entries(row.expects ?? {})) {
      const value = response.headers.get(name);
      if (wanted instanceof RegExp) expect(value, name).toMatch(wanted);
      else expect(value, name).toBe(wanted);
    }
    if (row.json !== undefined) {
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(JSON.parse(text)).toMatchObject(row.json as object);
    }
    if (row.text) expect(text).toMatch(row.text);
    if (response.status === 201) {
      session = response.headers.get('location') ?? '';
      sessionId = response.headers.get('id') ?? '';
    }
    expect(text).not.toContain(session === '' ? 'no session yet' : (session.split(/[/?]/)[3] ?? ''));
  });

  it('that differ from MediaMTX’s are listed in docs/hub.md', () => {
    const words = readFileSync(join(projectRoot(), 'docs/hub.md'), 'utf8');
    const differences = words.slice(words.indexOf('## Where it differs'));
    for (const { differs } of [...WHEP, ...HLS, ...CONTROL]) if (differs) expect(differences).toContain(differs);
  });
});
