/**
 * `GET /truth/<camera>`: what is true of the clip that a camera plays by the wall clock, as its renderer wrote it
 * (docs/sim.md). Sent from the file piece by piece, compressed for whoever takes it. Gateway's thread.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Exchange } from './exchange.ts';
import type { GatewayCamera } from './settings.ts';

const PREFIX = '/truth/';
const NOT_THERE = 'There is no truth for a camera of that name.';

export function truthPath(camera: string): string {
  return `${PREFIX}${camera}`;
}

export class TruthFiles {
  private readonly files: ReadonlyMap<string, string>;

  constructor(cameras: readonly Pick<GatewayCamera, 'name' | 'truth'>[]) {
    this.files = new Map(cameras.flatMap(({ name, truth }) => (truth === null ? [] : [[name, truth] as const])));
  }

  async answer(exchange: Exchange): Promise<void> {
    if (exchange.method !== 'GET') return exchange.json(405, { error: 'Only GET.' }, [['allow', 'GET']]);
    const path = this.files.get(exchange.path.slice(PREFIX.length));
    const info = path === undefined ? null : await stat(path).catch(() => null);
    if (path === undefined || !info?.isFile()) return exchange.json(404, { error: NOT_THERE });
    const isPacked = acceptsGzip(exchange.headers.get('accept-encoding'));
    const version = `${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}${isPacked ? '-gz' : ''}`;
    const headers: (readonly [string, string])[] = [
      ['content-type', 'application/x-ndjson; charset=utf-8'],
      ['cache-control', 'no-cache'],
      ['vary', 'accept-encoding'],
      ['etag', `"${version}"`],
    ];
    if (exchange.headers.get('if-none-match') === `"${version}"`) return exchange.send(304, headers);
    if (isPacked) headers.push(['content-encoding', 'gzip']);
    await exchange.stream(200, headers, bytesOf(path, isPacked));
  }
}

function bytesOf(path: string, isPacked: boolean): ReadableStream<Uint8Array> {
  const file = createReadStream(path);
  // An error of either ends both, and the answer with them.
  const bytes = isPacked ? pipeline(file, createGzip(), () => {}) : file;
  return Readable.toWeb(bytes) as ReadableStream<Uint8Array>;
}

/** `gzip;q=0` is a no. */
function acceptsGzip(header: string | null): boolean {
  const coding = header?.split(',').find((part) => /^\s*gzip\b/i.test(part));
  return coding !== undefined && !/;\s*q=0(?:\.0*)?\s*$/i.test(coding);
}
