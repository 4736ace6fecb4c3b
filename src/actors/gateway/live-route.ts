/**
 * `/ws/metadata?camera=NAME`: opens, checks and closes the viewers' WebSockets and hands them to their camera's channel.
 * A refusal is a close code with a sentence, because a browser cannot see a refused upgrade's status. Gateway's thread.
 */
import type { TemplatedApp, WebSocket } from 'uWebSockets.js';
import { z } from 'zod';
import { encodeRecord } from '../../rpc/records.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Gatekeeper } from './access.ts';
import type { CameraChannel } from './camera-channel.ts';
import { headersOf } from './exchange.ts';
import { isForeignPage } from './foreign-page.ts';
import { LiveClient } from './live-client.ts';
import { OpenConnections } from './open-connections.ts';
import type { LiveSocket } from './ports.ts';
import { remoteAddress } from './remote-address.ts';
import { TokenBuckets } from './token-bucket.ts';

const MAX_MESSAGE_BYTES = 4 * 1024;
/** Above what the live client lets wait: the last line of defence. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_CONNECTIONS_PER_ADDRESS = 32;
const MAX_CONNECTIONS = 1_000;
const MESSAGES = { perSecond: 100, burst: 200 };

const FOREIGN = [
  4403,
  'This page belongs to another host. Set gateway.allow_origins, or let the proxy pass the Host header on.',
] as const;

const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping'), t0: z.number() }),
  z.object({ type: z.literal('painted'), frame: z.number(), at: z.number() }),
]);

interface Connection {
  readonly address: string;
  readonly messages: TokenBuckets;
  readonly refusal: readonly [code: number, reason: string] | null;
  readonly channel: CameraChannel | null;
  client: LiveClient | null;
}

export interface LiveRouteOptions {
  readonly channels: ReadonlyMap<string, CameraChannel>;
  readonly gatekeeper: Gatekeeper;
  readonly clock: Clock;
  /** Other origins whose pages may listen; see foreign-page.ts. */
  readonly allowOrigins: readonly string[];
}

export class LiveRoute {
  private readonly options: LiveRouteOptions;
  private readonly connections = new OpenConnections(MAX_CONNECTIONS_PER_ADDRESS, MAX_CONNECTIONS);

  constructor(options: LiveRouteOptions) {
    this.options = options;
  }

  mount(app: TemplatedApp): void {
    app.ws<Connection>('/ws/metadata', {
      maxPayloadLength: MAX_MESSAGE_BYTES,
      maxBackpressure: MAX_WAITING_BYTES,
      // Our own pings measure whether a viewer keeps up; this ends a peer that vanished without a word.
      idleTimeout: 32,
      sendPingsAutomatically: false,
      upgrade: (res, req, context) => {
        const headers = headersOf(req);
        const address = remoteAddress(res.getRemoteAddressAsText(), headers.get('x-forwarded-for'));
        const camera = req.getQuery('camera') ?? '';
        const channel = this.options.channels.get(camera) ?? null;
        const { mayView } = this.options.gatekeeper.check({
          cookie: headers.get('cookie'),
          authorization: headers.get('authorization'),
          queryToken: req.getQuery('token') ?? null,
          address,
        });
        const handshake = {
          origin: headers.get('origin'),
          host: headers.get('host'),
          forwardedHost: headers.get('x-forwarded-host'),
          peer: res.getRemoteAddressAsText(),
        };
        const refusal = isForeignPage(handshake, this.options.allowOrigins)
          ? FOREIGN
          : this.refusal(address, mayView, camera, channel);
        const connection: Connection = {
          address,
          channel,
          refusal,
          messages: new TokenBuckets(MESSAGES),
          client: null,
        };
        res.upgrade(
          connection,
          req.getHeader('sec-websocket-key'),
          req.getHeader('sec-websocket-protocol'),
          req.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (ws) => this.open(ws),
      message: (ws, message, isBinary) => this.message(ws, message, isBinary),
      drain: (ws) => ws.getUserData().client?.onDrain(),
      pong: (ws) => ws.getUserData().client?.onPong(),
      close: (ws) => this.close(ws.getUserData()),
    });
  }

  private refusal(
    address: string,
    mayView: boolean,
    camera: string,
    channel: CameraChannel | null,
  ): readonly [number, string] | null {
    if (!mayView) return [4401, 'Viewing needs the token: log in first.'];
    if (!channel) return [4404, `There is no camera named ${camera.slice(0, 40)}.`];
    if (this.connections.isFull(address)) {
      return [
        4429,
        `More than ${MAX_CONNECTIONS_PER_ADDRESS} connections from one address, or ${MAX_CONNECTIONS} in all.`,
      ];
    }
    return null;
  }

  private open(ws: WebSocket<Connection>): void {
    const connection = ws.getUserData();
    const { address, refusal, channel } = connection;
    this.connections.add(address);
    if (refusal || !channel) {
      ws.end(...(refusal ?? ([4404, 'There is no such camera.'] as const)));
      return;
    }
    connection.client = new LiveClient(liveSocket(ws));
    channel.join(connection.client);
  }

  private close({ address, channel, client }: Connection): void {
    this.connections.remove(address);
    if (client) channel?.leave(client);
  }

  private message(ws: WebSocket<Connection>, message: ArrayBuffer, isBinary: boolean): void {
    const { channel, client, messages } = ws.getUserData();
    if (!channel || !client) return;
    const nowUs = this.options.clock.nowUs();
    const parsed = isBinary ? null : clientMessage.safeParse(parseJson(message));
    if (!messages.tryTake('', nowUs / 1000)) ws.end(4429, 'Too many messages.');
    else if (!parsed?.success) ws.end(4400, 'This is not a message of the live metadata protocol.');
    else if (parsed.data.type === 'painted') channel.painted(parsed.data.frame, parsed.data.at, nowUs);
    else client.offer(encodeRecord({ v: 1, type: 'pong', t0: parsed.data.t0, t1: nowUs / 1000 }));
  }
}

function liveSocket(ws: WebSocket<Connection>): LiveSocket {
  return {
    send: (message) => void ws.send(message, false),
    bufferedBytes: () => ws.getBufferedAmount(),
    ping: () => void ws.ping(),
    end: (code, reason) => ws.end(code, reason),
  };
}

function parseJson(message: ArrayBuffer): unknown {
  try {
    return JSON.parse(Buffer.from(message).toString('utf8'));
  } catch {
    return null;
  }
}
