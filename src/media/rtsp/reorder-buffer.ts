/**
 * Puts RTP packets that came over UDP back into sequence and drops the repeated ones. Waits for a missing packet until so much
 * came after it, or for so long, that it must be lost; what follows then shows the gap. Pure state, no timer: a picture a
 * 25th of a second later is clock enough. Used by `UdpTransport`, one per track.
 */
export interface ReorderBufferOptions {
  emit(packet: Buffer): void;
}

/** At most so many packets are held; a key picture of 300 kB has about as many. */
export const MAX_HELD = 256;
export const MAX_WAIT_MS = 80;

interface Held {
  readonly packet: Buffer;
  readonly atMs: number;
}

export class ReorderBuffer {
  readonly #emit: (packet: Buffer) => void;
  /** By sequence number; all of them are ahead of `#next`. */
  readonly #held = new Map<number, Held>();
  #next: number | null = null;

  constructor(options: ReorderBufferOptions) {
    this.#emit = options.emit;
  }

  get held(): number {
    return this.#held.size;
  }

  /** @param packet an RTP packet, at least its fixed header; anything shorter is left out */
  push(packet: Buffer, nowMs: number): void {
    if (packet.length < 12) return;
    const sequence = packet.readUInt16BE(2);
    this.#next ??= sequence;
    const ahead = (sequence - this.#next) & 0xffff;
    const behind = 0x10000 - ahead;
    if (ahead >= 0x8000) {
      // Late or repeated, or the sender began anew.
      if (behind <= MAX_HELD) return;
      this.#release(Number.POSITIVE_INFINITY);
      this.#next = sequence;
    }
    // The first of two counts: it knows since when we wait.
    if (!this.#held.has(sequence)) this.#held.set(sequence, { packet, atMs: nowMs });
    this.#release(nowMs);
  }

  /** Hands out what is in sequence, and goes over gaps that have lasted. */
  #release(nowMs: number): void {
    while (this.#held.size > 0 && this.#next !== null) {
      const held = this.#held.get(this.#next);
      if (held) {
        this.#held.delete(this.#next);
        this.#next = (this.#next + 1) & 0xffff;
        this.#emit(held.packet);
      } else if (this.#held.size > MAX_HELD || this.#waitedMs(nowMs) > MAX_WAIT_MS) {
        this.#next = this.#nearest(this.#next);
      } else {
        return;
      }
    }
  }

  #waitedMs(nowMs: number): number {
    // In the order they came.
    const oldest = this.#held.values().next().value;
    return oldest ? nowMs - oldest.atMs : 0;
  }

  #nearest(next: number): number {
    let least = 0xffff;
    for (const sequence of this.#held.keys()) least = Math.min(least, (sequence - next) & 0xffff);
    return (next + least) & 0xffff;
  }
}
