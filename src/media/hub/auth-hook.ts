/**
 * Asks an HTTP server whether somebody may do what he wants, with the body that MediaMTX's `authMethod: http` sends; an answer
 * 20x lets him. Whatever goes wrong keeps him out. A yes to an HLS viewer holds for some seconds, as he asks for each segment.
 * Used by `Doorkeeper`.
 */
import { createHash } from 'node:crypto';
import type { AccessRequest } from './access-request.ts';
import type { HubLog } from './hub-log.ts';

const ANSWER_WITHIN_MS = 5_000;
const MAX_QUESTIONS = 64;
const YES_HOLDS_MS = 10_000;
const MAX_REMEMBERED = 1_000;

export class AuthHook {
  readonly #address: string;
  readonly #log: HubLog;
  readonly #closing = new AbortController();
  /** Until when a yes holds, by the hash of the question. */
  readonly #remembered = new Map<string, number>();
  #questions = 0;

  constructor(address: string, log: HubLog) {
    this.#address = address;
    this.#log = log;
  }

  /** Never rejects. */
  async allows(request: AccessRequest): Promise<boolean> {
    const body = JSON.stringify({
      user: request.credentials.user,
      password: request.credentials.password,
      token: request.credentials.token,
      ip: request.ip,
      action: request.action,
      path: request.path,
      protocol: request.protocol,
      id: null,
      query: request.query,
      userAgent: request.userAgent,
    });
    const key = request.protocol === 'hls' ? createHash('sha256').update(body).digest('base64') : null;
    if (key !== null && (this.#remembered.get(key) ?? 0) > performance.now()) return true;
    if (this.#questions >= MAX_QUESTIONS) return false;
    this.#questions += 1;
    try {
      const isAllowed = await this.#ask(body);
      if (isAllowed && key !== null) this.#remember(key);
      return isAllowed;
    } catch (cause) {
      // The address may hold a password of its own, so it is not said.
      const reason = cause instanceof Error ? cause.name : 'unknown';
      this.#log('error', 'the authentication server gives no answer: nobody is let in', { reason });
      return false;
    } finally {
      this.#questions -= 1;
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #ask(body: string): Promise<boolean> {
    const response = await fetch(this.#address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      // Elsewhere nobody was asked to trust it with passwords.
      redirect: 'manual',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.body?.cancel();
    return Math.floor(response.status / 10) === 20;
  }

  #remember(key: string): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, performance.now() + YES_HOLDS_MS);
    const oldest = this.#remembered.keys().next().value;
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
