/**
 * Packages one stream for HLS without re-encoding: ffmpeg reads it from the hub's own RTSP port and writes fragmented MP4 to a
 * pipe, one fragment a GOP; the newest are kept in memory, each with an initialisation segment that fits its parameter sets. The programme date time is the sender report's time of the first frame
 * (ffmpeg passes it through in the `prft` box). Started by the first request, ended by `HlsServer`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import { FittingInit } from './fitting-init.ts';
import { Fmp4Splitter } from './fmp4-splitter.ts';
import { formatPlaylist } from './hls-playlist.ts';
import { fragmentedMp4, makeInit } from './init-maker.ts';
import { type HlsNumbers, SegmentStore } from './segment-store.ts';

export interface HlsPackagerOptions {
  readonly ffmpeg: string;
  readonly rtspUrl: string;
  readonly codec: VideoCodec;
  /** Of the description. */
  readonly parameterSets: readonly Buffer[];
  /** Of the first segment: greater than any that a former packager of this path gave out. */
  readonly first: HlsNumbers;
  /** Of the segments that are kept, together. */
  readonly maxBytes: number;
  /** Once, when a segment was larger than that. */
  onOversized(): void;
  /** Once, when the camera brought parameter sets of which no initialisation segment is made. */
  onUnfit(error: StopsignError): void;
  /** Once; null when `close` ended it. */
  onEnd(error: StopsignError | null): void;
}

const SEGMENTS_IN_PLAYLIST = 7;
const KILL_AFTER_MS = 500;

export class HlsPackager {
  readonly #options: HlsPackagerOptions;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  readonly #segments: SegmentStore;
  readonly #fitting: FittingInit;
  /** Ends what makes initialisation segments. */
  readonly #making = new AbortController();
  #timescale = 90_000;
  #stderr = '';
  #error: StopsignError | null = null;
  #isClosing = false;
  #hasEnded = false;

  constructor(options: HlsPackagerOptions) {
    this.#options = options;
    this.#segments = new SegmentStore(options);
    this.#process = spawn(options.ffmpeg, ffmpegArguments(options), { stdio: ['ignore', 'pipe', 'pipe'] });
    const { ffmpeg, codec } = options;
    const { signal } = this.#making;
    this.#fitting = new FittingInit({
      ...options,
      nowMs: () => performance.now(),
      make: (nals) => makeInit({ ffmpeg, codec, timescale: this.#timescale, nals, signal }),
      onFragment: (fragment, init) => {
        this.#segments.push(fragment, init);
        this.#wake();
      },
      onUnfit: (cause) => options.onUnfit(StopsignError.from(cause)),
    });
    const splitter = new Fmp4Splitter({
      onInit: (init, timescale) => {
        this.#timescale = timescale;
        this.#fitting.begin(init);
      },
      onFragment: (fragment) => this.#fitting.push(fragment),
    });
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk);
      } catch (cause) {
        this.#error ??= StopsignError.from(cause);
        this.#process.kill('SIGKILL');
      }
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-500);
    });
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (cause) => {
        this.#error ??= new StopsignError(
          'NATIVE_MISSING',
          `HLS needs ffmpeg, and it cannot be started (${options.ffmpeg}).`,
          {
            remedy: 'Install it: apt-get install ffmpeg.',
            cause,
          },
        );
        this.#end(resolve);
      });
      this.#process.once('close', () => this.#end(resolve));
    });
  }

  get error(): StopsignError | null {
    return this.#error;
  }

  /** For the packager that comes after this one. */
  get next(): HlsNumbers {
    return this.#segments.next;
  }

  /** null before the first segment. */
  get playlist(): string | null {
    const shown = this.#segments.newest(SEGMENTS_IN_PLAYLIST);
    return shown.length > 0 ? formatPlaylist(shown) : null;
  }

  segment(sequence: number): Buffer | null {
    return this.#segments.data(sequence);
  }

  init(number: number): Buffer | null {
    return this.#segments.init(number);
  }

  /** Resolves with true when there is a segment, with false after `timeoutMs` or when the packager has ended. */
  async waitForSegment(timeoutMs: number): Promise<boolean> {
    if (this.#segments.isEmpty && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, timeoutMs);
        const waiting = this.#waiting;
        function wake(): void {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        }
        waiting.add(wake);
      });
    }
    return !this.#segments.isEmpty;
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#stopMaking();
      this.#process.kill('SIGTERM');
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), KILL_AFTER_MS);
      this.#ended.then(() => clearTimeout(timer));
    }
    await this.#ended;
  }

  #end(resolve: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopMaking();
    if (!this.#isClosing) {
      const words = this.#stderr.trim().split('\n').at(-1) ?? '';
      this.#error ??= new StopsignError(
        'STREAM_UNAVAILABLE',
        `ffmpeg ended while packaging HLS${words && ` (${words})`}.`,
        {
          remedy: 'Ask again: it is started anew.',
        },
      );
    }
    this.#wake();
    resolve();
    this.#options.onEnd(this.#isClosing ? null : this.#error);
  }

  #stopMaking(): void {
    this.#fitting.close();
    this.#making.abort();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

function ffmpegArguments({ rtspUrl, codec }: HlsPackagerOptions): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...['-fflags', 'nobuffer', '-probesize', '500000', '-analyzeduration', '0'],
    ...['-rtsp_transport', 'tcp', '-timeout', '5000000', '-i', rtspUrl],
    ...fragmentedMp4(codec),
    ...['-write_prft', 'wallclock', '-flush_packets', '1', 'pipe:1'],
  ];
}
