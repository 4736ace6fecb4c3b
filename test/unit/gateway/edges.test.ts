import { describe, expect, it } from 'vitest';
import { Broadcast } from '../../../src/actors/gateway/broadcast.ts';
import { remoteAddress } from '../../../src/actors/gateway/remote-address.ts';
import { contentSecurityPolicy } from '../../../src/actors/gateway/security-headers.ts';

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

describe('the remote address', () => {
  it('is the peer, whatever a stranger claims to forward', () => {
    expect(remoteAddress(bytes('192.0.2.9'), '198.51.100.1')).toBe('192.0.2.9');
  });

  it('is what the proxy on this host wrote last', () => {
    expect(remoteAddress(bytes('127.0.0.1'), 'spoofed, 198.51.100.1')).toBe('198.51.100.1');
  });

  it('knows IPv4 inside IPv6, as uWebSockets.js writes it', () => {
    expect(remoteAddress(bytes('0000:0000:0000:0000:0000:ffff:7f00:0001'), '198.51.100.1')).toBe('198.51.100.1');
    expect(remoteAddress(bytes('0000:0000:0000:0000:0000:ffff:c000:0209'), null)).toBe('192.0.2.9');
    expect(remoteAddress(bytes('0000:0000:0000:0000:0000:0000:0000:0001'), '198.51.100.1')).toBe('198.51.100.1');
  });
});

describe('a broadcast', () => {
  it('gives every reader everything since it subscribed, and the newest to one that is behind', async () => {
    const broadcast = new Broadcast<number>();
    const abort = new AbortController();
    const all = broadcast.subscribe(abort.signal, 10)[Symbol.asyncIterator]();
    const newest = broadcast.subscribe(abort.signal, 1)[Symbol.asyncIterator]();
    for (const n of [1, 2, 3]) broadcast.publish(n);
    expect([(await all.next()).value, (await all.next()).value]).toEqual([1, 2]);
    expect((await newest.next()).value).toBe(3);
    abort.abort();
    expect(broadcast.size).toBe(0);
  });

  it('ends a waiting reader when its signal aborts', async () => {
    const broadcast = new Broadcast<number>();
    const abort = new AbortController();
    const reader = broadcast.subscribe(abort.signal, 1)[Symbol.asyncIterator]();
    const next = reader.next();
    abort.abort();
    expect(await next).toEqual({ value: undefined, done: true });
  });
});

describe('the content security policy', () => {
  it('hashes inline scripts and ignores those with an address', () => {
    const html = '<script type="module" src="/a.js"></script><script>alert(1)</script>';
    // echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
    expect(contentSecurityPolicy(html)).toContain(
      `script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='`,
    );
  });
});
