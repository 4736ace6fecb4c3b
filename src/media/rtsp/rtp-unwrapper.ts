/** Counts RTP timestamps on beyond 2^32, so that differences over days are right. Pure state; one per session. */

export const TICKS_PER_SECOND = 90_000;
export const US_PER_TICK = 1_000_000 / TICKS_PER_SECOND;

export class RtpUnwrapper {
  #last: number | null = null;

  /** @param rtp uint32. Returns ticks on a line that has no wrap; may go back by up to 2^31. */
  unwrap(rtp: number): number {
    const ticks = this.peek(rtp);
    this.#last = ticks;
    return ticks;
  }

  /** As `unwrap`, without moving the reference. */
  peek(rtp: number): number {
    return this.#last === null ? rtp : this.#last + ((rtp - this.#last) | 0);
  }
}
