/**
 * Keeps one camera playing in one <video>: WHEP first, HLS after WebRTC failed in a way that does not heal, and round
 * again for as long as the page is open. Called by parts/stage.tsx; reports its state, never throws.
 */
import { backoffMs } from '../live/backoff.ts';
import { openHls } from './hls-playback.ts';
import { failureInWords, type PlayerState, type PlayFailure, speaksForHls, type Transport } from './player-state.ts';
import { StallWatch } from './stall-watch.ts';
import { openWhep } from './whep-client.ts';

/** WebRTC attempts that end this way before HLS is tried. */
const FAILURES_BEFORE_HLS = 3;
const FIRST_FRAME_MS = 10_000;
const STALL_MS = 3_000;
const HLS_STALL_MS = 12_000;

export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  /** Same-origin base, `/media/<camera>`. */
  readonly mediaBase: string;
  readonly bufferTargetMs: () => number;
  readonly onState: (state: PlayerState) => void;
}

export class Player {
  private readonly options: PlayerOptions;
  private readonly abort = new AbortController();
  private transport: Transport = 'webrtc';
  private webrtcFailures = 0;
  private attempt = 0;
  private stall: StallWatch | null = null;
  private endCurrent: ((failure: PlayFailure) => void) | null = null;
  private wake: (() => void) | null = null;
  private receiver: RTCRtpReceiver | null = null;
  private isPlaying = false;

  constructor(options: PlayerOptions) {
    this.options = options;
    void this.run();
  }

  /** Called for every frame that is shown. */
  frameShown(): void {
    this.stall?.touch();
    if (this.isPlaying) return;
    this.isPlaying = true;
    this.attempt = 0;
    this.webrtcFailures = 0;
    this.stall?.setLimit(this.transport === 'hls' ? HLS_STALL_MS : STALL_MS);
    this.options.onState({ kind: 'playing', transport: this.transport });
  }

  /** Applies the wanted jitter buffer; a no-op on HLS and where the browser has no such knob. */
  applyBufferTarget(): void {
    const target = this.options.bufferTargetMs();
    if (this.receiver && this.receiver.jitterBufferTarget !== target) this.receiver.jitterBufferTarget = target;
  }

  /** A person pressed play, "retry now" or "use WebRTC". */
  retry(transport: Transport = this.transport): void {
    if (transport !== this.transport) {
      this.transport = transport;
      this.webrtcFailures = 0;
      this.endCurrent?.({ kind: 'switched', detail: 'Switching the transport.' });
    } else this.options.video.play().catch(() => undefined);
    this.wake?.();
  }

  close(): void {
    this.abort.abort();
    this.endCurrent?.({ kind: 'aborted', detail: 'The player was closed.' });
    this.wake?.();
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      this.isPlaying = false;
      this.options.onState({ kind: 'connecting', transport: this.transport });
      const failure = this.transport === 'webrtc' ? await this.playWebrtc() : await this.playHls();
      if (signal.aborted) return;
      if (failure.kind === 'switched') continue;
      this.choose(failure);
      // A picture that stood still is worth an immediate new session; everything else waits its 2 s.
      const delay = backoffMs(failure.kind === 'stalled' ? 0 : Math.max(0, this.attempt++ - 4), {
        baseMs: failure.kind === 'stalled' ? 250 : 2_000,
        maxMs: 10_000,
        jitter: 0.5,
      });
      const reason = failureInWords(failure);
      this.options.onState({
        kind: 'waiting',
        transport: this.transport,
        reason,
        retryAtMs: performance.now() + delay,
      });
      await this.sleep(delay);
    }
  }

  private choose(failure: PlayFailure): void {
    if (this.transport === 'hls') this.transport = 'webrtc';
    else if (speaksForHls(failure) && ++this.webrtcFailures >= FAILURES_BEFORE_HLS) {
      this.webrtcFailures = 0;
      this.transport = 'hls';
    }
  }

  private async playWebrtc(): Promise<PlayFailure> {
    const { video, mediaBase } = this.options;
    const ended = this.untilEnded('peer', 'No picture arrived over WebRTC.');
    const result = await openWhep({
      url: new URL(`${mediaBase}/whep`, location.href).href,
      signal: this.abort.signal,
      fetch: (...request) => fetch(...request),
      createPeer: (configuration) => new RTCPeerConnection(configuration),
      onTrack: (stream, receiver) => {
        this.receiver = receiver;
        this.applyBufferTarget();
        video.srcObject = stream;
        this.play();
      },
      onBroken: (failure) => this.endCurrent?.(failure),
    });
    if ('failure' in result) {
      this.endCurrent?.(result.failure);
      return ended;
    }
    const leave = () => result.session.close();
    addEventListener('pagehide', leave);
    const failure = await ended;
    removeEventListener('pagehide', leave);
    leave();
    this.receiver = null;
    video.srcObject = null;
    return failure;
  }

  private async playHls(): Promise<PlayFailure> {
    const { video, mediaBase } = this.options;
    const ended = this.untilEnded('hls', 'No picture arrived over HLS.');
    try {
      const playback = await openHls(video, `${mediaBase}/hls/index.m3u8`, (detail) =>
        this.endCurrent?.({ kind: 'hls', detail }),
      );
      this.play();
      const failure = await ended;
      playback.close();
      return failure;
    } catch (error) {
      this.endCurrent?.({ kind: 'hls', detail: error instanceof Error ? error.message : String(error) });
      return ended;
    }
  }

  /** Resolves once, with whatever ends the current session first; the stall watch makes that certain. */
  private untilEnded(kind: 'peer' | 'hls', noPicture: string): Promise<PlayFailure> {
    return new Promise((resolve) => {
      const stall = new StallWatch({
        limitMs: kind === 'hls' ? FIRST_FRAME_MS + HLS_STALL_MS : FIRST_FRAME_MS,
        onStall: () =>
          this.endCurrent?.(this.isPlaying ? { kind: 'stalled', detail: 'no frame' } : { kind, detail: noPicture }),
      });
      this.stall = stall;
      this.endCurrent = (failure) => {
        stall.close();
        this.endCurrent = null;
        resolve(failure);
      };
      if (this.abort.signal.aborted) this.endCurrent({ kind: 'aborted', detail: 'The player was closed.' });
    });
  }

  private play(): void {
    this.options.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.options.onState({ kind: 'blocked', transport: this.transport });
      }
    });
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }
}
