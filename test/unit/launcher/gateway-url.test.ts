import { expect, it } from 'vitest';
import { gatewayUrl } from '../../../src/rpc/gateway-url.ts';

it.each([
  ['0.0.0.0', 'http://localhost:8080'],
  ['::', 'http://localhost:8080'],
  ['::1', 'http://[::1]:8080'],
  ['fe80::1', 'http://[fe80::1]:8080'],
  ['192.0.2.7', 'http://192.0.2.7:8080'],
  ['stopsign.example', 'http://stopsign.example:8080'],
])('a gateway that listens on %s is reached at %s', (host, url) => {
  expect(gatewayUrl(host, 8080)).toBe(url);
  expect(new URL(url).port).toBe('8080');
});
