/**
 * How long the receiver should hold a frame so that its metadata is there when it is shown: p95 of how much later the
 * metadata arrives than the frame itself, plus 1.5 frames. Pure; both arrivals are on the browser's own clock, so no
 * clock synchronisation enters. Fed by overlay.ts, applied by player.ts to `RTCRtpReceiver.jitterBufferTarget`.
 */
import { percentile } from '../overlay/percentile.ts';

const WINDOW = 300;
/** The newest alone may raise the target: on a machine that is suddenly busy every frame comes too late, not one in twenty. */
const RECENT = 20;
const EVERY = 10;

export interface BufferTargetOptions {
  readonly startMs?: number;
  readonly minMs?: number;
  readonly maxMs?: number;
}

export class BufferTarget {
  private readonly lateMs: number[] = [];
  private readonly minMs: number;
  private readonly maxMs: number;
  private current: number;
  private sinceUpdate = 0;

  constructor({ startMs = 250, minMs = 60, maxMs = 2_000 }: BufferTargetOptions = {}) {
    this.current = startMs;
    this.minMs = minMs;
    this.maxMs = maxMs;
  }

  get targetMs(): number {
    return this.current;
  }

  /** @param lateMs metadata arrival − frame arrival; negative when the metadata came first */
  add(lateMs: number, frameMs: number): void {
    if (!Number.isFinite(lateMs)) return;
    this.lateMs.push(lateMs);
    if (this.lateMs.length > WINDOW) this.lateMs.shift();
    if (++this.sinceUpdate < EVERY || this.lateMs.length < RECENT) return;
    this.sinceUpdate = 0;
    const p95 = Math.max(percentile(this.lateMs, 0.95) ?? 0, percentile(this.lateMs.slice(-RECENT), 0.95) ?? 0);
    const wanted = Math.min(this.maxMs, Math.max(this.minMs, p95 + 1.5 * frameMs));
    // Up at once (frames are being missed), down slowly and only when it is worth a change of pace in the picture.
    if (wanted > this.current + 10) this.current = Math.round(wanted);
    else if (wanted < this.current - 40) this.current = Math.round(this.current - (this.current - wanted) / 4);
  }
}
