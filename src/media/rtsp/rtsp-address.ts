/**
 * An RTSP URL taken apart: where to connect, what to ask for, who we are. The credentials are in `credentials` and nowhere else;
 * `label` is what messages and logs may show.
 */
import { StopsignError } from '../../errors.ts';
import type { Credentials } from './auth.ts';
import { badAnswer } from './rtsp-failure.ts';

export interface RtspAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The URL to request, without credentials. */
  readonly url: string;
  readonly credentials: Credentials | null;
  /** `host:port/path`, without query, passwords in the path masked. */
  readonly label: string;
}

/** @throws StopsignError BAD_CONFIG; the message does not repeat the URL, it may hold a password */
export function parseRtspAddress(text: string): RtspAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw badUrl(cause);
  }
  const tls = url.protocol === 'rtsps:';
  if ((!tls && url.protocol !== 'rtsp:') || url.hostname === '') throw badUrl();
  const credentials =
    url.username === '' && url.password === ''
      ? null
      : { user: percentDecoded(url.username), password: percentDecoded(url.password) };
  url.username = '';
  url.password = '';
  url.hash = '';
  const port = url.port === '' ? (tls ? 322 : 554) : Number(url.port);
  const path = url.pathname.replace(/((?:pass(?:word)?|pwd)=)[^&/]*/gi, '$1***');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    tls,
    url: url.href,
    credentials,
    label: `${url.hostname}:${port}${path}`,
  };
}

/**
 * Where a camera sends us: relative to where we are. The login goes along to the same host, and never out of TLS.
 * @throws StopsignError STREAM_UNAVAILABLE when it is no address
 */
export function redirectedAddress(from: RtspAddress, location: string): RtspAddress {
  if (!URL.canParse(location, from.url)) throw badAnswer(from.label, 'DESCRIBE');
  const url = new URL(location, from.url);
  if (!/^rtsps?:$/.test(url.protocol) || url.hostname === '') throw badAnswer(from.label, 'DESCRIBE');
  const to = parseRtspAddress(url.href);
  const isOurs = to.host === from.host && (to.tls || !from.tls);
  return to.credentials || !isOurs ? to : { ...to, credentials: from.credentials };
}

/** Loopback, link-local, or no address at all: places that mean something else on every machine. */
export function isInward(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return /^(127\.|0\.|169\.254\.|fe[89ab][0-9a-f]:|::1$|::$|localhost$|.*\.localhost$)/.test(plain);
}

function badUrl(cause?: unknown): StopsignError {
  // The parser's own error repeats its input, so it is not kept as the cause.
  return new StopsignError('BAD_CONFIG', `The stream's URL is not an RTSP URL${cause ? '' : ' with a host'}.`, {
    remedy:
      'Write it as rtsp://user:password@host:port/path; characters such as @, # and / in the password must be percent-encoded.',
  });
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
