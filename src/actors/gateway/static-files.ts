/**
 * The built web app from a folder. Every path that names no file and no asset is a page of the app: index.html answers.
 * Gateway's thread; files are read when asked for (there are few, and the kernel caches them).
 */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Exchange } from './exchange.ts';
import { contentSecurityPolicy } from './security-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Vite puts a hash of the content into the names of what lies under /assets/. */
const HASHED = /^\/assets\/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>StopSign</title>
<h1>The web app is not built</h1>
<p>The analyzer runs, but there is no page to show. Run <code>npm run build</code>, then reload.</p>`;

export class StaticFiles {
  private readonly root: string;

  constructor(root: string) {
    this.root = normalize(root);
  }

  /** @param extra headers for pages, such as a cookie */
  async answer(exchange: Exchange, extra: readonly (readonly [string, string])[] = []): Promise<void> {
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
      return exchange.json(405, { error: 'Only GET and HEAD.' }, [['allow', 'GET, HEAD']]);
    }
    const path = this.resolve(exchange.path);
    if (path === null) return exchange.json(400, { error: 'This is not a path.' });
    const extension = extname(path);
    const isPage = extension === '' || extension === '.html';
    if (!isPage || path.startsWith(join(this.root, 'assets') + sep)) {
      return this.file(exchange, path, HASHED.test(exchange.path));
    }
    return this.page(exchange, extra);
  }

  private async file(exchange: Exchange, path: string, immutable: boolean): Promise<void> {
    const info = await stat(path).catch(() => null);
    if (!info?.isFile()) return exchange.json(404, { error: 'There is no such file.' });
    const etag = `"${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}"`;
    const headers: (readonly [string, string])[] = [
      ['content-type', TYPES[extname(path)] ?? 'application/octet-stream'],
      ['cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache'],
      ['etag', etag],
    ];
    if (exchange.headers.get('if-none-match') === etag) return exchange.send(304, headers);
    exchange.send(200, headers, await readFile(path));
  }

  private async page(exchange: Exchange, extra: readonly (readonly [string, string])[]): Promise<void> {
    const html = await readFile(join(this.root, 'index.html'), 'utf8').catch(() => null);
    const body = html ?? NOT_BUILT;
    exchange.send(
      html === null ? 503 : 200,
      [
        ['content-type', 'text/html; charset=utf-8'],
        ['cache-control', 'no-cache'],
        ['content-security-policy', contentSecurityPolicy(body)],
        ...extra,
      ],
      body,
    );
  }

  /** Absolute path of a file below the root; null when the text is malformed or leads out of it. */
  private resolve(urlPath: string): string | null {
    let decoded: string;
    try {
      decoded = decodeURIComponent(urlPath);
    } catch {
      return null;
    }
    if (decoded.includes('\0') || decoded.includes('\\')) return null;
    const path = normalize(join(this.root, decoded));
    return path === this.root || path === this.root + sep || path.startsWith(this.root + sep) ? path : null;
  }
}
