/**
 * One RTSP connection seen from the client: requests with their answers, authentication, binary frames. Knows nothing of what a
 * session is (`rtsp-session.ts` does). Runs on the loop of whoever opened it; every wait is bounded.
 */
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { StopsignError } from '../../errors.ts';
import { type Authenticator, parseChallenges } from './auth.ts';
import { type Connect, connectTcp } from './connect.ts';
import { InterleavedParser } from './interleaved.ts';
import type { RtspAddress } from './rtsp-address.ts';
import * as failure from './rtsp-failure.ts';
import { formatRequest, formatResponse, headerOf, type RtspMessage, type RtspResponse } from './rtsp-message.ts';

export interface RtspConnectionOptions {
  readonly address: RtspAddress;
  readonly connect?: Connect;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** The connection is broken when nothing at all comes for this long. */
  readonly readTimeoutMs?: number;
  readonly authenticator: Authenticator;
  readonly signal?: AbortSignal;
  onFrame(channel: number, payload: Buffer): void;
  /** The other side asks us to go elsewhere (REDIRECT, RFC 2326 §10.10). */
  onRedirect(location: string): void;
  /** Once, when the connection is gone; null when we closed it. */
  onClosed(error: StopsignError | null): void;
}

interface Pending {
  readonly cseq: string;
  readonly resolve: (response: RtspResponse) => void;
  readonly reject: (error: StopsignError) => void;
}

/** TEARDOWN gets this long to be sent before the socket is destroyed. */
const FAREWELL_MS = 300;
/** A camera that finds fault with every answer to its challenges would go on for ever. */
const MAX_CHALLENGES = 4;
/** Somebody who asks us and does not read the answers. */
const MAX_UNREAD_BYTES = 64 * 1024;

export class RtspConnection {
  readonly #options: RtspConnectionOptions;
  readonly #where: string;
  readonly #socket: Duplex;
  readonly #parser: InterleavedParser;
  readonly #authenticator: Authenticator;
  readonly #pending = new Map<string, Pending>();
  readonly #requestTimeoutMs: number;
  readonly #readTimer: NodeJS.Timeout;
  readonly #closed: Promise<void>;
  #cseq = 0;
  #error: StopsignError | null = null;
  #isClosing = false;

  /** @throws StopsignError STREAM_UNAVAILABLE */
  static async open(options: RtspConnectionOptions): Promise<RtspConnection> {
    const { address, connect = connectTcp, connectTimeoutMs = 5_000 } = options;
    const timeout = AbortSignal.timeout(connectTimeoutMs);
    const connectSignal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    try {
      const abort = new AbortController();
      const onAbort = () => abort.abort();
      connectSignal.addEventListener('abort', onAbort, { once: true });
      if (connectSignal.aborted) onAbort();
      const socket = await connect(address, abort.signal).finally(() =>
        connectSignal.removeEventListener('abort', onAbort),
      );
      return new RtspConnection(socket, options);
    } catch (cause) {
      if (options.signal?.aborted) throw failure.sessionAborted(address.label);
      if (timeout.aborted) throw failure.connectTimedOut(address.label, connectTimeoutMs);
      throw failure.connectionFailed(address.label, cause);
    }
  }

  private constructor(socket: Duplex, options: RtspConnectionOptions) {
    this.#options = options;
    this.#where = options.address.label;
    this.#socket = socket;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 5_000;
    this.#authenticator = options.authenticator;
    this.#parser = new InterleavedParser({
      onFrame: (channel, payload) => options.onFrame(channel, payload),
      onMessage: (message) => this.#onMessage(message),
    });
    const readTimeoutMs = options.readTimeoutMs ?? 10_000;
    this.#readTimer = setTimeout(() => this.fail(failure.readStalled(this.#where, readTimeoutMs)), readTimeoutMs);
    const onAbort = () => this.fail(failure.sessionAborted(this.#where));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        options.signal?.removeEventListener('abort', onAbort);
        clearTimeout(this.#readTimer);
        this.#onSocketClosed();
        resolve();
      });
    });
    socket.on('error', (cause) => {
      this.#error ??= failure.connectionFailed(this.#where, cause);
    });
    // The other side has ended: a half-open connection is of no use.
    socket.on('end', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.#readTimer.refresh();
      const fault = this.#parser.push(chunk);
      if (fault) this.fail(failure.framingBroken(this.#where, fault));
    });
    if (options.signal?.aborted) onAbort();
  }

  /**
   * Sends a request and gives the answer with status 200.
   * @throws StopsignError STREAM_UNAUTHORIZED, STREAM_UNAVAILABLE
   */
  async request(method: string, url: string, headers: Readonly<Record<string, string>> = {}): Promise<RtspResponse> {
    const response = await this.ask(method, url, headers);
    if (response.status === 200) return response;
    throw failure.requestRefused(this.#where, method, response.status, response.reason);
  }

  /**
   * Sends a request and gives the answer, whatever its status; only 401 is dealt with here.
   * @throws StopsignError STREAM_UNAUTHORIZED, STREAM_UNAVAILABLE
   */
  async ask(method: string, url: string, headers: Readonly<Record<string, string>> = {}): Promise<RtspResponse> {
    for (let challenges = 0; ; challenges += 1) {
      const response = await this.#exchange(method, url, headers);
      if (response.status !== 401) {
        this.#authenticator.confirm();
        return response;
      }
      const verdict =
        challenges < MAX_CHALLENGES
          ? this.#authenticator.accept(parseChallenges(response.headers.get('www-authenticate') ?? []))
          : 'refused';
      if (verdict !== 'retry') throw failure.unauthorized(this.#where, verdict);
    }
  }

  /** IP address of the other side; null when the connection is not a socket of the network. */
  get remoteAddress(): string | null {
    return (this.#socket as Partial<net.Socket>).remoteAddress ?? null;
  }

  /** Something came from the other side by another way: the connection is not idle. */
  touch(): void {
    this.#readTimer.refresh();
  }

  /** Breaks the connection; `onClosed` gets the error. */
  fail(error: StopsignError): void {
    if (this.#isClosing) return;
    this.#error ??= error;
    this.#parser.stop();
    this.#socket.destroy();
  }

  /** @param farewell a last request that is sent without waiting for its answer */
  async close(farewell?: { method: string; url: string; headers: Readonly<Record<string, string>> }): Promise<void> {
    if (!this.#isClosing && !this.#socket.destroyed) {
      this.#isClosing = true;
      this.#parser.stop();
      if (farewell) this.#socket.end(this.#format(farewell.method, farewell.url, farewell.headers));
      else this.#socket.destroy();
      const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_MS);
      this.#socket.once('close', () => clearTimeout(timer));
    }
    await this.#closed;
  }

  #exchange(method: string, url: string, headers: Readonly<Record<string, string>>): Promise<RtspResponse> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed || this.#isClosing) {
        reject(this.#error ?? failure.connectionClosed(this.#where));
        return;
      }
      const text = this.#format(method, url, headers);
      const cseq = String(this.#cseq);
      const timer = setTimeout(() => {
        this.#pending.delete(cseq);
        reject(failure.requestTimedOut(this.#where, method, this.#requestTimeoutMs));
      }, this.#requestTimeoutMs);
      const settle = () => {
        clearTimeout(timer);
        this.#pending.delete(cseq);
      };
      this.#pending.set(cseq, {
        cseq,
        resolve: (response) => {
          settle();
          resolve(response);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#socket.write(text);
    });
  }

  #format(method: string, url: string, headers: Readonly<Record<string, string>>): string {
    this.#cseq += 1;
    const authorization = this.#authenticator.authorize(method, url);
    return formatRequest(method, url, {
      CSeq: String(this.#cseq),
      'User-Agent': 'StopSign',
      ...(authorization ? { Authorization: authorization } : {}),
      ...headers,
    });
  }

  #onMessage(message: RtspMessage): void {
    const cseq = headerOf(message, 'cseq');
    if (message.kind === 'response') {
      // Some cameras forget CSeq: the answer is to the oldest question then.
      const key = cseq === undefined ? this.#pending.keys().next().value : String(Number(cseq));
      if (key !== undefined) this.#pending.get(key)?.resolve(message);
      return;
    }
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) {
      this.fail(failure.connectionClosed(this.#where));
      return;
    }
    const isKnown = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER', 'REDIRECT'].includes(message.method);
    const [status, reason] = isKnown ? ([200, 'OK'] as const) : ([501, 'Not Implemented'] as const);
    this.#socket.write(formatResponse(status, reason, cseq === undefined ? {} : { CSeq: cseq }));
    const location = message.method === 'REDIRECT' ? headerOf(message, 'location') : undefined;
    if (location !== undefined) this.#options.onRedirect(location);
  }

  #onSocketClosed(): void {
    const error = this.#isClosing ? null : (this.#error ?? failure.connectionClosed(this.#where));
    for (const pending of [...this.#pending.values()]) {
      pending.reject(error ?? failure.connectionClosed(this.#where));
    }
    this.#options.onClosed(error);
  }
}
