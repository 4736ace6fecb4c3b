/**
 * What a request may do, from its cookie, `?token=` or `Authorization: Bearer`. The cookie holds a session, never the
 * token. Used by every route but /healthz, /ready and the static files. Gateway's thread.
 */
import { SESSION_TTL_S, type Sessions } from './sessions.ts';

const COOKIE = 'stopsign_session';

export interface Credentials {
  readonly cookie: string | null;
  readonly authorization: string | null;
  readonly queryToken: string | null;
  readonly address: string;
}

export interface Access {
  /** The admin session, if the cookie names a valid one. */
  readonly session: string | null;
  readonly mayView: boolean;
}

export class Gatekeeper {
  private readonly sessions: Sessions;
  private readonly viewers: 'public' | 'token';

  constructor(sessions: Sessions, viewers: 'public' | 'token') {
    this.sessions = sessions;
    this.viewers = viewers;
  }

  check({ cookie, authorization, queryToken, address }: Credentials): Access {
    const session = sessionOf(cookie);
    const role = session === null ? null : this.sessions.role(session);
    const admin = role === 'admin' ? session : null;
    if (this.viewers === 'public' || role !== null) return { session: admin, mayView: true };
    const token = queryToken ?? authorization?.match(/^Bearer (.+)$/i)?.[1];
    if (token === undefined || token === null) return { session: null, mayView: false };
    return { session: null, mayView: this.sessions.accepts(token, address) };
  }

  /**
   * Opening the page with `?token=` in token mode gives a cookie for viewing only, so that the video and the live
   * channel need no token in their own URLs. Null when there is nothing to give.
   */
  viewerCookie(credentials: Credentials, secure: boolean): string | null {
    if (this.viewers === 'public' || credentials.queryToken === null) return null;
    const result = this.sessions.login(credentials.queryToken, credentials.address, 'viewer');
    return result.ok ? sessionCookie(result.session, secure) : null;
  }
}

/** The Set-Cookie value; null takes the cookie away. */
export function sessionCookie(session: string | null, secure: boolean): string {
  const age = session === null ? 0 : SESSION_TTL_S;
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${age}`, ...(secure ? ['Secure'] : [])];
  return [`${COOKIE}=${session ?? ''}`, ...attributes].join('; ');
}

/** The same cookies without ours: the hub gets the rest. */
export function withoutSession(cookie: string | null): string | null {
  const others = (cookie ?? '').split(/;\s*/).filter((part) => part !== '' && !part.startsWith(`${COOKIE}=`));
  return others.length === 0 ? null : others.join('; ');
}

function sessionOf(cookie: string | null): string | null {
  const part = (cookie ?? '').split(/;\s*/).find((p) => p.startsWith(`${COOKIE}=`));
  return part ? part.slice(COOKIE.length + 1) : null;
}
