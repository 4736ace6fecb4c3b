/**
 * What ended a session of the player: the first of a broken connection, a picture that stands still or never comes, and
 * a person's wish. Every session ends in exactly one way, and the stall watch makes that certain. Used by player.ts.
 */
import type { SessionOutcome } from './player-state.ts';
import { StallWatch } from './stall-watch.ts';

export interface SessionEndOptions {
  readonly firstFrameMs: number;
  /** Once frames come. */
  readonly stallMs: number;
  /** Nothing was shown for `firstFrameMs`. */
  readonly noPicture: () => SessionOutcome;
}

export class SessionEnd {
  readonly failure: Promise<SessionOutcome>;
  private readonly stall: StallWatch;
  private readonly stallMs: number;
  private readonly ending = new AbortController();
  private resolve!: (failure: SessionOutcome) => void;
  private isShown = false;

  constructor({ firstFrameMs, stallMs, noPicture }: SessionEndOptions) {
    this.stallMs = stallMs;
    this.failure = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.stall = new StallWatch({
      limitMs: firstFrameMs,
      onStall: () => this.end(this.isShown ? { kind: 'stalled', detail: 'no frame' } : noPicture()),
    });
  }

  /** Aborted when the session ends: what is still being opened for it is given up. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get hasShown(): boolean {
    return this.isShown;
  }

  /** @returns true for the first frame of the session */
  frameShown(): boolean {
    this.stall.touch();
    if (this.isShown || this.signal.aborted) return false;
    this.isShown = true;
    this.stall.setLimit(this.stallMs);
    return true;
  }

  /** The first caller wins. */
  end(failure: SessionOutcome): void {
    this.stall.close();
    this.resolve(failure);
    this.ending.abort();
  }
}
