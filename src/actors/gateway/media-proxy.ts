/**
 * `/media/<camera>/whep` and `/media/<camera>/hls/*`: the hub behind our own origin, so that one port is enough.
 * Only configured cameras, only these two; the hub's addresses in answers are rewritten to ours. The hub gets our own login
 * and none of the viewer's; the viewer gets nothing of it. Gateway's thread.
 */
import type { HubLogin, HubUrls } from '../../config/runtime.ts';
import { withoutSession } from './access.ts';
import type { Exchange } from './exchange.ts';

const WHEP_METHODS = ['OPTIONS', 'POST', 'PATCH', 'DELETE'];
const REQUEST_HEADERS = ['content-type', 'accept', 'if-match', 'if-none-match', 'if-modified-since', 'range'];
const ANSWER_HEADERS = [
  'content-type',
  'content-range',
  'accept-ranges',
  'accept-patch',
  'cache-control',
  'etag',
  'expires',
  'id',
  'last-modified',
  'link',
  'retry-after',
];
/** A low-latency playlist request is held back by the hub until there is news: some seconds. */
const HEADERS_TIMEOUT_MS = 15_000;
/** Each path segment; what the hubs use is far simpler than what URLs allow. */
const SEGMENT = /^[A-Za-z0-9._~-]+$/;

interface Target {
  readonly camera: string;
  readonly kind: 'whep' | 'hls';
  /** Below the kind, with a leading slash, or empty. */
  readonly rest: string;
}

type MediaHub = Pick<HubUrls, 'webrtc' | 'hls' | 'login'>;

export class MediaProxy {
  private readonly hub: MediaHub;
  private readonly cameras: ReadonlySet<string>;
  /** The value of Authorization; null: the hub asks for none. */
  private readonly authorization: string | null;

  constructor(hub: MediaHub, cameras: Iterable<string>) {
    this.hub = hub;
    this.authorization = hub.login ? basic(hub.login) : null;
    this.cameras = new Set(cameras);
  }

  async answer(exchange: Exchange): Promise<void> {
    const target = this.parse(exchange.path);
    if (!target) return exchange.json(404, { error: 'There is no such camera or media path.' });
    const methods = target.kind === 'hls' ? ['GET', 'HEAD'] : WHEP_METHODS;
    if (!methods.includes(exchange.method)) {
      return exchange.json(405, { error: `Only ${methods.join(', ')}.` }, [['allow', methods.join(', ')]]);
    }
    const body = await exchange.body();
    if (exchange.done) return;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), HEADERS_TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(this.upstream(target, exchange.query), {
        method: exchange.method,
        headers: requestHeaders(exchange, this.authorization),
        redirect: 'manual',
        signal: AbortSignal.any([exchange.signal, timeout.signal]),
        ...(body && body.length > 0 ? { body } : {}),
      });
    } catch {
      return exchange.json(502, { error: 'The media hub does not answer. It is tried again with every request.' });
    } finally {
      clearTimeout(timer);
    }
    const headers = answerHeaders(response, target);
    if (!response.body) return exchange.send(response.status, headers);
    await exchange.stream(response.status, headers, response.body);
  }

  private parse(path: string): Target | null {
    const [empty, media, camera, kind, ...rest] = path.split('/');
    if (empty !== '' || media !== 'media' || !camera || !this.cameras.has(camera)) return null;
    if (kind !== 'whep' && kind !== 'hls') return null;
    if (!rest.every((segment) => SEGMENT.test(segment) && segment !== '..' && segment !== '.')) return null;
    if (kind === 'whep' && rest.length > 1) return null;
    if (kind === 'hls' && rest.length === 0) return null;
    return { camera, kind, rest: rest.map((segment) => `/${segment}`).join('') };
  }

  private upstream({ camera, kind, rest }: Target, query: URLSearchParams): string {
    // The viewers' token is ours, not the hub's.
    const passed = new URLSearchParams(query);
    passed.delete('token');
    const search = passed.toString();
    const path = kind === 'whep' ? `${this.hub.webrtc}/${camera}/whep${rest}` : `${this.hub.hls}/${camera}${rest}`;
    return search === '' ? path : `${path}?${search}`;
  }
}

/** RFC 7617, in UTF-8. */
function basic({ user, password }: HubLogin): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

function requestHeaders(exchange: Exchange, authorization: string | null): Headers {
  const headers = new Headers();
  for (const name of REQUEST_HEADERS) {
    const value = exchange.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const cookie = withoutSession(exchange.headers.get('cookie'));
  if (cookie !== null) headers.set('cookie', cookie);
  if (authorization !== null) headers.set('authorization', authorization);
  // The built-in hub counts by it.
  headers.set('x-forwarded-for', exchange.address);
  return headers;
}

function answerHeaders(response: Response, target: Target): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  for (const name of ANSWER_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers.push([name, value]);
  }
  const location = response.headers.get('location');
  const ours = location === null ? null : ourLocation(location, response.url, target);
  if (ours !== null) headers.push(['location', ours]);
  for (const cookie of response.headers.getSetCookie()) headers.push(['set-cookie', ourCookie(cookie, target)]);
  return headers;
}

/** Null for a place outside this camera: such an address is not handed on. */
function ourLocation(location: string, requested: string, { camera, kind }: Target): string | null {
  if (!URL.canParse(location, requested)) return null;
  const { pathname, search } = new URL(location, requested);
  const theirs = kind === 'whep' ? `/${camera}/whep` : `/${camera}`;
  if (pathname !== theirs && !pathname.startsWith(`${theirs}/`)) return null;
  return `/media/${camera}/${kind}${pathname.slice(theirs.length)}${search}`;
}

/** The cookie of one camera's stream must not travel to anything else of ours, nor name the hub's host. */
function ourCookie(cookie: string, { camera, kind }: Target): string {
  const [pair = '', ...attributes] = cookie.split(/;\s*/);
  const kept = attributes.filter((attribute) => !/^(path|domain)\b/i.test(attribute));
  return [pair, ...kept, `Path=/media/${camera}/${kind}`].join('; ');
}
