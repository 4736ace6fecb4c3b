/**
 * Keeps one camera playing in one <video>: WHEP first, HLS after WebRTC failed in a way that does not heal, back to
 * WebRTC when it works again, and round again for as long as the page is open. Called by parts/stage.tsx; reports its
 * state, never throws.
 */
import { backoffMs } from '../live/backoff.ts';
import { type HlsPlayback, openHls } from './hls-playback.ts';
import { PageWatch } from './page-watch.ts';
import { isFailure, type PlayerState, type SessionOutcome, type Transport } from './player-state.ts';
import { SessionEnd } from './session-end.ts';
import { moreTelling, type StreamFailure, speaksForHls } from './stream-failure.ts';
import { readFigures, type StreamFigures } from './stream-figures.ts';
import { webrtcWorks } from './webrtc-probe.ts';
import { openWhep } from './whep-client.ts';

/** WebRTC attempts that end this way before HLS is tried. */
const FAILURES_BEFORE_HLS = 3;
const FIRST_FRAME_MS = 10_000;
const STALL_MS = 3_000;
/** Between two attempts, unless the server wants it longer. */
const LONGEST_WAIT_MS = 10_000;
const HLS_FIRST_FRAME_MS = 22_000;
const HLS_STALL_MS = 12_000;
/** While HLS plays: WebRTC is tried again so often, less and less. */
const PROBE = { baseMs: 20_000, maxMs: 300_000, jitter: 0.3 };

export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  /** Same-origin base, `/media/<camera>`. */
  readonly mediaBase: string;
  /** What the receiver is asked to hold a frame for, ms. */
  readonly bufferTargetMs: () => number;
  readonly onState: (state: PlayerState) => void;
  /** The picture is about to go: the last one can still be read from the <video>. */
  readonly onLeaving: () => void;
}

export class Player {
  private readonly options: PlayerOptions;
  private readonly whepUrl: string;
  private readonly abort = new AbortController();
  private readonly page: PageWatch;
  private transport: Transport = 'webrtc';
  private webrtcFailures = 0;
  /** Why HLS is tried: where that fails too, it may be the better reason. */
  private refusal: StreamFailure | null = null;
  /** What both ways failed with, since there was a picture. */
  private again: StreamFailure | null = null;
  private attempt = 0;
  /** Tries of WebRTC since it last showed a frame. */
  private probes = 0;
  private session: SessionEnd | null = null;
  private receiver: RTCRtpReceiver | null = null;
  private hls: HlsPlayback | null = null;
  private wake: (() => void) | null = null;

  constructor(options: PlayerOptions) {
    this.options = options;
    this.whepUrl = new URL(`${options.mediaBase}/whep`, location.href).href;
    this.page = new PageWatch({
      onAway: () => this.session?.end({ kind: 'away', detail: 'The page is hidden.' }),
      onBack: () => this.wake?.(),
      onNetwork: () => (this.wake ? this.wake() : this.session?.end({ kind: 'stalled', detail: 'another network' })),
    });
    void this.run();
  }

  /** Called for every frame that is shown. */
  frameShown(): void {
    if (!this.session?.frameShown()) return;
    this.attempt = 0;
    this.refusal = null;
    this.again = null;
    if (this.transport === 'webrtc') {
      this.webrtcFailures = 0;
      this.probes = 0;
    }
    this.options.onState({ kind: 'playing', transport: this.transport });
  }

  /** Applies the wanted jitter buffer; a no-op on HLS and where the browser has no such knob. */
  applyBufferTarget(): void {
    const target = this.options.bufferTargetMs();
    if (this.receiver && this.receiver.jitterBufferTarget !== target) this.receiver.jitterBufferTarget = target;
  }

  /** See HlsPlayback; null over WebRTC. */
  programUtc(mediaS: number): number | null {
    return this.hls?.programUtc(mediaS) ?? null;
  }

  /** What the browser says of the stream; null over HLS. */
  async figures(): Promise<StreamFigures | null> {
    const report = await this.receiver?.getStats().catch(() => null);
    return report ? readFigures(report) : null;
  }

  /** A person pressed play, "retry now" or "use WebRTC". */
  retry(transport: Transport = this.transport): void {
    if (transport !== this.transport) this.switchTo(transport);
    else this.options.video.play().catch(() => undefined);
    this.wake?.();
  }

  close(): void {
    this.abort.abort();
    this.page.close();
    this.session?.end({ kind: 'aborted', detail: 'The player was closed.' });
    this.wake?.();
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      // Also between two attempts, and whatever woke the player: nothing is opened that nobody would see.
      if (this.page.isAway) await this.whileAway();
      if (signal.aborted) return;
      const { transport, again } = this;
      this.options.onState({ kind: 'connecting', transport, ...(again && { again }) });
      const outcome = this.transport === 'webrtc' ? await this.playWebrtc() : await this.playHls();
      this.session = null;
      if (signal.aborted) return;
      if (isFailure(outcome)) await this.afterFailure(outcome);
    }
  }

  private async afterFailure(failure: StreamFailure): Promise<void> {
    const telling = this.transport === 'hls' ? moreTelling(this.refusal, failure) : failure;
    if (this.transport === 'hls' || this.again) this.again = telling;
    this.choose(failure);
    // A picture that stood still, or that the hub took away, is worth an immediate new session, and HLS need not wait where
    // WebRTC will not do; everything else waits as the server says, or 2 s.
    const isAtOnce = failure.kind === 'stalled' || failure.kind === 'ended' || failure.isFinal;
    const baseMs = isAtOnce ? 250 : (failure.retryAfterMs ?? 2_000);
    const delay = backoffMs(isAtOnce ? 0 : Math.max(0, this.attempt++ - 4), {
      baseMs,
      maxMs: Math.max(LONGEST_WAIT_MS, baseMs),
      jitter: 0.5,
    });
    const { transport } = this;
    // Refused for good over WebRTC says nothing yet: HLS may play it.
    const isUndecided = failure.isFinal && transport === 'hls' && !this.again;
    const retryAtMs = performance.now() + delay;
    if (!isUndecided) this.options.onState({ kind: 'waiting', transport, failure: telling, retryAtMs });
    await this.sleep(delay);
  }

  /** Nobody looks: nothing is fetched until somebody does. */
  private async whileAway(): Promise<void> {
    this.options.onState({ kind: 'away', transport: this.transport });
    while (this.page.isAway && !this.abort.signal.aborted) await this.sleep(null);
  }

  private choose(failure: StreamFailure): void {
    if (this.transport === 'hls') this.transport = 'webrtc';
    else if (failure.isFinal || (speaksForHls(failure) && ++this.webrtcFailures >= FAILURES_BEFORE_HLS)) {
      this.webrtcFailures = 0;
      this.refusal = failure;
      this.transport = 'hls';
    }
  }

  private switchTo(transport: Transport): void {
    this.transport = transport;
    // HLS plays: one failure that does not heal is enough to go back to it.
    this.webrtcFailures = FAILURES_BEFORE_HLS - 1;
    this.session?.end({ kind: 'switched', detail: 'Switching the transport.' });
  }

  private async playWebrtc(): Promise<SessionOutcome> {
    const { video } = this.options;
    let isOpen = false;
    const session = new SessionEnd({
      firstFrameMs: FIRST_FRAME_MS,
      stallMs: STALL_MS,
      noPicture: () =>
        isOpen
          ? { kind: 'no-media', detail: 'No picture arrived over WebRTC.' }
          : { kind: 'timeout', detail: 'No session was opened in time.' },
    });
    this.session = session;
    const result = await openWhep({
      url: this.whepUrl,
      signal: session.signal,
      fetch: (...request) => fetch(...request),
      createPeer: (configuration) => new RTCPeerConnection(configuration),
      onTrack: (stream, receiver) => {
        this.receiver = receiver;
        this.applyBufferTarget();
        video.srcObject = stream;
        this.play();
      },
      onBroken: (failure) => session.end(failure),
    });
    if ('failure' in result) {
      session.end(result.failure);
      return session.failure;
    }
    isOpen = true;
    const leave = () => result.session.close();
    addEventListener('pagehide', leave);
    const failure = await session.failure;
    // A hub that lets us in and ends it before there is a picture has something against the stream, or against us.
    const isRefusal = failure.kind === 'ended' && !session.hasShown;
    const named = await this.withCodec(isRefusal ? { kind: 'no-media', detail: failure.detail } : failure);
    removeEventListener('pagehide', leave);
    this.options.onLeaving();
    leave();
    this.receiver = null;
    video.srcObject = null;
    return named;
  }

  /** "No picture" is worth more when the browser says that it got one and cannot read it. */
  private async withCodec(failure: SessionOutcome): Promise<SessionOutcome> {
    const figures = failure.kind === 'no-media' ? await this.figures() : null;
    if (!figures || figures.framesReceived === 0 || figures.framesDecoded > 0) return failure;
    return {
      kind: 'codec',
      detail: `${figures.framesReceived} frames came, none was decoded (${figures.codec ?? 'unknown codec'}).`,
    };
  }

  private async playHls(): Promise<SessionOutcome> {
    const session = new SessionEnd({
      firstFrameMs: HLS_FIRST_FRAME_MS,
      stallMs: HLS_STALL_MS,
      noPicture: () => ({ kind: 'no-media', detail: 'No picture arrived over HLS.' }),
    });
    this.session = session;
    const broken = (failure: StreamFailure) => session.end(failure);
    // Not waited for: the code of the HLS player may take longer to load than the session lasts.
    openHls(this.options.video, `${this.options.mediaBase}/hls/index.m3u8`, session.signal, broken).then(
      (hls) => {
        if (session.signal.aborted) return hls.close();
        this.hls = hls;
        this.play();
      },
      (error: unknown) => broken({ kind: 'no-media', detail: error instanceof Error ? error.message : String(error) }),
    );
    void this.probeWebrtc(session.signal);
    const failure = await session.failure;
    this.options.onLeaving();
    this.hls?.close();
    this.hls = null;
    return failure;
  }

  private async probeWebrtc(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          ended.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, backoffMs(this.probes++, PROBE));
        ended.addEventListener('abort', done);
      });
      if (ended.aborted || !(await webrtcWorks(this.whepUrl, ended)) || ended.aborted) continue;
      this.switchTo('webrtc');
      return;
    }
  }

  private play(): void {
    this.options.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.options.onState({ kind: 'blocked', transport: this.transport });
      }
    });
  }

  /** @param ms null: until woken */
  private sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(() => this.wake?.(), ms);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }
}
