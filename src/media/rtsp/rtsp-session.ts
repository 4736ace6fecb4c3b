/**
 * One RTSP session that plays the video track, interleaved in TCP or over UDP: raw RTP and RTCP packets as they come. The decoder
 * room uses it through `RtspClient`, the hub's pull source directly. Other tracks are left alone.
 */
import { randomBytes } from 'node:crypto';
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import { Authenticator } from './auth.ts';
import type { Connect } from './connect.ts';
import { PacketGate } from './packet-gate.ts';
import { isInward, parseRtspAddress, type RtspAddress, redirectedAddress } from './rtsp-address.ts';
import { RtspConnection } from './rtsp-connection.ts';
import * as failure from './rtsp-failure.ts';
import { demandSuccess, type ReadyToPlay, shakeHands } from './rtsp-handshake.ts';
import type { VideoTrack } from './sdp.ts';
import { UdpTransport } from './udp-transport.ts';

export type RtpTransport = 'tcp' | 'udp';

export interface RtspSessionOptions {
  /** rtsp:// or rtsps://, credentials percent-encoded in it. */
  readonly url: string;
  /** Where to begin instead: `movedTo` of the session before. */
  readonly address?: RtspAddress | null;
  /** `udp`: when no packet comes that way, the session is opened over TCP instead. Default: tcp. */
  readonly transport?: RtpTransport;
  /** So long the first packet over UDP is waited for. */
  readonly udpTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  readonly connect?: Connect;
  /** Client nonces for Digest. */
  readonly cnonce?: () => string;
  /** Ends the session, also while it is being opened. */
  readonly signal?: AbortSignal;
  /** A packet of the video track; a view of received bytes. */
  onRtp(packet: Buffer): void;
  onRtcp?(packet: Buffer): void;
  /** Once, after the session was open: it is over. null when we closed it. */
  onClosed(error: StopsignError | null): void;
}

/** What an attempt to open a session came to, when it did not fail. */
type Attempt =
  | { readonly kind: 'open'; readonly session: RtspSession }
  | { readonly kind: 'moved'; readonly location: string }
  | { readonly kind: 'no-udp' }
  | { readonly kind: 'hung-up-on-challenge' };

const SESSION_NOT_FOUND = 454;
const NOT_UNDERSTOOD = [405, 501, 551];
/** Redirects, UDP given up, a camera that hangs up when it asks for a login: each costs one attempt. */
const MAX_ATTEMPTS = 6;

export class RtspSession {
  readonly track: VideoTrack;
  readonly codec: VideoCodec;
  /** For messages: host, port and path, no credentials. */
  readonly label: string;
  /** How the packets come; `tcp` also when UDP was wished for and did not work. */
  readonly transport: RtpTransport;
  readonly #connection: RtspConnection;
  readonly #udp: UdpTransport | null;
  readonly #ready: ReadyToPlay;
  #movedTo: RtspAddress | null = null;
  #keepAlive: NodeJS.Timeout | undefined;

  /**
   * Connects and goes all the way to PLAY, wherever the camera sends us. Packets may arrive before the promise resolves: they
   * are delivered after.
   * @throws StopsignError BAD_CONFIG, STREAM_UNAVAILABLE, STREAM_UNAUTHORIZED
   */
  static async open(options: RtspSessionOptions): Promise<RtspSession> {
    const authenticatorFor = ({ credentials }: RtspAddress) =>
      new Authenticator(credentials, options.cnonce ?? (() => randomBytes(16).toString('hex')));
    const own = parseRtspAddress(options.url);
    let address = options.address ?? own;
    let authenticator = authenticatorFor(address);
    let transport = options.transport ?? 'tcp';
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
      const movedFrom = address.host === own.host ? null : own;
      const attempt = await RtspSession.#attempt(options, { address, movedFrom }, authenticator, transport);
      if (attempt.kind === 'open') return attempt.session;
      if (attempt.kind === 'no-udp') transport = 'tcp';
      if (attempt.kind === 'moved') {
        address = redirectedAddress(address, attempt.location);
        authenticator = authenticatorFor(address);
      }
    }
    throw failure.tooManyRedirects(address.label);
  }

  static async #attempt(
    options: RtspSessionOptions,
    { address, movedFrom }: { readonly address: RtspAddress; readonly movedFrom: RtspAddress | null },
    authenticator: Authenticator,
    transport: RtpTransport,
  ): Promise<Attempt> {
    const wasChallenged = authenticator.isChallenged;
    let session: RtspSession | null = null;
    let udp: UdpTransport | null = null;
    const gate = new PacketGate(options);
    let channels: readonly [rtp: number, rtcp: number] = [0, 1];
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
      authenticator,
      onFrame: (channel, payload) => {
        if (channel === channels[0]) gate.onRtp(payload);
        else if (channel === channels[1]) gate.onRtcp(payload);
      },
      onRedirect: (location) => {
        if (session) session.#onRedirect(address, location);
      },
      onClosed: (error) => {
        unlisten();
        udp?.close();
        gate.close();
        if (session === null) return;
        clearInterval(session.#keepAlive);
        options.onClosed(error);
      },
    }).catch((cause: unknown) => {
      unlisten();
      throw cause;
    });
    try {
      if (movedFrom) demandPublicPlace(movedFrom, connection, address);
      const host = transport === 'udp' ? connection.remoteAddress : null;
      if (host !== null) {
        const touched = (deliver: (packet: Buffer) => void) => (packet: Buffer) => {
          connection.touch();
          deliver(packet);
        };
        udp = await UdpTransport.open({ host, onRtp: touched(gate.onRtp), onRtcp: touched(gate.onRtcp) });
      }
      const ready = await shakeHands(connection, address, udp?.ports ?? null);
      if (ready.kind !== 'ready') {
        await connection.close();
        udp?.close();
        return ready.kind === 'moved' ? ready : { kind: 'no-udp' };
      }
      if (udp && ready.pair) udp.start(ready.pair);
      else if (ready.pair) channels = ready.pair;
      const play = await connection.ask('PLAY', ready.url, { Session: ready.id, Range: 'npt=0.000-' });
      demandSuccess(play, 'PLAY', address.label);
      if (udp && !(await gate.hasPacketWithin(options.udpTimeoutMs ?? 3_000))) {
        await connection.close({ method: 'TEARDOWN', url: ready.url, headers: { Session: ready.id } });
        udp.close();
        return { kind: 'no-udp' };
      }
      session = new RtspSession(connection, ready, udp, address.label);
      session.#startKeepAlive();
      // After the caller has seen the session.
      setImmediate(() => gate.open());
      return { kind: 'open', session };
    } catch (error) {
      await connection.close();
      // The connection may have ended before there were ports to close.
      udp?.close();
      // Some cameras hang up when they ask for a login, and let us in when we come back with it.
      if (!wasChallenged && authenticator.isChallenged && StopsignError.from(error).code === 'STREAM_UNAVAILABLE') {
        return { kind: 'hung-up-on-challenge' };
      }
      throw error;
    }
  }

  private constructor(connection: RtspConnection, ready: ReadyToPlay, udp: UdpTransport | null, label: string) {
    this.#connection = connection;
    this.#ready = ready;
    this.#udp = udp;
    this.track = ready.track;
    this.codec = ready.codec;
    this.label = label;
    this.transport = udp ? 'udp' : 'tcp';
  }

  /** Where the camera wants to be asked next; null unless it has ended the session with REDIRECT. */
  get movedTo(): RtspAddress | null {
    return this.#movedTo;
  }

  /** Ends the session as broken; `onClosed` gets the error. */
  fail(error: StopsignError): void {
    this.#connection.fail(error);
  }

  async close(): Promise<void> {
    clearInterval(this.#keepAlive);
    this.#udp?.close();
    const { url, id } = this.#ready;
    await this.#connection.close({ method: 'TEARDOWN', url, headers: { Session: id } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onRedirect(from: RtspAddress, location: string): void {
    try {
      this.#movedTo = redirectedAddress(from, location);
      this.fail(failure.redirected(this.label));
    } catch (cause) {
      this.fail(StopsignError.from(cause));
    }
  }

  #startKeepAlive(): void {
    const { url, id, timeoutS } = this.#ready;
    let method = this.#ready.keepAlive;
    const beat = async () => {
      // Cameras that do not answer while they stream are left in peace: the read timeout guards the stream. But a session that
      // the camera does not know any more, or a login it has withdrawn, will not come back.
      try {
        const { status, reason } = await this.#connection.ask(method, url, { Session: id });
        if (NOT_UNDERSTOOD.includes(status)) method = 'OPTIONS';
        if (status === SESSION_NOT_FOUND) this.fail(failure.requestRefused(this.label, method, status, reason));
      } catch (cause) {
        const error = StopsignError.from(cause);
        if (error.code === 'STREAM_UNAUTHORIZED') this.fail(error);
      }
    };
    this.#keepAlive = setInterval(beat, Math.max((timeoutS * 1000) / 2, 1_000));
  }
}

/**
 * A camera may send us to another host, but not to what only this machine can reach: its own services, or a cloud's metadata.
 * Judged by the address that was connected to, before anything is said: a name may stand for any.
 * @throws StopsignError STREAM_UNAVAILABLE
 */
function demandPublicPlace(from: RtspAddress, connection: RtspConnection, to: RtspAddress): void {
  if (isInward(connection.remoteAddress ?? to.host) && !isInward(from.host)) throw failure.redirectedInward(from.label);
}
