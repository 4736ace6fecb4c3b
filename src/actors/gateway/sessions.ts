/**
 * Who may view and who may change: the one token of the configuration, exchanged for sessions kept in memory (they end
 * with the process). Wrong tokens are counted per address and over all, whatever way they came. Gateway's thread.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { LoginResult } from '../../rpc/api/ports.ts';

export const SESSION_TTL_S = 12 * 3600;
const MAX_SESSIONS = 1_000;
const WINDOW_MS = 60_000;
const MAX_FAILURES_PER_ADDRESS = 5;
/** Over all addresses: whoever has many addresses does not have many more tries. */
const MAX_FAILURES = 100;

export type Role = 'admin' | 'viewer';

export class Sessions {
  private readonly tokenHash: Buffer;
  private readonly nowMs: () => number;
  private readonly sessions = new Map<string, { readonly role: Role; readonly expiresMs: number }>();
  private failures: { readonly address: string; readonly atMs: number }[] = [];

  constructor(token: string, nowMs: () => number) {
    this.tokenHash = sha256(token);
    this.nowMs = nowMs;
  }

  /** @param role what the session will allow */
  login(token: string, address: string, role: Role = 'admin'): LoginResult {
    const refused = this.refuse(token, address);
    return refused ?? { ok: true, session: this.open(role, this.nowMs()) };
  }

  /** Whether this is the token; a wrong one counts as a failure of this address. */
  accepts(token: string, address: string): boolean {
    return this.refuse(token, address) === null;
  }

  /** The role of a session that has not expired, or null. */
  role(session: string): Role | null {
    const known = this.sessions.get(session);
    if (!known) return null;
    if (known.expiresMs > this.nowMs()) return known.role;
    this.sessions.delete(session);
    return null;
  }

  logout(session: string): void {
    this.sessions.delete(session);
  }

  private refuse(token: string, address: string): Extract<LoginResult, { ok: false }> | null {
    const nowMs = this.nowMs();
    // Either way: while the clock that was set back catches up, nobody must be kept out.
    this.failures = this.failures.filter(({ atMs }) => Math.abs(nowMs - atMs) < WINDOW_MS);
    const own = this.failures.filter((failure) => failure.address === address);
    if (own.length >= MAX_FAILURES_PER_ADDRESS || this.failures.length >= MAX_FAILURES) {
      const oldest = (own.length >= MAX_FAILURES_PER_ADDRESS ? own : this.failures)[0] as { atMs: number };
      return { ok: false, reason: 'too_many', retryAfterS: Math.ceil((oldest.atMs + WINDOW_MS - nowMs) / 1000) };
    }
    // Hashes have one length, so that the comparison takes one time.
    if (timingSafeEqual(sha256(token), this.tokenHash)) return null;
    this.failures.push({ address, atMs: nowMs });
    return { ok: false, reason: 'wrong' };
  }

  private open(role: Role, nowMs: number): string {
    const session = randomBytes(32).toString('base64url');
    this.sessions.set(session, { role, expiresMs: nowMs + SESSION_TTL_S * 1000 });
    if (this.sessions.size > MAX_SESSIONS) {
      const oldest = this.sessions.keys().next();
      if (!oldest.done) this.sessions.delete(oldest.value);
    }
    return session;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
