/** Somebody at the hub's door: what he wants and what he shows. Made by the hub's servers, judged by `Doorkeeper`. */
import type http from 'node:http';
import type net from 'node:net';
import type { Action } from './access-settings.ts';

export interface ShownCredentials {
  readonly user: string;
  readonly password: string;
  /** Bearer. */
  readonly token: string;
}

export interface AccessRequest {
  readonly action: Action;
  /** '' for `api` and `metrics`. */
  readonly path: string;
  readonly protocol: 'rtsp' | 'webrtc' | 'hls' | '';
  readonly credentials: ShownCredentials;
  readonly ip: string;
  /** He sits on this machine: loopback, or one of our own addresses. */
  readonly isThisMachine: boolean;
  readonly query: string;
  readonly userAgent: string;
}

export const NOTHING_SHOWN: ShownCredentials = { user: '', password: '', token: '' };

/** @param header the value of Authorization; what is neither Basic nor Bearer counts as nothing */
export function readAuthorization(header: string | undefined): ShownCredentials {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)\s*$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return { ...NOTHING_SHOWN, token: value };
  if (scheme === '') return NOTHING_SHOWN;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? NOTHING_SHOWN : { user: text.slice(0, colon), password: text.slice(colon + 1), token: '' };
}

/** Where the other end of a socket is. */
export function placeOf(socket: net.Socket): { readonly ip: string; readonly isThisMachine: boolean } {
  const ip = plain(socket.remoteAddress ?? '');
  return {
    ip,
    isThisMachine: /^127\./.test(ip) || ip === '::1' || (ip !== '' && ip === plain(socket.localAddress ?? '')),
  };
}

/**
 * For whom a request is counted: the other end, or whom a proxy on this machine (the gateway is one) names as such. Null: somebody on this
 * machine who asks for himself. Nobody is let in by it.
 */
export function clientOf(request: http.IncomingMessage): string | null {
  const { ip, isThisMachine } = placeOf(request.socket);
  if (!isThisMachine) return ip;
  const lines = request.headers['x-forwarded-for'];
  return (
    String(lines ?? '')
      .split(',')
      .at(-1)
      ?.trim()
      .slice(0, 64) || null
  );
}

/** IPv4 addresses in IPv6 clothes as IPv4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

export function httpAccess(
  request: http.IncomingMessage,
  wish: Pick<AccessRequest, 'action' | 'path' | 'protocol'>,
  url: URL,
): AccessRequest {
  return {
    ...wish,
    ...placeOf(request.socket),
    credentials: readAuthorization(request.headers.authorization),
    query: url.search.replace(/^\?/, ''),
    userAgent: request.headers['user-agent'] ?? '',
  };
}
