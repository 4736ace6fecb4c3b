/**
 * The hub's HLS port: `/<path>/index.m3u8`, `init.mp4` (`init-N.mp4` after a change) and `segN.m4s`. A path is packaged from its first request until nobody has
 * asked for a while or the stream ends.
 */
import type http from 'node:http';
import { HlsPackager } from './hls-packager.ts';
import { initNumber } from './hls-playlist.ts';
import { decodedPath, demandAccess, HttpFailure, HttpListener } from './http-listener.ts';
import { FIRST_NUMBERS, type HlsNumbers } from './segment-store.ts';
import type { HouseParts } from './settings.ts';
import type { Stream } from './stream.ts';

export interface HlsServerOptions extends HouseParts {
  /** Of the hub itself, without trailing slash. */
  readonly rtspUrl: string;
}

interface Muxer {
  readonly stream: Stream;
  readonly packager: HlsPackager;
  lastRequestMs: number;
  /** Requests that wait for the first segment. */
  waiting: number;
}

/** A first segment takes up to one GOP to begin and one to end. */
const FIRST_SEGMENT_MS = 15_000;
const SWEEP_MS = 1_000;
/** Each is an ffmpeg process. */
const MAX_MUXERS = 16;
/** Paths whose numbers go on where they ended. */
const MAX_REMEMBERED = 256;

export class HlsServer {
  readonly #options: HlsServerOptions;
  readonly #muxers = new Map<string, Muxer>();
  /** Of the next packager of a path. */
  readonly #next = new Map<string, HlsNumbers>();
  readonly #closing = new Set<Promise<void>>();
  readonly #sweeper: NodeJS.Timeout;
  #listener: HttpListener | null = null;

  /** @throws StopsignError PORT_TAKEN, BAD_CONFIG */
  static async open(options: HlsServerOptions): Promise<HlsServer> {
    const server = new HlsServer(options);
    const { settings } = options;
    try {
      server.#listener = await HttpListener.open({
        bind: settings.bind,
        port: settings.hlsPort,
        what: 'HLS',
        key: 'hls_port',
        allowMethods: 'OPTIONS, GET, HEAD',
        allowHeaders: 'Authorization, Range',
        allowOrigins: settings.allowOrigins,
        handler: (request, response, url) => server.#handle(request, response, url),
      });
    } catch (cause) {
      clearInterval(server.#sweeper);
      throw cause;
    }
    return server;
  }

  private constructor(options: HlsServerOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Paths that are being packaged. */
  get active(): readonly string[] {
    return [...this.#muxers.keys()];
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    for (const path of this.active) this.#stop(path);
    await this.#listener?.close();
    await Promise.all(this.#closing);
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse, url: URL): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new HttpFailure(405, 'method not allowed');
    const [, path = '', file = ''] = /^\/(.+)\/([^/]+)$/.exec(decodedPath(url)) ?? [];
    const sequence = /^seg(\d{1,15})\.m4s$/.exec(file)?.[1];
    const init = initNumber(file);
    if (file !== 'index.m3u8' && init === null && sequence === undefined) throw new HttpFailure(404, 'not found');
    await demandAccess(this.#options.doorkeeper, request, url, { action: 'read', path, protocol: 'hls' });
    const muxer = this.#muxer(path);
    const { packager } = muxer;
    muxer.waiting += 1;
    const isThere = await packager.waitForSegment(FIRST_SEGMENT_MS);
    muxer.waiting -= 1;
    muxer.lastRequestMs = performance.now();
    if (packager.error) throw packager.error;
    if (!isThere) throw new HttpFailure(503, `the stream on path '${path}' has not given a whole segment yet`);
    if (file === 'index.m3u8') {
      send(response, 'application/vnd.apple.mpegurl', 'no-cache', packager.playlist);
    } else if (init !== null) {
      send(response, 'video/mp4', 'no-cache', packager.init(init));
    } else {
      send(response, 'video/mp4', 'max-age=60', packager.segment(Number(sequence)));
    }
  }

  #muxer(path: string): Muxer {
    const { settings, paths, log } = this.#options;
    const stream = paths.stream(path);
    if (!stream) throw new HttpFailure(404, `no stream is available on path '${path}'`);
    const known = this.#muxers.get(path);
    if (known?.stream === stream) return known;
    if (known) this.#stop(path);
    if (this.#muxers.size >= MAX_MUXERS) throw new HttpFailure(503, 'too many streams are packaged for HLS');
    const packager = new HlsPackager({
      ffmpeg: settings.ffmpeg,
      codec: stream.track.codec,
      rtspUrl: `${this.#rtspUrl()}/${path}`,
      maxBytes: settings.hlsMaxBytes,
      onOversized: () => log('warn', 'a segment is too large for HLS and left out', { path }),
      onUnfit: (error) => log('warn', error.message, { path }),
      parameterSets: stream.track.parameterSets,
      first: this.#next.get(path) ?? FIRST_NUMBERS,
      onEnd: (error) => {
        if (error && !stream.isClosed) log('warn', error.message, { path });
        if (this.#muxers.get(path)?.packager === packager) this.#stop(path);
      },
    });
    const muxer: Muxer = { stream, packager, lastRequestMs: performance.now(), waiting: 0 };
    this.#muxers.set(path, muxer);
    log('info', 'HLS started', { path });
    return muxer;
  }

  /** Who does not trust his own machine makes even the packager show who it is. */
  #rtspUrl(): string {
    const { settings, doorkeeper, rtspUrl } = this.#options;
    const { user, password } = doorkeeper.house;
    return settings.trustThisMachine ? rtspUrl : rtspUrl.replace('rtsp://', `rtsp://${user}:${password}@`);
  }

  #stop(path: string): void {
    const muxer = this.#muxers.get(path);
    if (!muxer) return;
    this.#muxers.delete(path);
    this.#next.delete(path);
    this.#next.set(path, muxer.packager.next);
    const oldest = this.#next.keys().next().value;
    if (this.#next.size > MAX_REMEMBERED && oldest !== undefined) this.#next.delete(oldest);
    const closing = muxer.packager.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    this.#options.log('info', 'HLS stopped', { path });
  }

  #sweep(): void {
    const { hlsIdleMs } = this.#options.settings;
    for (const [path, muxer] of this.#muxers) {
      const isIdle = muxer.waiting === 0 && performance.now() - muxer.lastRequestMs > hlsIdleMs;
      if (muxer.stream.isClosed || isIdle) this.#stop(path);
    }
  }
}

function send(response: http.ServerResponse, type: string, cache: string, body: Buffer | string | null): void {
  if (body === null) throw new HttpFailure(404, 'not found');
  response.writeHead(200, {
    'Content-Type': type,
    'Cache-Control': cache,
    'Content-Length': String(Buffer.byteLength(body)),
  });
  response.end(body);
}
