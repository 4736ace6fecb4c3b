import { expect, it } from 'vitest';
import { isForeignPage } from '../../../src/actors/gateway/foreign-page.ts';

const peer = (address: string): ArrayBuffer => new TextEncoder().encode(address).buffer as ArrayBuffer;
const handshake = (over: Partial<Parameters<typeof isForeignPage>[0]> = {}) => ({
  origin: 'http://stop.example:8080',
  host: 'stop.example:8080',
  forwardedHost: null,
  peer: peer('10.0.0.9'),
  ...over,
});

it.each([
  ['the gateway’s own page', {}],
  ['a script, which names no origin', { origin: null }],
  ['a page behind a TLS proxy', { origin: 'https://stop.example', host: 'stop.example' }],
  ['a default port that only one of both names', { origin: 'https://stop.example', host: 'stop.example:443' }],
  [
    'a proxy on this host that tells the host apart',
    { origin: 'https://stop.example', host: '127.0.0.1:8080', forwardedHost: 'stop.example', peer: peer('127.0.0.1') },
  ],
  ['an origin that is allowed', { origin: 'https://other.example' }],
  ['IPv6', { origin: 'http://[::1]:8080', host: '[::1]:8080' }],
])('lets in %s', (_, over) => {
  expect(isForeignPage(handshake(over), ['https://other.example'])).toBe(false);
});

it.each([
  ['another site', { origin: 'https://evil.example' }],
  ['another port of the same host', { origin: 'http://stop.example:9000' }],
  ['a subdomain', { origin: 'http://x.stop.example:8080' }],
  ['a page without an origin', { origin: 'null' }],
  ['a forwarded host that the peer made up', { origin: 'https://evil.example', forwardedHost: 'evil.example' }],
  ['a page that talks to nobody', { host: null }],
])('keeps out %s', (_, over) => {
  expect(isForeignPage(handshake(over), ['https://other.example'])).toBe(true);
});

it('lets everybody in when told so', () => {
  expect(isForeignPage(handshake({ origin: 'https://evil.example' }), ['*'])).toBe(false);
});
