/** A small HTTP server with MediaMTX's manners: CORS for everybody, errors as JSON. WHEP, HLS and the control API use one each. */
import http from 'node:http';
import { StopsignError } from '../../errors.ts';
import { httpAccess } from './access-request.ts';
import type { Action } from './access-settings.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { listen } from './listen.ts';

export type HttpHandler = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  url: URL,
) => Promise<void> | void;

/** An answer other than success, thrown by handlers. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export interface HttpListenerOptions {
  readonly bind: string;
  readonly port: number;
  /** For the message when the port is taken. */
  readonly what: string;
  readonly key: string;
  readonly allowMethods: string;
  readonly allowHeaders: string;
  /** Origins whose pages may ask; `*`: every page. */
  readonly allowOrigins: readonly string[];
  readonly handler: HttpHandler;
}

const MAX_CONNECTIONS = 512;

export class HttpListener {
  readonly port: number;
  readonly #server: http.Server;

  /** @throws StopsignError PORT_TAKEN, BAD_CONFIG */
  static async open(options: HttpListenerOptions): Promise<HttpListener> {
    const server = http.createServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
      void answer(options, request, response);
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.requestTimeout = 30_000;
    server.headersTimeout = 10_000;
    // Also of somebody who does not read his answer.
    server.timeout = 60_000;
    return new HttpListener(server, await listen(server, options.bind, options.port, options.what, options.key));
  }

  private constructor(server: http.Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answer(
  options: HttpListenerOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  response.on('error', () => {});
  allowOrigin(options.allowOrigins, request, response);
  response.setHeader('Server', 'StopSign');
  try {
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      response.setHeader('Access-Control-Allow-Methods', options.allowMethods);
      response.setHeader('Access-Control-Allow-Headers', options.allowHeaders);
      response.writeHead(204).end();
      return;
    }
    await options.handler(request, response, parseTarget(request.url ?? '/'));
  } catch (cause) {
    const failure = toFailure(cause);
    if (response.headersSent) response.destroy();
    else sendJson(response, failure.status, { status: 'error', error: failure.message }, failure.headers);
  }
}

function allowOrigin(allowed: readonly string[], request: http.IncomingMessage, response: http.ServerResponse): void {
  if (allowed.includes('*')) {
    response.setHeader('Access-Control-Allow-Origin', '*');
    return;
  }
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin !== undefined && allowed.includes(origin)) response.setHeader('Access-Control-Allow-Origin', origin);
}

/** @throws HttpFailure 401 unless the doorkeeper lets him */
export async function demandAccess(
  doorkeeper: Doorkeeper,
  request: http.IncomingMessage,
  url: URL,
  wish: { readonly action: Action; readonly path: string; readonly protocol: 'webrtc' | 'hls' | '' },
): Promise<void> {
  const verdict = await doorkeeper.judge(httpAccess(request, wish, url));
  if (verdict === 'allowed') return;
  throw new HttpFailure(401, 'authentication error', { 'WWW-Authenticate': 'Basic realm="stopsign"' });
}

function toFailure(cause: unknown): HttpFailure {
  if (cause instanceof HttpFailure) return cause;
  const error = StopsignError.from(cause);
  return new HttpFailure(500, error.remedy ? `${error.message} ${error.remedy}` : error.message);
}

function parseTarget(target: string): URL {
  try {
    return new URL(target, 'http://hub');
  } catch {
    throw new HttpFailure(400, 'invalid URL');
  }
}

/** The path of a URL with its escapes resolved. */
export function decodedPath(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch {
    throw new HttpFailure(400, 'invalid URL');
  }
}

export function sendJson(
  response: http.ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** @throws HttpFailure 413 beyond `maxBytes` */
export async function readBody(request: http.IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw new HttpFailure(413, `the body is larger than ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
