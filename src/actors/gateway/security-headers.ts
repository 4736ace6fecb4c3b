/** Headers that every answer carries, and the content security policy of the page. */
import { createHash } from 'node:crypto';

export const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'same-origin'],
  ['x-frame-options', 'DENY'],
  ['cross-origin-opener-policy', 'same-origin'],
];

/** Scripts written into the page itself are allowed by their hash; no other inline script runs. */
export function contentSecurityPolicy(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/gi)].map(
    ([, code]) =>
      `'sha256-${createHash('sha256')
        .update(code ?? '')
        .digest('base64')}'`,
  );
  return [
    `default-src 'self'`,
    `script-src ${["'self'", ...inline].join(' ')}`,
    // Charts and overlays set positions as style attributes.
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    // HLS plays from a blob that hls.js fills; its demuxer is a blob worker.
    `media-src 'self' blob:`,
    `worker-src 'self' blob:`,
    // Safari before 15.4 does not count ws: as 'self'.
    `connect-src 'self' ws: wss:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}
