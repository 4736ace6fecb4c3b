/**
 * Whether a WebSocket is opened by a page of somebody else. Browsers let any page connect anywhere and send the cookies of
 * that place along; only the server can say no. Scripts name no origin and are nobody's page. Gateway's thread.
 */
import { isThisHost } from './remote-address.ts';

export interface Handshake {
  readonly origin: string | null;
  readonly host: string | null;
  /** Believed only from a reverse proxy on this host. */
  readonly forwardedHost: string | null;
  /** Text of the peer's address, as uWebSockets.js gives it. */
  readonly peer: ArrayBuffer;
}

/** @param allowed origins of other pages that may, e.g. `https://example.org`; `*`: every page */
export function isForeignPage(handshake: Handshake, allowed: readonly string[]): boolean {
  const { origin, host, forwardedHost, peer } = handshake;
  if (!origin || allowed.includes('*') || allowed.includes(origin)) return false;
  // `null` is what a page without an origin sends: a file, a sandbox.
  if (!URL.canParse(origin)) return true;
  const asked = [host];
  if (isThisHost(peer)) asked.push(forwardedHost);
  const page = new URL(origin);
  return !asked.some((name) => isHostOf(page, name));
}

/** Names without a port have the page's: which one it is by default, only the page's scheme tells. */
function isHostOf(page: URL, name: string | null): boolean {
  const url = `${page.protocol}//${name?.split(',').at(-1)?.trim()}`;
  return name !== null && URL.canParse(url) && new URL(url).host === page.host;
}
