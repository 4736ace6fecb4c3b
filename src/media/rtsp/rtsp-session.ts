/**
 * One RTSP session that plays the video track over interleaved TCP: raw RTP and RTCP packets as they come. The decoder room uses
 * it through `RtspClient`, the hub's pull source directly. Other tracks are left alone.
 */
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import type { Connect } from './connect.ts';
import { parseRtspAddress } from './rtsp-address.ts';
import { RtspConnection } from './rtsp-connection.ts';
import * as failure from './rtsp-failure.ts';
import { headerOf, type RtspResponse } from './rtsp-message.ts';
import { parseSdp, type VideoTrack } from './sdp.ts';

export interface RtspSessionOptions {
  /** rtsp:// or rtsps://, credentials percent-encoded in it. */
  readonly url: string;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  readonly connect?: Connect;
  readonly cnonce?: () => string;
  /** Ends the session, also while it is being opened. */
  readonly signal?: AbortSignal;
  /** A packet of the video track; a view of received bytes. */
  onRtp(packet: Buffer): void;
  onRtcp?(packet: Buffer): void;
  /** Once, after the session was open: it is over. null when we closed it. */
  onClosed(error: StopsignError | null): void;
}

const DEFAULT_SESSION_TIMEOUT_S = 60;
const SESSION_NOT_FOUND = 454;
/** Packets that came together with the answer to PLAY, before anybody could listen. */
const MAX_EARLY_PACKETS = 1_000;

export class RtspSession {
  readonly track: VideoTrack;
  readonly codec: VideoCodec;
  /** For messages: host, port and path, no credentials. */
  readonly label: string;
  readonly #connection: RtspConnection;
  readonly #url: string;
  readonly #id: string;
  #keepAlive: NodeJS.Timeout | undefined;

  /**
   * Connects and goes all the way to PLAY. Packets may arrive before the promise resolves: they are delivered after.
   * @throws StopsignError BAD_CONFIG, STREAM_UNAVAILABLE, STREAM_UNAUTHORIZED
   */
  static async open(options: RtspSessionOptions): Promise<RtspSession> {
    const address = parseRtspAddress(options.url);
    const channels = { rtp: 0, rtcp: 1 };
    let session: RtspSession | null = null;
    let isFlowing = false;
    const early: [channel: number, payload: Buffer][] = [];
    const deliver = (channel: number, payload: Buffer) => {
      if (channel === channels.rtp) options.onRtp(payload);
      else if (channel === channels.rtcp) options.onRtcp?.(payload);
    };
    // While it is being opened an abort breaks the connection; afterwards it says goodbye.
    const opening = new AbortController();
    const onAbort = () => (session ? void session.close() : opening.abort());
    const unlisten = () => options.signal?.removeEventListener('abort', onAbort);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    const connection = await RtspConnection.open({
      ...options,
      signal: opening.signal,
      address,
      onFrame: (channel, payload) => {
        if (isFlowing) deliver(channel, payload);
        else if (early.length < MAX_EARLY_PACKETS) early.push([channel, payload]);
      },
      onClosed: (error) => {
        unlisten();
        if (session === null) return;
        clearInterval(session.#keepAlive);
        options.onClosed(error);
      },
    }).catch((cause: unknown) => {
      unlisten();
      throw cause;
    });
    try {
      // A camera that refuses OPTIONS may still play, so its status does not matter.
      const methods = headerOf(await connection.ask('OPTIONS', address.url), 'public') ?? '';
      const description = await connection.request('DESCRIBE', address.url, { Accept: 'application/sdp' });
      const base = headerOf(description, 'content-base') ?? headerOf(description, 'content-location') ?? address.url;
      const track = parseSdp(description.body).video;
      if (!track) throw failure.noVideoTrack(address.label);
      if (track.codec === null) throw failure.unsupportedCodec(address.label, track.encoding);
      const setup = await connection.request('SETUP', controlUrl(base, track.control), {
        Transport: `RTP/AVP/TCP;unicast;interleaved=${channels.rtp}-${channels.rtcp}`,
      });
      const { id, timeoutS } = readSession(setup, address.label);
      Object.assign(channels, readChannels(setup));
      await connection.request('PLAY', base, { Session: id, Range: 'npt=0.000-' });
      session = new RtspSession(connection, { track, codec: track.codec, label: address.label, url: base, id });
      session.#startKeepAlive((timeoutS * 1000) / 2, /GET_PARAMETER/i.test(methods) ? 'GET_PARAMETER' : 'OPTIONS');
      // After the caller has seen the session.
      setImmediate(() => {
        isFlowing = true;
        for (const [channel, payload] of early.splice(0)) deliver(channel, payload);
      });
      return session;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(
    connection: RtspConnection,
    facts: { track: VideoTrack; codec: VideoCodec; label: string; url: string; id: string },
  ) {
    this.#connection = connection;
    this.track = facts.track;
    this.codec = facts.codec;
    this.label = facts.label;
    this.#url = facts.url;
    this.#id = facts.id;
  }

  /** Ends the session as broken; `onClosed` gets the error. */
  fail(error: StopsignError): void {
    this.#connection.fail(error);
  }

  async close(): Promise<void> {
    clearInterval(this.#keepAlive);
    await this.#connection.close({ method: 'TEARDOWN', url: this.#url, headers: { Session: this.#id } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #startKeepAlive(everyMs: number, method: string): void {
    const beat = async () => {
      // Cameras that do not answer while they stream are left in peace: the read timeout guards the stream. But a session that
      // the camera does not know any more, or a login it has withdrawn, will not come back.
      try {
        const { status, reason } = await this.#connection.ask(method, this.#url, { Session: this.#id });
        if (status === SESSION_NOT_FOUND) this.fail(failure.requestRefused(this.label, method, status, reason));
      } catch (cause) {
        const error = StopsignError.from(cause);
        if (error.code === 'STREAM_UNAUTHORIZED') this.fail(error);
      }
    };
    this.#keepAlive = setInterval(beat, Math.max(everyMs, 1_000));
  }
}

/** RFC 2326 §C.1.1, as cameras really do it: relative controls are appended to the base, query and all. */
function controlUrl(base: string, control: string): string {
  if (control === '' || control === '*') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  return `${base}${base.endsWith('/') ? '' : '/'}${control.replace(/^\//, '')}`;
}

function readSession(setup: RtspResponse, label: string): { id: string; timeoutS: number } {
  const header = headerOf(setup, 'session');
  const id = header?.split(';')[0]?.trim();
  if (!id) throw failure.badAnswer(label, 'SETUP');
  const timeout = /timeout=(\d{1,5})/i.exec(header ?? '')?.[1];
  return { id, timeoutS: Math.max(Number(timeout ?? DEFAULT_SESSION_TIMEOUT_S), 2) };
}

function readChannels(setup: RtspResponse): { rtp: number; rtcp: number } | null {
  const match = /interleaved=(\d{1,3})(?:-(\d{1,3}))?/.exec(headerOf(setup, 'transport') ?? '');
  if (!match) return null;
  const rtp = Number(match[1]);
  return { rtp, rtcp: match[2] === undefined ? rtp + 1 : Number(match[2]) };
}
