import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWhep, type WhepFailure } from '../../../src/web/player/whep-client.ts';
import { parseIceServers, parseOffer, sdpFragment } from '../../../src/web/player/whep-sdp.ts';

const OFFER = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=mid:0\r\n';

describe('parseIceServers', () => {
  it('reads a stun and a turn server from one header', () => {
    const link =
      '<stun:stun.example:3478>; rel="ice-server", ' +
      '<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="us,er"; credential="a\\"b;c"; credential-type="password"';
    expect(parseIceServers(link)).toEqual([
      { urls: 'stun:stun.example:3478' },
      { urls: 'turn:turn.example:3478?transport=udp', username: 'us,er', credential: 'a"b;c' },
    ]);
  });
  it('has none without the header, with other relations, and with other schemes', () => {
    expect(parseIceServers(null)).toEqual([]);
    expect(parseIceServers('<https://a.example>; rel="next"')).toEqual([]);
    expect(parseIceServers('<https://a.example>; rel="ice-server"')).toEqual([]);
  });
});

describe('sdpFragment', () => {
  it('repeats the credentials and puts candidates below their media', () => {
    const candidates = [
      { candidate: 'candidate:1 1 udp 1 10.0.0.1 5000 typ host', sdpMLineIndex: 0 },
      { candidate: '', sdpMLineIndex: 0 },
    ];
    expect(sdpFragment(parseOffer(OFFER), candidates).split('\r\n')).toEqual([
      'a=ice-ufrag:abcd',
      'a=ice-pwd:secret',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=mid:0',
      'a=candidate:1 1 udp 1 10.0.0.1 5000 typ host',
      '',
    ]);
  });
});

class FakePeer {
  connectionState = 'new';
  remote = '';
  isClosed = false;
  ontrack: unknown = null;
  onicecandidate: ((event: unknown) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly configuration: RTCConfiguration;
  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration;
  }
  addTransceiver = vi.fn();
  createOffer = async () => ({ type: 'offer', sdp: OFFER });
  setLocalDescription = async () => {
    this.onicecandidate?.({ candidate: { candidate: 'candidate:early', sdpMLineIndex: 0 } });
  };
  setRemoteDescription = async ({ sdp }: { sdp: string }) => {
    this.remote = sdp;
  };
  readonly transport = Object.assign(new EventTarget(), { state: 'connected' });
  getReceivers = () => [{ transport: this.transport }, { transport: null }];
  close() {
    this.isClosed = true;
    this.end();
  }
  end() {
    this.transport.state = 'closed';
    this.transport.dispatchEvent(new Event('statechange'));
  }
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Headers;
}

function hub(answers: Record<string, () => Response | Promise<Response>>) {
  const asked: Asked[] = [];
  let peer: FakePeer | undefined;
  const broken: WhepFailure[] = [];
  const abort = new AbortController();
  const open = () =>
    openWhep({
      url: 'http://host/media/demo/whep',
      signal: abort.signal,
      fetch: async (url, init) => {
        const method = init?.method ?? 'GET';
        asked.push({ method, url: String(url), body: String(init?.body ?? ''), headers: new Headers(init?.headers) });
        return answers[method]?.() ?? new Response(null, { status: 204 });
      },
      createPeer: (configuration) => {
        peer = new FakePeer(configuration);
        return peer as unknown as RTCPeerConnection;
      },
      onTrack: () => undefined,
      onBroken: (failure) => broken.push(failure),
    });
  return { open, asked, broken, abort, peer: () => peer as FakePeer };
}

const created = () =>
  new Response('v=0\r\nanswer', { status: 201, headers: { Location: '/media/demo/whep/123', ETag: '*' } });

describe('openWhep', () => {
  afterEach(() => vi.restoreAllMocks());

  it('asks for servers, offers, applies the answer and trickles what was found before the answer', async () => {
    const link = '<stun:s.example>; rel="ice-server"';
    const server = hub({ OPTIONS: () => new Response(null, { status: 204, headers: { link } }), POST: created });
    const result = await server.open();
    expect('session' in result).toBe(true);
    expect(server.peer().configuration).toEqual({ iceServers: [{ urls: 'stun:s.example' }] });
    expect(server.peer().addTransceiver).toHaveBeenCalledWith('video', { direction: 'recvonly' });
    expect(server.peer().remote).toContain('answer');
    expect(server.asked.map(({ method }) => method)).toEqual(['OPTIONS', 'POST', 'PATCH']);
    expect(server.asked[2]).toMatchObject({ url: 'http://host/media/demo/whep/123' });
    expect(server.asked[2]?.body).toContain('a=candidate:early');
  });

  it.each([
    ['"ice-1"', '"ice-1"'],
    [null, '*'],
  ])('trickles under the entity tag %s of the session as If-Match %s', async (etag, expected) => {
    const headers = { Location: '/media/demo/whep/123', ...(etag === null ? {} : { ETag: etag }) };
    const server = hub({ POST: () => new Response('v=0', { status: 201, headers }) });
    await server.open();
    expect(server.asked.find(({ method }) => method === 'PATCH')?.headers.get('if-match')).toBe(expected);
  });

  it('deletes the session once when it is left', async () => {
    const server = hub({ POST: created });
    const result = await server.open();
    if (!('session' in result)) throw new Error('not opened');
    result.session.close();
    result.session.close();
    const deleted = server.asked.filter(({ method }) => method === 'DELETE');
    expect(deleted.map(({ url }) => url)).toEqual(['http://host/media/demo/whep/123']);
    expect(server.peer().isClosed).toBe(true);
  });

  it.each([
    [404, 'not-found'],
    [401, 'unauthorized'],
    [400, 'refused'],
    [406, 'codec'],
    [502, 'hub-down'],
  ] as const)('turns status %i into %s and closes the peer', async (status, kind) => {
    const server = hub({ POST: () => new Response('{"status":"error","error":"because"}', { status }) });
    expect(await server.open()).toMatchObject({ failure: { kind } });
    expect(server.peer().isClosed).toBe(true);
  });

  it.each([
    ['codecs not supported by client', 'codec'],
    ["the stream on path 'front' is H265, which browsers do not play over WebRTC", 'codec'],
    ['the offer has more than 20 candidates', 'refused'],
  ] as const)('gives the reason of the hub on: %s', async (error, kind) => {
    const server = hub({ POST: () => Response.json({ status: 'error', error }, { status: 400 }) });
    expect(await server.open()).toEqual({ failure: { kind, detail: error, isFinal: true } });
  });

  it.each([
    [404, '1', 'not-found', 1_000],
    [503, '15', 'busy', 15_000],
    [429, ' 3 ', 'busy', 3_000],
    [503, '999999', 'busy', 60_000],
    [503, 'Mon, 23 Nov 2026 09:00:00 GMT', 'busy', undefined],
    [503, '-1', 'busy', undefined],
  ] as const)(
    'on status %i takes Retry-After %j as %s, to be tried again after %j ms',
    async (status, header, kind, ms) => {
      const headers = { 'Retry-After': header };
      const server = hub({ POST: () => new Response('{"status":"error","error":"because"}', { status, headers }) });
      const result = await server.open();
      expect(result).toMatchObject({ failure: { kind } });
      expect('failure' in result && result.failure.retryAfterMs).toBe(ms);
    },
  );

  it('takes a refusal for the last word only where it is about the offer', async () => {
    const server = hub({ POST: () => new Response('', { status: 500 }) });
    expect(await server.open()).toMatchObject({ failure: { kind: 'refused', isFinal: false } });
  });

  it('calls a proxy without its hub just that, not busy', async () => {
    const server = hub({ POST: () => new Response('<h1>503</h1>', { status: 503, headers: { 'Retry-After': '5' } }) });
    expect(await server.open()).toMatchObject({ failure: { kind: 'hub-down', retryAfterMs: 5_000 } });
  });

  it('calls a server that does not answer unreachable, and a closed player aborted', async () => {
    const fail = () => Promise.reject(new TypeError('fetch failed'));
    const down = hub({ OPTIONS: fail });
    expect(await down.open()).toMatchObject({ failure: { kind: 'unreachable' } });
    const left = hub({ OPTIONS: fail });
    left.abort.abort();
    expect(await left.open()).toMatchObject({ failure: { kind: 'aborted' } });
  });

  it('says that the hub ended the session, and nothing when it was left', async () => {
    const ended = hub({ POST: created });
    await ended.open();
    ended.peer().end();
    expect(ended.broken).toEqual([{ kind: 'ended', detail: 'The hub ended the session.' }]);
    const left = hub({ POST: created });
    const result = await left.open();
    if ('session' in result) result.session.close();
    expect([left.peer().isClosed, left.broken]).toEqual([true, []]);
  });

  it('reports a connection that breaks later, but not after it was closed', async () => {
    const server = hub({ POST: created });
    const result = await server.open();
    server.peer().connectionState = 'failed';
    server.peer().onconnectionstatechange?.();
    expect(server.broken).toMatchObject([{ kind: 'no-media' }]);
    if ('session' in result) result.session.close();
    server.peer().onconnectionstatechange?.();
    expect(server.broken).toHaveLength(1);
  });
});
