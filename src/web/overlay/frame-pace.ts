/** How fast frames come to the screen: their rate, their length, and those the browser left out. Fed by overlay.ts. */
import { rtpMs } from './frame-history.ts';

const RATE_WINDOW_MS = 2_000;
/** The page was hidden or the picture stood still: what was presented meanwhile nobody missed. */
const PAUSE_MS = 1_000;

export class FramePace {
  /** Of the video, by its timestamps: how long one frame lasts, ms. */
  frameMs = 33;
  /** Frames that the browser presented without a callback, since the player session began. */
  missed = 0;
  private shownAtMs: number[] = [];
  private lastRtp: number | undefined;
  private lastMediaS: number | undefined;
  private lastPresented: number | undefined;

  add(nowMs: number, metadata: VideoFrameCallbackMetadata | null): void {
    const isAfterPause = nowMs - (this.shownAtMs.at(-1) ?? nowMs) > PAUSE_MS;
    this.shownAtMs.push(nowMs);
    while (this.shownAtMs.length > 1 && nowMs - (this.shownAtMs[0] ?? nowMs) > RATE_WINDOW_MS) this.shownAtMs.shift();
    if (!metadata) return;
    const { rtpTimestamp, mediaTime, presentedFrames } = metadata;
    const stepMs =
      rtpTimestamp === undefined
        ? (mediaTime - (this.lastMediaS ?? mediaTime)) * 1_000
        : rtpMs(rtpTimestamp, this.lastRtp ?? rtpTimestamp);
    if (stepMs > 4 && stepMs < 250) this.frameMs += (stepMs - this.frameMs) / 10;
    const presented = presentedFrames - (this.lastPresented ?? presentedFrames - 1);
    if (presented > 1 && !isAfterPause) this.missed += presented - 1;
    this.lastRtp = rtpTimestamp;
    this.lastMediaS = mediaTime;
    this.lastPresented = presentedFrames;
  }

  /** Frames shown per second. */
  get shownFps(): number {
    const [first, last] = [this.shownAtMs[0] ?? 0, this.shownAtMs.at(-1) ?? 0];
    return last > first ? ((this.shownAtMs.length - 1) * 1_000) / (last - first) : 0;
  }

  /** A new player session counts its own timestamps. */
  reset(): void {
    this.lastRtp = undefined;
    this.lastMediaS = undefined;
    this.lastPresented = undefined;
    this.missed = 0;
  }
}
