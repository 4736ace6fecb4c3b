/**
 * The client side of Basic (RFC 7617) and Digest (RFC 7616, 2617) authentication for RTSP: MD5 and SHA-256, their -sess
 * forms, qop=auth and none, stale nonces. One object per address. The password leaves it only inside an answer.
 */
import { createHash } from 'node:crypto';

export interface Challenge {
  readonly scheme: 'basic' | 'digest';
  /** Names in lower case. */
  readonly params: ReadonlyMap<string, string>;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const HASHES: Readonly<Record<string, string>> = { md5: 'md5', 'sha-256': 'sha256' };

/** Challenges of all `WWW-Authenticate` headers; schemes that we do not know are left out. */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  const challenges: Challenge[] = [];
  for (const header of headers.slice(0, 16)) {
    // A header may carry several challenges: split where a known scheme begins.
    for (const part of header.slice(0, 4096).split(/,?\s*(?=\b(?:Basic|Digest)\s)/i)) {
      const scheme = /^(basic|digest)\b/i.exec(part.trim())?.[1]?.toLowerCase();
      if (scheme !== 'basic' && scheme !== 'digest') continue;
      const params = new Map<string, string>();
      for (const [, name = '', quoted, plain] of part.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
        params.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
      }
      challenges.push({ scheme, params });
    }
  }
  return challenges;
}

export class Authenticator {
  readonly #credentials: Credentials | null;
  readonly #cnonce: () => string;
  #challenge: Challenge | null = null;
  #nonceCount = 0;

  /** @param cnonce gives a fresh client nonce (hex); injected so that answers can be checked against the RFC's */
  constructor(credentials: Credentials | null, cnonce: () => string) {
    this.#credentials = credentials;
    this.#cnonce = cnonce;
  }

  /**
   * Takes the challenges of a 401. `retry`: send the request again with `authorize`. `refused`: user or password are
   * wrong. `no-credentials`, `unsupported`: nothing to answer with.
   */
  accept(challenges: readonly Challenge[]): 'retry' | 'refused' | 'no-credentials' | 'unsupported' {
    if (!this.#credentials) return 'no-credentials';
    const best = strongest(challenges);
    if (!best) return 'unsupported';
    const isStale = best.params.get('stale')?.toLowerCase() === 'true';
    const isNewNonce = best.params.get('nonce') !== this.#challenge?.params.get('nonce');
    // Servers that let a nonce expire without saying `stale` give a new one with the 401: one more try with it is due,
    // but only if the old one had been accepted, else a wrong password would go round for ever.
    const mayRetry = this.#challenge === null || (isStale && isNewNonce) || (isNewNonce && this.#wasAccepted);
    if (!mayRetry) return 'refused';
    this.#challenge = best;
    this.#nonceCount = 0;
    this.#wasAccepted = false;
    return 'retry';
  }

  /** To be called when an authorized request was answered with anything but 401. */
  confirm(): void {
    this.#wasAccepted = true;
  }
  #wasAccepted = false;

  /** A challenge came and has not been answered with success yet. */
  get isChallenged(): boolean {
    return this.#challenge !== null && !this.#wasAccepted;
  }

  /** Value of the Authorization header, null while nobody has asked for one. */
  authorize(method: string, uri: string): string | null {
    const { user, password } = this.#credentials ?? { user: '', password: '' };
    if (!this.#challenge || !this.#credentials) return null;
    if (this.#challenge.scheme === 'basic') {
      return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
    }
    const { params } = this.#challenge;
    this.#nonceCount += 1;
    return digestAnswer({
      params,
      user,
      password,
      method,
      uri,
      cnonce: this.#cnonce(),
      nonceCount: this.#nonceCount,
    });
  }
}

interface DigestInput extends Credentials {
  readonly params: ReadonlyMap<string, string>;
  readonly method: string;
  readonly uri: string;
  readonly cnonce: string;
  readonly nonceCount: number;
}

/** RFC 7616 §3.4.1: response = H(H(A1) : nonce : nc : cnonce : qop : H(A2)), without nc, cnonce and qop when no qop was offered. */
function digestAnswer(input: DigestInput): string {
  const { params, user, password, method, uri, cnonce } = input;
  const realm = params.get('realm') ?? '';
  const nonce = params.get('nonce') ?? '';
  const algorithm = params.get('algorithm');
  const isSession = /-sess$/i.test(algorithm ?? '');
  const name = hashOf(params) ?? 'md5';
  const hash = (text: string) => createHash(name).update(text, 'utf8').digest('hex');
  const qop = offersAuth(params) ? 'auth' : null;
  const nc = input.nonceCount.toString(16).padStart(8, '0');
  const secret = hash(`${user}:${realm}:${password}`);
  const a1 = isSession ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(`${method}:${uri}`);
  const response = hash(qop ? `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}` : `${a1}:${nonce}:${a2}`);
  const opaque = params.get('opaque');
  return [
    `Digest username="${quote(user)}"`,
    `realm="${quote(realm)}"`,
    `nonce="${quote(nonce)}"`,
    `uri="${quote(uri)}"`,
    `response="${response}"`,
    ...(algorithm ? [`algorithm=${algorithm}`] : []),
    ...(qop || isSession ? [`cnonce="${cnonce}"`] : []),
    ...(qop ? [`qop=${qop}`, `nc=${nc}`] : []),
    ...(opaque === undefined ? [] : [`opaque="${quote(opaque)}"`]),
  ].join(', ');
}

/** Digest SHA-256 before Digest MD5 before Basic. */
function strongest(challenges: readonly Challenge[]): Challenge | null {
  const usable = challenges.filter(
    ({ scheme, params }) =>
      scheme === 'basic' || (params.has('nonce') && hashOf(params) && (!params.has('qop') || offersAuth(params))),
  );
  const rank = ({ scheme, params }: Challenge) => (scheme === 'basic' ? 0 : hashOf(params) === 'sha256' ? 2 : 1);
  return usable.reduce<Challenge | null>((best, next) => (best && rank(best) >= rank(next) ? best : next), null);
}

function hashOf(params: ReadonlyMap<string, string>): string | undefined {
  return HASHES[(params.get('algorithm') ?? 'md5').toLowerCase().replace(/-sess$/, '')];
}

function offersAuth(params: ReadonlyMap<string, string>): boolean {
  return (params.get('qop') ?? '').split(',').some((option) => option.trim().toLowerCase() === 'auth');
}

function quote(text: string): string {
  return text.replace(/["\\]/g, '\\$&').replace(/[\r\n]/g, '');
}
