/**
 * The metadata the page has received, ready to be asked for by RTP timestamp or by moment. Pure and bounded; filled from
 * the live socket, asked by sync.ts.
 */
import type { LiveFrame } from '../../rpc/live.ts';

export interface Arrival {
  readonly frame: LiveFrame;
  /** Performance clock, ms. */
  readonly arrivedMs: number;
}

/** The analysed frames around a moment; `before` is at or before it. Distances in ms, `after` > 0. */
export interface Around {
  readonly before: Arrival | undefined;
  readonly after: Arrival | undefined;
  readonly sinceBeforeMs: number;
  readonly untilAfterMs: number;
}

/** Frames of the previous session may still wait in the jitter buffer for this long. */
const OLD_EPOCH_MS = 3_000;
/** RTP video clock, ticks per millisecond. */
const TICKS_PER_MS = 90;

export class FrameHistory {
  private readonly capacity: number;
  private readonly byRtp = new Map<number, Arrival>();
  /** Of the current epoch, in the order of arrival, which is the order of capture. */
  private arrivals: Arrival[] = [];
  private epochBeganMs = 0;
  epoch = Number.NEGATIVE_INFINITY;

  /** @param capacity frames; HLS shows what was captured up to ten seconds ago, so 20 s at 60 frames a second */
  constructor(capacity = 1_200) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.byRtp.size;
  }
  get newest(): Arrival | undefined {
    return this.arrivals.at(-1);
  }

  add(frame: LiveFrame, nowMs: number): void {
    if (frame.epoch < this.epoch && !this.isSilent(nowMs)) return;
    if (frame.epoch !== this.epoch) this.beginEpoch(frame.epoch, nowMs);
    const arrival = { frame, arrivedMs: nowMs };
    // Re-inserting moves a repeated timestamp to the end, so that the oldest entry is always the first key.
    this.byRtp.delete(frame.rtp);
    this.byRtp.set(frame.rtp, arrival);
    this.arrivals.push(arrival);
    if (this.arrivals.length > this.capacity) this.arrivals.shift();
    for (const key of this.byRtp.keys()) {
      if (this.byRtp.size <= this.capacity) break;
      this.byRtp.delete(key);
    }
  }

  /** A camera may restart its timestamps at 0: entries of a past session must not answer for new frames for long. */
  forgetPast(nowMs: number): void {
    if (nowMs - this.epochBeganMs > OLD_EPOCH_MS) this.forgetOldEpochs();
  }

  withRtp(rtp: number): Arrival | undefined {
    return this.byRtp.get(rtp);
  }
  aroundRtp(rtp: number): Around {
    return this.around((frame) => rtpMs(frame.rtp, rtp));
  }
  /** @param utc seconds */
  aroundUtc(utc: number): Around {
    return this.around((frame) => (frame.ts_utc - utc) * 1_000);
  }
  /**
   * The analysed frames up to `arrival`, ascending in time, at least two where there are as many.
   * @param withinS how far back
   */
  upTo(arrival: Arrival, withinS: number): LiveFrame[] {
    const frames = [arrival.frame];
    for (let i = this.arrivals.lastIndexOf(arrival) - 1; i >= 0; i--) {
      const { frame } = this.arrivals[i] as Arrival;
      const next = frames[0] as LiveFrame;
      if (frames.length > 1 && frame.ts_utc < arrival.frame.ts_utc - withinS) break;
      if (frame.ts_utc < next.ts_utc) frames.unshift(frame);
    }
    return frames;
  }

  /**
   * Epochs are numbered by the server's clock, and that may be set back: then the session with the lower number is the
   * new one. A past session ends within a moment; what still sends after its successor fell silent is no past session.
   */
  private isSilent(nowMs: number): boolean {
    return nowMs - (this.newest?.arrivedMs ?? Number.NEGATIVE_INFINITY) > OLD_EPOCH_MS;
  }

  private beginEpoch(epoch: number, nowMs: number): void {
    this.forgetOldEpochs();
    this.epoch = epoch;
    this.epochBeganMs = nowMs;
    this.arrivals = [];
  }

  private forgetOldEpochs(): void {
    for (const [rtp, { frame }] of this.byRtp) {
      if (frame.epoch === this.epoch) return; // entries are in order of arrival
      this.byRtp.delete(rtp);
    }
  }

  /** @param fromWantedMs of a frame: its moment minus the wanted one */
  private around(fromWantedMs: (frame: LiveFrame) => number): Around {
    let after: Arrival | undefined;
    let untilAfterMs = Number.POSITIVE_INFINITY;
    for (let i = this.arrivals.length - 1; i >= 0; i--) {
      const arrival = this.arrivals[i];
      if (!arrival) break;
      const distanceMs = fromWantedMs(arrival.frame);
      if (distanceMs <= 0) return { before: arrival, after, sinceBeforeMs: -distanceMs, untilAfterMs };
      after = arrival;
      untilAfterMs = distanceMs;
    }
    return { before: undefined, after, sinceBeforeMs: Number.POSITIVE_INFINITY, untilAfterMs };
  }
}

/** a − b on the 32-bit circle of a 90 kHz clock, in ms. */
export function rtpMs(a: number, b: number): number {
  return ((a - b) | 0) / TICKS_PER_MS;
}
