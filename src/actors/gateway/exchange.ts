/**
 * One HTTP request and its answer over uWebSockets.js, made safe: the request is copied before it goes out of scope, an
 * aborted answer is never written to, every write is corked, a slow reader is waited for. Gateway's thread.
 */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { remoteAddress } from './remote-address.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

const BODY_TIMEOUT_MS = 15_000;
export type HeaderList = Iterable<readonly [string, string]>;

export interface ExchangeOptions {
  readonly maxBodyBytes: number;
}

export class Exchange {
  /** Upper case. */
  readonly method: string;
  /** As it came, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly address: string;
  private readonly res: HttpResponse;
  private readonly gone = new AbortController();
  private readonly bodyRead: Promise<Uint8Array<ArrayBuffer> | null>;
  private finished = false;

  constructor(res: HttpResponse, req: HttpRequest, options: ExchangeOptions) {
    this.res = res;
    this.method = req.getCaseSensitiveMethod().toUpperCase();
    this.path = req.getUrl();
    this.query = new URLSearchParams(req.getQuery());
    this.headers = headersOf(req);
    this.address = remoteAddress(res.getRemoteAddressAsText(), this.headers.get('x-forwarded-for'));
    res.onAborted(() => {
      this.finished = true;
      this.gone.abort();
    });
    this.bodyRead = this.method === 'GET' || this.method === 'HEAD' ? Promise.resolve(null) : this.read(options);
  }

  /** Aborts when the client has gone. */
  get signal(): AbortSignal {
    return this.gone.signal;
  }
  /** Nothing can be written any more. */
  get done(): boolean {
    return this.finished;
  }
  get search(): string {
    const search = this.query.toString();
    return search === '' ? '' : `?${search}`;
  }

  /** The request's body; null when there is none to wait for (GET, HEAD, gone) or it was refused (413, answered). */
  body(): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.bodyRead;
  }

  /** Sends a whole answer. A second one is ignored. */
  send(status: number, headers: HeaderList, body: string | Uint8Array = ''): void {
    if (this.finished) return;
    this.finished = true;
    this.res.cork(() => {
      this.head(status, headers);
      if (this.method === 'HEAD') this.res.endWithoutBody(Buffer.byteLength(body));
      else if (status === 204 || status === 304) this.res.endWithoutBody();
      else this.res.end(body);
    });
  }

  json(status: number, value: unknown, headers: HeaderList = []): void {
    this.send(
      status,
      [['content-type', 'application/json; charset=utf-8'], ['cache-control', 'no-store'], ...headers],
      JSON.stringify(value),
    );
  }

  /** Sends an answer piece by piece, at the reader's pace. Cancels `body` when the client goes. */
  async stream(status: number, headers: HeaderList, body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const cancel = (): void => void reader.cancel().catch(() => {});
    if (this.finished) return cancel();
    this.signal.addEventListener('abort', cancel, { once: true });
    this.res.cork(() => this.head(status, headers));
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (this.finished || done) break;
        if (value.length > 0) await this.write(value);
      }
    } catch {
      // The source broke in mid-answer: closing is the only way left to say that this is not all.
      if (!this.finished) this.res.close();
      return;
    }
    if (this.finished) return;
    this.finished = true;
    this.res.cork(() => this.res.end());
  }

  private async write(chunk: Uint8Array): Promise<void> {
    let taken = true;
    this.res.cork(() => {
      taken = this.res.write(chunk);
    });
    if (taken || this.finished) return;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        this.signal.removeEventListener('abort', goOn);
        resolve();
      };
      this.res.onWritable(() => {
        goOn();
        return true;
      });
      this.signal.addEventListener('abort', goOn, { once: true });
    });
  }

  private head(status: number, headers: HeaderList): void {
    this.res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`.trim());
    const named = new Set<string>();
    for (const [name, value] of headers) {
      const lower = name.toLowerCase();
      // uWebSockets.js writes these two itself.
      if (lower === 'content-length' || lower === 'transfer-encoding') continue;
      named.add(lower);
      this.res.writeHeader(name, value);
    }
    for (const [name, value] of SECURITY_HEADERS) if (!named.has(name)) this.res.writeHeader(name, value);
  }

  private read({ maxBodyBytes }: ExchangeOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    return new Promise((resolve) => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      let size = 0;
      const timer = setTimeout(() => {
        if (!this.finished) this.res.close();
      }, BODY_TIMEOUT_MS);
      const settle = (body: Uint8Array<ArrayBuffer> | null): void => {
        clearTimeout(timer);
        resolve(body);
      };
      this.signal.addEventListener('abort', () => settle(null), { once: true });
      this.res.onData((chunk, isLast) => {
        if (this.finished) return;
        size += chunk.byteLength;
        if (size > maxBodyBytes) {
          this.json(413, { error: `The body is larger than ${maxBodyBytes} bytes.` });
          return settle(null);
        }
        // The chunk is neutered when this function returns.
        chunks.push(new Uint8Array(chunk.slice(0)));
        if (isLast) settle(Buffer.concat(chunks));
      });
    });
  }
}

/** One that comes in several lines as one, in their order: a proxy may add a line of its own. What is malformed is left out. */
export function headersOf(req: HttpRequest): Headers {
  const headers = new Headers();
  req.forEach((name, value) => {
    try {
      headers.append(name, value);
    } catch {
      // malformed
    }
  });
  return headers;
}
