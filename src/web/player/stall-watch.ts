/**
 * Notices a picture that stands still: no frame for `limitMs` while it can be seen (a hidden page gets no frame
 * callbacks, and that is no stall). Chromium itself needs some 17 s to notice that a publisher is gone.
 */
import { isPainted } from './page-watch.ts';

export interface StallWatchOptions {
  readonly limitMs: number;
  readonly onStall: () => void;
  readonly isVisible?: () => boolean;
  readonly now?: () => number;
}

export class StallWatch {
  private readonly options: Required<StallWatchOptions>;
  private readonly timer: ReturnType<typeof setInterval>;
  private lastMs: number;
  private limitMs: number;

  constructor(options: StallWatchOptions) {
    this.options = {
      isVisible: isPainted,
      now: () => performance.now(),
      ...options,
    };
    this.lastMs = this.options.now();
    this.limitMs = options.limitMs;
    this.timer = setInterval(() => this.check(), 250);
  }

  /** A frame was shown. */
  touch(): void {
    this.lastMs = this.options.now();
  }
  /** The first frame may take up to a keyframe interval longer than the ones after it. */
  setLimit(limitMs: number): void {
    this.limitMs = limitMs;
  }
  close(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    if (!this.options.isVisible()) this.touch();
    else if (this.options.now() - this.lastMs > this.limitMs) {
      this.touch();
      this.options.onStall();
    }
  }
}
