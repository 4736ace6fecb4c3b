/**
 * The WebSocket of one camera: opens, keeps the clock, notices silence, and comes back by itself with growing, jittered
 * delays. Called by camera-feed.ts; messages arrive parsed.
 */
import type { ClientMessage, ServerMessage } from '../../rpc/live.ts';
import { backoffMs } from './backoff.ts';
import { parseMessage } from './parse-message.ts';
import { browserUtcMs, ServerClock } from './server-clock.ts';

export type SocketState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** `retryAtMs` on the performance clock. */
  | { readonly kind: 'waiting'; readonly retryAtMs: number };

export interface LiveSocketOptions {
  readonly url: string;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState: (state: SocketState) => void;
  readonly createSocket?: (url: string) => WebSocket;
  readonly random?: () => number;
}

/** The server says something each second; five without a word means the way is dead. */
const SILENCE_MS = 5_000;
const PING_MS = 5_000;
const PING_BURST = 4;
const BACKOFF = { baseMs: 500, maxMs: 15_000, jitter: 0.5 };

export class LiveSocket {
  readonly clock = new ServerClock();
  /** Messages that were not understood. */
  ignored = 0;
  private readonly options: LiveSocketOptions;
  private socket: WebSocket | null = null;
  private failures = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(options: LiveSocketOptions) {
    this.options = options;
    this.open();
  }

  /** Dropped while not connected: nothing the page says is worth keeping for later. */
  send(message: ClientMessage): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  /** A person pressed "retry now", or the machine is online again. */
  retryNow(): void {
    if (this.isClosed || this.socket) return;
    this.open();
  }

  close(): void {
    this.isClosed = true;
    this.stopTimers();
    this.socket?.close();
    this.socket = null;
  }

  private open(): void {
    this.stopTimers();
    this.options.onState({ kind: 'connecting' });
    const socket = this.options.createSocket?.(this.options.url) ?? new WebSocket(this.options.url);
    this.socket = socket;
    this.listenForSilence(socket);
    socket.onopen = () => {
      this.options.onState({ kind: 'open' });
      this.ping(PING_BURST);
    };
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return;
      this.listenForSilence(socket);
      this.receive(String(data));
    };
    socket.onclose = () => this.lost(socket);
  }

  private receive(text: string): void {
    const message = parseMessage(text);
    if (!message) {
      this.ignored++;
      return;
    }
    // A connection that only opens does not count as success: a proxy may accept for a server that is gone.
    this.failures = 0;
    if (message.type === 'pong') this.clock.add(message.t0, message.t1, browserUtcMs());
    this.options.onMessage(message);
  }

  private lost(socket: WebSocket): void {
    if (this.isClosed || this.socket !== socket) return;
    this.socket = null;
    this.stopTimers();
    const random = this.options.random ?? Math.random;
    const delay = backoffMs(this.failures++, { ...BACKOFF, random });
    this.options.onState({ kind: 'waiting', retryAtMs: performance.now() + delay });
    this.retryTimer = setTimeout(() => this.open(), delay);
  }

  private listenForSilence(socket: WebSocket): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      socket.close();
      // `close` may take its own time when the network is gone; the page does not wait for it
      this.lost(socket);
    }, SILENCE_MS);
  }

  private ping(burst: number): void {
    this.send({ type: 'ping', t0: browserUtcMs() });
    this.pingTimer = setTimeout(() => this.ping(Math.max(0, burst - 1)), burst > 1 ? 150 : PING_MS);
  }

  private stopTimers(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
  }
}
