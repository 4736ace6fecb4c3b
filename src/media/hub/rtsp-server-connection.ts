/**
 * One client of the hub's RTSP server: a publisher (ANNOUNCE, SETUP, RECORD) or a reader (DESCRIBE, SETUP, PLAY), over
 * interleaved TCP only. UDP is refused with 461, and players then come back over TCP by themselves.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type net from 'node:net';
import { InterleavedParser } from '../rtsp/interleaved.ts';
import { formatResponse, headerOf, type RtspMessage, type RtspRequest } from '../rtsp/rtsp-message.ts';
import { formatSdp, parseSdp, type SessionDescription } from '../rtsp/sdp.ts';
import { type AccessRequest, placeOf, readAuthorization } from './access-request.ts';
import type { Action } from './access-settings.ts';
import type { Verdict } from './doorkeeper.ts';
import type { PathSource } from './path-table.ts';
import { RtspReader } from './rtsp-reader.ts';
import type { HouseParts } from './settings.ts';
import type { PlayableTrack, Stream } from './stream.ts';

export interface RtspServerConnectionOptions extends HouseParts {
  readonly socket: net.Socket;
}

interface Announced {
  readonly path: string;
  readonly description: SessionDescription;
  readonly track: PlayableTrack;
}

const SESSION_TIMEOUT_S = 60;
/** A client asks for one path, or two. */
const MAX_GRANTS = 16;
/** Somebody who asks and does not read the answers is sent away; more than a reader's pictures take of his socket. */
const MAX_UNREAD_BYTES = 512 * 1024;
const TRACK_CONTROL = 'trackID=0';
/** Of the one byte that names a channel (RFC 2326 §10.12). */
const MAX_CHANNEL = 255;
/** Somebody who has taken his leave gets the answer, and this long to hang up. */
const FAREWELL_MS = 500;
const PUBLIC = 'OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN';

export class RtspServerConnection {
  readonly id = randomUUID();
  readonly #options: RtspServerConnectionOptions;
  readonly #socket: net.Socket;
  readonly #session = randomBytes(8).toString('hex');
  readonly #parser: InterleavedParser;
  #channels: readonly [number, number] = [0, 1];
  #announced: Announced | null = null;
  #published: Stream | null = null;
  #reader: RtspReader | null = null;
  #idleTimer: NodeJS.Timeout;
  /** What he was let do: the action and its path. */
  readonly #granted = new Set<string>();

  constructor(options: RtspServerConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#parser = new InterleavedParser({
      onFrame: (channel, payload) => {
        if (channel === this.#channels[0]) this.#published?.publish(payload);
        else if (channel === this.#channels[1]) this.#published?.publishReports(payload);
      },
      onMessage: (message) => this.#onMessage(message),
    });
    const { socket } = options;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 15_000);
    this.#idleTimer = this.#startIdleTimer();
    socket.on('timeout', () => this.#onTimeout());
    socket.on('error', () => {});
    socket.on('close', () => this.#onClosed());
    socket.on('data', (chunk) => {
      if (this.#parser.push(chunk)) socket.destroy();
    });
  }

  /** Cuts the client off. */
  close(): void {
    this.#parser.stop();
    this.#socket.destroy();
  }

  /** However busy the connection is: it has to come to playing or publishing. */
  #startIdleTimer(): NodeJS.Timeout {
    return setTimeout(() => this.close(), this.#options.settings.idleTimeoutMs);
  }

  /** Publishers only. Readers need not say anything; a dead one shows by a socket that does not drain. */
  #onTimeout(): void {
    this.#options.log('warn', 'publisher sent nothing, cut off', { path: this.#published?.path });
    this.close();
  }

  #onClosed(): void {
    this.#parser.stop();
    clearTimeout(this.#idleTimer);
    this.#reader?.close();
    this.#reader = null;
    if (!this.#published) return;
    this.#options.log('info', 'publisher gone', { path: this.#published.path });
    this.#options.paths.end(this.#published);
    this.#published = null;
  }

  #onMessage(message: RtspMessage): void {
    if (message.kind === 'response') return;
    switch (message.method) {
      case 'OPTIONS':
        this.#reply(message, 200, 'OK', { Public: PUBLIC });
        break;
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        this.#reply(message, 200, 'OK', { Session: this.#session });
        break;
      case 'ANNOUNCE':
        this.#admit(message, 'publish', () => this.#announce(message));
        break;
      case 'DESCRIBE':
        this.#admit(message, 'read', () => this.#describe(message));
        break;
      case 'SETUP':
        this.#setup(message);
        break;
      case 'RECORD':
        this.#record(message);
        break;
      case 'PLAY':
        this.#admit(message, 'read', () => this.#play(message));
        break;
      case 'PAUSE':
        this.#pause();
        this.#reply(message, 200, 'OK', { Session: this.#session });
        break;
      case 'TEARDOWN':
        this.#reply(message, 200, 'OK', { Session: this.#session });
        this.#leave();
        break;
      default:
        this.#reply(message, 501, 'Not Implemented');
    }
  }

  #leave(): void {
    this.#onClosed();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Goes on when he may, now or as soon as it is known; nothing he sends is looked at until then. */
  #admit(request: RtspRequest, action: Action, proceed: () => void): void {
    const access = this.#accessOf(request, action);
    const grant = `${action} ${access.path}`;
    if (this.#granted.has(grant)) {
      proceed();
      return;
    }
    const enter = (verdict: Verdict): void => {
      if (verdict === 'allowed') {
        if (this.#granted.size < MAX_GRANTS) this.#granted.add(grant);
        proceed();
      } else {
        this.#reply(request, 401, 'Unauthorized', { 'WWW-Authenticate': 'Basic realm="stopsign"' });
      }
    };
    const verdict = this.#options.doorkeeper.judge(access);
    if (!(verdict instanceof Promise)) {
      enter(verdict);
      return;
    }
    this.#parser.hold();
    this.#socket.pause();
    void verdict.then((now) => {
      if (this.#socket.destroyed) return;
      enter(now);
      if (this.#parser.release()) this.#socket.destroy();
      if (!this.#parser.isHeld) this.#socket.resume();
    });
  }

  #accessOf(request: RtspRequest, action: Action): AccessRequest {
    return {
      action,
      path: pathOf(request.url),
      protocol: 'rtsp',
      credentials: readAuthorization(headerOf(request, 'authorization')),
      ...placeOf(this.#socket),
      query: /\?([^#]*)/.exec(request.url)?.[1] ?? '',
      userAgent: headerOf(request, 'user-agent') ?? '',
    };
  }

  #pause(): void {
    if (!this.#reader) return;
    this.#reader.close();
    this.#reader = null;
    this.#idleTimer = this.#startIdleTimer();
  }

  #announce(request: RtspRequest): void {
    const path = pathOf(request.url);
    const refusal = this.#options.paths.whyNotPublish(path);
    const description = parseSdp(request.body);
    const track = description.video;
    if (refusal !== null || !isPlayable(track)) {
      const reason = refusal ?? (track ? `the codec ${track.encoding} is not supported` : 'there is no video track');
      this.#options.log('warn', 'publisher refused', { path, reason });
      this.#reply(request, 400, 'Bad Request');
      return;
    }
    this.#announced = { path, description, track };
    this.#reply(request, 200, 'OK');
  }

  #describe(request: RtspRequest): void {
    const stream = this.#options.paths.stream(pathOf(request.url));
    if (!stream) {
      this.#reply(request, 404, 'Not Found');
      return;
    }
    const headers = { 'Content-Type': 'application/sdp', 'Content-Base': withSlash(request.url) };
    this.#reply(request, 200, 'OK', headers, formatSdp(stream.track, TRACK_CONTROL));
  }

  #setup(request: RtspRequest): void {
    const transport = headerOf(request, 'transport') ?? '';
    if (!/RTP\/AVP\/TCP/i.test(transport)) {
      this.#reply(request, 461, 'Unsupported Transport');
      return;
    }
    const match = /interleaved=(\d{1,3})-(\d{1,3})/.exec(transport);
    const channels = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 1)] as const;
    if (Math.max(...channels) > MAX_CHANNEL) {
      this.#reply(request, 400, 'Bad Request');
      return;
    }
    // A publisher may set up more tracks than the one we keep; what comes on their channels is left out.
    if (!this.#announced || isControlOf(this.#announced.track.control, request.url)) this.#channels = channels;
    const mode = this.#announced ? ';mode=record' : '';
    this.#reply(request, 200, 'OK', {
      Transport: `RTP/AVP/TCP;unicast;interleaved=${channels[0]}-${channels[1]}${mode}`,
      Session: `${this.#session};timeout=${SESSION_TIMEOUT_S}`,
    });
  }

  #record(request: RtspRequest): void {
    const announced = this.#announced;
    if (!announced || this.#published) {
      this.#reply(request, 455, 'Method Not Valid in This State');
      return;
    }
    const refusal = this.#options.paths.whyNotPublish(announced.path);
    if (refusal !== null) {
      this.#reply(request, 400, 'Bad Request');
      return;
    }
    const source: PathSource = { type: 'rtspSession', id: this.id, close: () => this.close() };
    this.#published = this.#options.paths.open(announced.path, announced.track, source);
    clearTimeout(this.#idleTimer);
    this.#socket.setTimeout(this.#options.settings.publisherTimeoutMs);
    this.#options.log('info', 'publishing', { path: announced.path, codec: announced.track.encoding });
    this.#reply(request, 200, 'OK', { Session: this.#session });
  }

  #play(request: RtspRequest): void {
    const stream = this.#options.paths.stream(pathOf(request.url));
    if (!stream) {
      this.#reply(request, 404, 'Not Found');
      return;
    }
    // RTP-Info is left out: it would have to promise the timestamp of a packet that has not come yet.
    this.#reply(request, 200, 'OK', { Session: this.#session, Range: 'npt=0-' });
    if (this.#reader) return;
    clearTimeout(this.#idleTimer);
    const { maxBacklogBytes, readerTimeoutMs } = this.#options.settings;
    this.#reader = new RtspReader({
      id: this.id,
      stream,
      socket: this.#socket,
      channels: this.#channels,
      maxBacklogBytes,
      timeoutMs: readerTimeoutMs,
      onSlow: () => this.#options.log('warn', 'reader is too slow, pictures are left out', { path: stream.path }),
      onEnd: (reason) => {
        if (reason === 'takes nothing')
          this.#options.log('warn', 'reader takes nothing, cut off', { path: stream.path });
        this.close();
      },
    });
  }

  #reply(
    request: RtspRequest,
    status: number,
    reason: string,
    headers: Readonly<Record<string, string>> = {},
    body = '',
  ): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) {
      this.close();
      return;
    }
    const cseq = headerOf(request, 'cseq');
    const common = { ...(cseq === undefined ? {} : { CSeq: cseq }), Server: 'StopSign' };
    this.#socket.write(formatResponse(status, reason, { ...common, ...headers }, body));
  }
}

function isPlayable(track: SessionDescription['video']): track is PlayableTrack {
  return track !== null && track.codec !== null;
}

/** The path in the hub: without slashes at the ends, query, and the track's control. */
function pathOf(url: string): string {
  const path = /^rtsps?:\/\/[^/?#]*\/?([^?#]*)/i.exec(url)?.[1] ?? '';
  const name = path.replace(/\/?(?:trackID|streamid)=\d+$/i, '').replace(/\/+$/, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isControlOf(control: string, url: string): boolean {
  return control === '' || control === '*' || url === control || url.endsWith(`/${control}`);
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
