/** The hub's WebRTC port: WHEP with MediaMTX's URLs and answers. `/<path>/whep` opens a session, `/<path>/whep/<id>` is one. */
import type http from 'node:http';
import { clientOf } from './access-request.ts';
import { decodedPath, demandAccess, HttpFailure, HttpListener, readBody, sendJson } from './http-listener.ts';
import type { HouseParts } from './settings.ts';
import { UdpMux } from './udp-mux.ts';
import { WhepSession } from './whep-session.ts';

const MAX_SDP_BYTES = 128 * 1024;
/** Each candidate of an offer is an address that we send to. */
const MAX_OFFERED_CANDIDATES = 64;
/** Our page offers one. Each is work for werift, in one piece. */
const MAX_SECTIONS = 8;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** When it is worth asking again (RFC 9110 §10.2.3), s: a camera may come any moment, a viewer seldom goes. */
const RETRY_S = { noStream: 1, connecting: 2, full: 15 };
/** Of the places, for sessions of one client that do not play yet: asking costs him nothing, and keeps a place for 15 s. */
const CONNECTING_SHARE = 0.25;
const EXPOSED = 'ETag, ID, Accept-Patch, Link, Location';

export class WhepServer {
  readonly #house: HouseParts;
  /** By their secrets. */
  readonly #sessions = new Map<string, WhepSession>();
  /** For whom offers are being answered. */
  readonly #opening = new Set<{ readonly client: string | null }>();
  #listener: HttpListener | null = null;
  #mux: UdpMux | null = null;

  /** @throws StopsignError PORT_TAKEN, BAD_CONFIG */
  static async open(house: HouseParts): Promise<WhepServer> {
    const server = new WhepServer(house);
    const { settings } = house;
    if (settings.webrtcUdpPort !== undefined) server.#mux = await UdpMux.open(settings.webrtcUdpPort);
    try {
      await server.#listen();
    } catch (cause) {
      await server.close();
      throw cause;
    }
    return server;
  }

  async #listen(): Promise<void> {
    const { settings } = this.#house;
    this.#listener = await HttpListener.open({
      bind: settings.bind,
      port: settings.webrtcPort,
      what: 'WebRTC (WHEP)',
      key: 'webrtc_port',
      allowMethods: 'OPTIONS, GET, POST, PATCH, DELETE',
      allowHeaders: 'Authorization, Content-Type, If-Match',
      allowOrigins: settings.allowOrigins,
      handler: (request, response, url) => this.#handle(request, response, url),
    });
  }

  private constructor(house: HouseParts) {
    this.#house = house;
  }

  get sessions(): readonly WhepSession[] {
    return [...this.#sessions.values()];
  }

  /** The UDP port that all viewers share; null: each has his own. */
  get udpPort(): number | null {
    return this.#mux?.port ?? null;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async close(): Promise<void> {
    for (const session of [...this.#sessions.values()]) session.close();
    await this.#listener?.close();
    await this.#mux?.close();
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse, url: URL): Promise<void> {
    const [, path = '', , secret] = /^\/(.+?)\/whep(\/([^/]+))?$/.exec(decodedPath(url)) ?? [];
    if (path === '') throw new HttpFailure(404, 'not found');
    if (secret !== undefined) {
      await this.#handleSession(request, response, secret);
      return;
    }
    if (request.method !== 'OPTIONS' && request.method !== 'POST') throw new HttpFailure(405, 'method not allowed');
    await demandAccess(this.#house.doorkeeper, request, url, { action: 'read', path, protocol: 'webrtc' });
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Expose-Headers', 'Accept-Post, Link');
      response.setHeader('Accept-Post', 'application/sdp');
      response.writeHead(204).end();
    } else {
      await this.#openSession(request, response, path, url.search);
    }
  }

  async #openSession(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    path: string,
    query: string,
  ): Promise<void> {
    if (!/^application\/sdp\b/i.test(request.headers['content-type'] ?? '')) {
      throw new HttpFailure(400, 'invalid Content-Type: the offer must be sent as application/sdp');
    }
    const offer = await readBody(request, MAX_SDP_BYTES);
    const stream = this.#house.paths.stream(path);
    if (!stream) throw noStream(path);
    if (stream.track.codec !== 'h264') {
      throw new HttpFailure(
        400,
        `the stream on path '${path}' is ${stream.track.encoding}, which browsers do not play over WebRTC: set the camera to H.264, or play it over HLS`,
      );
    }
    if (!/^m=video /m.test(offer) || !/^a=rtpmap:\d+ H264\/90000/im.test(offer)) {
      throw new HttpFailure(400, 'the offer has no video section with H264: codecs not supported by client');
    }
    if (offer.split('\na=candidate:').length > MAX_OFFERED_CANDIDATES + 1) {
      throw new HttpFailure(400, `the offer has more than ${MAX_OFFERED_CANDIDATES} candidates`);
    }
    if (offer.split('\nm=').length > MAX_SECTIONS + 1) {
      throw new HttpFailure(400, `the offer has more than ${MAX_SECTIONS} sections`);
    }
    const { additionalHosts, maxViewers, webrtcUdpPorts } = this.#house.settings;
    if (this.#sessions.size + this.#opening.size >= maxViewers) throw comeAgain(503, 'too many readers', RETRY_S.full);
    const opening = { client: clientOf(request) };
    if (this.#connecting(opening.client) >= Math.max(4, CONNECTING_SHARE * maxViewers)) {
      throw comeAgain(503, 'too many sessions of yours are connecting', RETRY_S.connecting);
    }
    this.#opening.add(opening);
    const opened = await WhepSession.open({
      stream,
      offer,
      additionalHosts,
      udpPorts: webrtcUdpPorts,
      mux: this.#mux,
      query: query.replace(/^\?/, ''),
      client: opening.client,
      remoteAddress: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
      onClosed: (session) => this.#onClosed(session, path),
    })
      .catch((cause: unknown) => {
        throw new HttpFailure(400, `the offer cannot be answered: ${cause instanceof Error ? cause.message : cause}`);
      })
      .finally(() => {
        this.#opening.delete(opening);
      });
    const { session, answer } = opened;
    if (stream.isClosed) session.close();
    if (stream.isClosed) throw noStream(path);
    if (session.isClosed) throw new HttpFailure(400, 'the offer cannot be answered: it leads to no connection');
    this.#sessions.set(session.secret, session);
    this.#house.log('info', 'viewer', { path, viewers: this.#sessions.size });
    response.writeHead(201, {
      'Content-Type': 'application/sdp',
      'Access-Control-Expose-Headers': EXPOSED,
      ETag: '*',
      ID: session.id,
      'Accept-Patch': 'application/trickle-ice-sdpfrag',
      Location: `/${path.split('/').map(encodeURIComponent).join('/')}/whep/${session.secret}${query}`,
    });
    response.end(answer);
  }

  async #handleSession(request: http.IncomingMessage, response: http.ServerResponse, secret: string): Promise<void> {
    if (!UUID.test(secret)) throw new HttpFailure(400, 'invalid secret');
    const session = this.#sessions.get(secret.toLowerCase());
    if (!session) throw new HttpFailure(404, 'session not found');
    if (request.method === 'DELETE') {
      session.close();
      sendJson(response, 200, { status: 'ok' });
    } else if (request.method === 'PATCH') {
      if (!/^application\/trickle-ice-sdpfrag\b/i.test(request.headers['content-type'] ?? '')) {
        throw new HttpFailure(400, 'invalid Content-Type: candidates must be sent as application/trickle-ice-sdpfrag');
      }
      const fragment = await readBody(request, MAX_SDP_BYTES);
      if (session.isRestart(fragment)) {
        // RFC 9725 §4.3.1: a server that knows trickling alone says so, and the viewer opens another session.
        throw new HttpFailure(422, 'ICE is not restarted: leave this session and open another');
      }
      addCandidates(session, fragment);
      response.writeHead(204).end();
    } else {
      throw new HttpFailure(405, 'method not allowed');
    }
  }

  #connecting(client: string | null): number {
    if (client === null) return 0;
    const begun = [...this.#opening, ...this.sessions.filter(({ isConnected }) => !isConnected)];
    return begun.filter((each) => each.client === client).length;
  }

  #onClosed(session: WhepSession, path: string): void {
    if (this.#sessions.delete(session.secret))
      this.#house.log('info', 'viewer gone', { path, viewers: this.#sessions.size });
  }
}

function noStream(path: string): HttpFailure {
  return comeAgain(404, `no stream is available on path '${path}'`, RETRY_S.noStream);
}

function comeAgain(status: number, message: string, afterS: number): HttpFailure {
  return new HttpFailure(status, message, {
    'Retry-After': String(afterS),
    'Access-Control-Expose-Headers': 'Retry-After',
  });
}

/** RFC 8840: `a=mid:` says to which section the candidates after it belong. */
function addCandidates(session: WhepSession, fragment: string): void {
  let mid: string | null = null;
  for (const line of fragment.split(/\r?\n/).slice(0, 500)) {
    if (line.startsWith('a=mid:')) mid = line.slice('a=mid:'.length).trim();
    else if (line.startsWith('a=candidate:')) session.addCandidate(line.slice('a='.length), mid);
  }
}
