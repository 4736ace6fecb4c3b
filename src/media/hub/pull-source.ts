/**
 * Pulls one configured camera into the hub: an RTSP session to it, its raw RTP packets published under the camera's name.
 * Reconnects by itself; the last failure is shown in the control API. One per entry of `sources`.
 */
import { StopsignError } from '../../errors.ts';
import { type Attempt, ReconnectLoop } from '../rtsp/reconnect-loop.ts';
import { parseRtspAddress, type RtspAddress } from '../rtsp/rtsp-address.ts';
import { readStalled, sessionAborted } from '../rtsp/rtsp-failure.ts';
import { type RtpTransport, RtspSession } from '../rtsp/rtsp-session.ts';
import type { HubLog } from './hub-log.ts';
import type { PathTable } from './path-table.ts';
import type { Stream } from './stream.ts';

export interface PullSourceOptions {
  readonly name: string;
  readonly url: string;
  readonly transport: RtpTransport;
  readonly paths: PathTable;
  readonly log: HubLog;
  readonly random?: () => number;
  /** No packet of the video track for this long: the session is opened anew. */
  readonly stallMs?: number;
}

const HEALTHY_MS = 5_000;
const NO_UDP =
  'No packet of the camera came over UDP: its video is fetched over TCP from now on. Open the way for UDP, or set rtsp_transport: tcp.';

export class PullSource {
  readonly #options: PullSourceOptions;
  readonly #label: string;
  readonly #stallMs: number;
  readonly #loop: ReconnectLoop;
  #lastMessage = '';
  #transport: RtpTransport;
  /** Where the session before sent us; for one attempt. */
  #movedTo: RtspAddress | null = null;

  /** @throws StopsignError BAD_CONFIG when the URL is none */
  constructor(options: PullSourceOptions) {
    this.#options = options;
    this.#label = parseRtspAddress(options.url).label;
    this.#stallMs = options.stallMs ?? 10_000;
    this.#transport = options.transport;
    this.#loop = new ReconnectLoop({
      attempt: (signal) => this.#pull(signal),
      onRetry: (attempt) => this.#onRetry(attempt),
      random: options.random ?? Math.random,
    });
  }

  start(): void {
    this.#loop.start();
  }

  async close(): Promise<void> {
    await this.#loop.close();
  }

  #onRetry({ error }: Attempt): void {
    const { name, paths, log } = this.#options;
    paths.setSourceError(name, error);
    // The same failure every few seconds is said once.
    log(error.message === this.#lastMessage ? 'debug' : 'warn', error.message, { path: name, remedy: error.remedy });
    this.#lastMessage = error.message;
  }

  async #pull(signal: AbortSignal): Promise<Attempt> {
    const { name, url, paths, log } = this.#options;
    let stream: Stream | null = null;
    let end: (error: StopsignError | null) => void = () => {};
    const ended = new Promise<StopsignError | null>((resolve) => {
      end = resolve;
    });
    let stall: NodeJS.Timeout | undefined;
    const address = this.#movedTo;
    this.#movedTo = null;
    try {
      await using session = await RtspSession.open({
        url,
        address,
        transport: this.#transport,
        signal,
        readTimeoutMs: this.#stallMs,
        onRtp: (packet) => {
          stall?.refresh();
          stream?.publish(packet);
        },
        onClosed: (error) => end(error),
      });
      if (session.transport !== this.#transport) {
        this.#transport = session.transport;
        log('warn', NO_UDP, { path: name, from: this.#label });
      }
      const openedMs = performance.now();
      stall = setTimeout(() => session.fail(readStalled(this.#label, this.#stallMs)), this.#stallMs);
      const track = { ...session.track, codec: session.codec };
      stream = paths.open(name, track, { type: 'rtspSource', id: '', close: () => {} });
      log('info', 'pulling', { path: name, from: this.#label, codec: track.encoding });
      this.#lastMessage = '';
      const error = (await ended) ?? sessionAborted(this.#label);
      this.#movedTo = session.movedTo;
      return { error, wasHealthy: performance.now() - openedMs >= HEALTHY_MS && stream.inboundBytes > 0 };
    } catch (cause) {
      return { error: StopsignError.from(cause), wasHealthy: false };
    } finally {
      clearTimeout(stall);
      if (stream) paths.end(stream);
    }
  }
}
