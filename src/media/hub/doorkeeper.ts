/**
 * Decides who may publish, read, or see the control API and metrics: by the users of the configuration, or by asking an HTTP
 * server as MediaMTX does. One per hub; its servers ask it. Passwords never reach a log.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccessRequest, ShownCredentials } from './access-request.ts';
import { type AccessSettings, parseNetwork, type UserSettings } from './access-settings.ts';
import { AuthHook } from './auth-hook.ts';
import type { HubLog } from './hub-log.ts';

/** `ask`: he showed nothing, and should. `refused`: what he showed is not enough. */
export type Verdict = 'allowed' | 'ask' | 'refused';

export interface DoorkeeperOptions {
  readonly access: AccessSettings;
  /** Whoever sits on this machine is let through: the analyzer, the gateway, the virtual camera. */
  readonly trustThisMachine: boolean;
  /** Between a wrong password and its refusal, so that guessing takes long. */
  readonly refusalDelayMs: number;
  readonly log: HubLog;
}

export class Doorkeeper {
  /** Lets the hub's own HLS packagers in. */
  readonly house: ShownCredentials = {
    user: 'stopsign-hub',
    password: randomBytes(24).toString('base64url'),
    token: '',
  };
  readonly #options: DoorkeeperOptions;
  readonly #users: readonly Rule[] | null;
  readonly #hook: AuthHook | null;
  readonly #closing = new AbortController();

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
    this.#users = options.access.users?.map(ruleOf) ?? null;
    this.#hook = options.access.http === undefined ? null : new AuthHook(options.access.http, options.log);
  }

  /** At once where nobody has to be asked. Never rejects. A refusal takes a while. */
  judge(request: AccessRequest): Verdict | Promise<Verdict> {
    if (this.#options.trustThisMachine && request.isThisMachine) return 'allowed';
    const { user, password } = request.credentials;
    const isHouse = isSame(password, this.house.password) && user === this.house.user;
    if (isHouse && request.action === 'read') return 'allowed';
    const isAllowed = this.#hook ? this.#hook.allows(request) : this.#isAllowed(request);
    return isAllowed instanceof Promise
      ? isAllowed.then((isAllowedNow) => this.#verdict(request, isAllowedNow))
      : this.#verdict(request, isAllowed);
  }

  #verdict(request: AccessRequest, isAllowed: boolean): Verdict | Promise<Verdict> {
    if (isAllowed) return 'allowed';
    const { user, password, token } = request.credentials;
    return user === '' && password === '' && token === '' ? 'ask' : this.#refuse(request);
  }

  async #refuse(request: AccessRequest): Promise<Verdict> {
    const { refusalDelayMs, log } = this.#options;
    log('warn', 'access refused', { action: request.action, path: request.path, ip: request.ip });
    await delay(refusalDelayMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
    return 'refused';
  }

  /** Those who wait for their refusal get it now. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#hook?.close();
  }

  #isAllowed(request: AccessRequest): boolean {
    // Without users MediaMTX's defaults hold: strangers read and publish, and do not see the control API.
    if (!this.#users) return request.action === 'read' || request.action === 'publish';
    // All of them, so that the time taken does not tell which user there is.
    return this.#users.map((rule) => rule(request)).includes(true);
  }
}

type Rule = (request: AccessRequest) => boolean;

function ruleOf({ user, pass = '', ips, permissions }: UserSettings): Rule {
  const networks = new BlockList();
  for (const text of ips) {
    const network = parseNetwork(text);
    if (network) networks.addSubnet(network.address, network.bits, network.family);
  }
  const isWelcome = (ip: string) => ips.length === 0 || networks.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4');
  const isUser = (shown: ShownCredentials) => {
    const isName = isSame(shown.user, user);
    const isPassword = isPasswordOf(shown.password, pass);
    return user === 'any' || (isName && isPassword);
  };
  const may = ({ action, path }: AccessRequest) =>
    permissions.some((permission) => permission.action === action && isPathOf(permission.path ?? '', action, path));
  return (request) => {
    const isKnown = isUser(request.credentials);
    return isKnown && isWelcome(request.ip) && may(request);
  };
}

function isPasswordOf(shown: string, stored: string): boolean {
  const hashed = /^sha256:(.+)$/.exec(stored)?.[1];
  return hashed === undefined
    ? isSame(shown, stored)
    : isSame(createHash('sha256').update(shown, 'utf8').digest('base64'), hashed);
}

function isPathOf(rule: string, action: string, path: string): boolean {
  if (rule === '' || action === 'api' || action === 'metrics') return true;
  return rule.startsWith('~') ? new RegExp(rule.slice(1)).test(path) : rule === path;
}

/** Takes as long whatever differs, and however long the texts are. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(hash(a), hash(b));
}
