/**
 * RTSP 1.0 messages (RFC 2326 §6, §7) as values: parsing of a head, formatting of requests and answers. Pure; the client
 * (`rtsp-connection.ts`) and the hub's server both use it.
 */

export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: RtspHeaders;
  readonly body: string;
}

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  readonly body: string;
}

export type RtspMessage = RtspRequest | RtspResponse;

const REQUEST_LINE = /^([A-Z_]{1,32}) (\S{1,4096}) RTSP\/1\.\d$/;
const STATUS_LINE = /^RTSP\/1\.\d (\d{3})(?: (.*))?$/;

/** @param head everything before the empty line, without it. Returns null when it is no RTSP message. */
export function parseRtspHead(head: string): RtspMessage | null {
  const lines = head.split(/\r?\n/);
  const first = lines[0] ?? '';
  const headers = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const known = headers.get(name);
    if (known) known.push(value);
    else headers.set(name, [value]);
  }
  const status = STATUS_LINE.exec(first);
  if (status) return { kind: 'response', status: Number(status[1]), reason: status[2] ?? '', headers, body: '' };
  const request = REQUEST_LINE.exec(first);
  if (request) return { kind: 'request', method: request[1] ?? '', url: request[2] ?? '', headers, body: '' };
  return null;
}

/** The first value of a header, by its lower-case name. */
export function headerOf(message: RtspMessage, name: string): string | undefined {
  return message.headers.get(name)?.[0];
}

/** Content-Length as a number; 0 when there is none, null when it is not a number. */
export function bodyLengthOf(message: RtspMessage): number | null {
  const text = headerOf(message, 'content-length');
  if (text === undefined) return 0;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

export function formatRequest(method: string, url: string, headers: Readonly<Record<string, string>>): string {
  return `${method} ${oneWord(url)} RTSP/1.0\r\n${formatHeaders(headers)}\r\n`;
}

export function formatResponse(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string {
  const length = body ? { 'Content-Length': String(Buffer.byteLength(body)) } : {};
  return `RTSP/1.0 ${status} ${reason}\r\n${formatHeaders({ ...headers, ...length })}\r\n${body}`;
}

/** A URL may come from the other side's description: what would end it there must not begin a header here. */
function oneWord(url: string): string {
  return url.replace(/[\s\0]+/g, '%20');
}

function formatHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`)
    .join('');
}
