/**
 * Serves the scene to the browser on a loopback port of its own and takes the pictures that it posts. The scene is the
 * compiled `dist/sim`, unbundled: browsers read modules, and an import map tells where three.js is.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { DIST_DIR, PROJECT_ROOT } from '../../config/project-files.ts';

const PAGE = `<!doctype html><meta charset="utf-8"><title>StopSign scene</title>
<script type="importmap">{"imports":{"three":"/three/three.module.js"}}</script>
<script type="module" src="/sim/scene/page.js"></script>`;

const FOLDERS: Readonly<Record<string, string>> = {
  sim: join(DIST_DIR, 'sim'),
  three: join(PROJECT_ROOT, 'node_modules', 'three', 'build'),
};

const LARGEST_PICTURE = 64 * 1024 * 1024;

export interface SceneServer extends AsyncDisposable {
  readonly url: string;
  /** The picture that was posted last, taken out. */
  takePicture(): Buffer | null;
  close(): Promise<void>;
}

export async function startSceneServer(): Promise<SceneServer> {
  let picture: Buffer | null = null;
  const server = createServer((request, response) => {
    const work = request.method === 'POST' ? receive(request) : send(request, response);
    work
      .then((received) => {
        if (!received) return;
        picture = received;
        response.end();
      })
      .catch(() => {
        response.statusCode = 404;
        response.end();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takePicture: () => {
      const taken = picture;
      picture = null;
      return taken;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function receive(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_PICTURE) throw new RangeError('too large for a picture');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function send(request: IncomingMessage, response: ServerResponse): Promise<null> {
  const { pathname } = new URL(request.url ?? '/', 'http://scene');
  if (pathname === '/') {
    response.setHeader('content-type', 'text/html');
    response.end(PAGE);
    return null;
  }
  const [, root = '', ...rest] = normalize(pathname).split('/');
  const folder = FOLDERS[root];
  if (folder === undefined || extname(pathname) !== '.js') throw new RangeError('not part of the scene');
  const text = await readFile(join(folder, ...rest));
  response.setHeader('content-type', 'text/javascript');
  response.end(text);
  return null;
}
