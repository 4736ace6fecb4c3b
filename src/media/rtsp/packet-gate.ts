/**
 * Keeps the packets that come before anybody can listen: together with the answer to PLAY, or over UDP before it. Opened by
 * `RtspSession` when its caller has the session. Bounded.
 */
const MAX_EARLY_PACKETS = 1_000;

export interface PacketSink {
  onRtp(packet: Buffer): void;
  onRtcp?(packet: Buffer): void;
}

export class PacketGate {
  readonly #sink: PacketSink;
  #early: [isRtp: boolean, packet: Buffer][] = [];
  #isOpen = false;
  #hasRtp = false;
  #wake: () => void = () => {};

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  readonly onRtp = (packet: Buffer): void => {
    this.#hasRtp = true;
    this.#wake();
    if (this.#isOpen) this.#sink.onRtp(packet);
    else this.#keep(true, packet);
  };

  readonly onRtcp = (packet: Buffer): void => {
    if (this.#isOpen) this.#sink.onRtcp?.(packet);
    else this.#keep(false, packet);
  };

  /** Whether an RTP packet has come, after at most so long. */
  async hasPacketWithin(timeoutMs: number): Promise<boolean> {
    if (!this.#hasRtp) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#hasRtp;
  }

  open(): void {
    this.#isOpen = true;
    for (const [isRtp, packet] of this.#early.splice(0)) {
      if (isRtp) this.#sink.onRtp(packet);
      else this.#sink.onRtcp?.(packet);
    }
  }

  /** Nothing more comes: whoever waits need not. */
  close(): void {
    this.#wake();
  }

  #keep(isRtp: boolean, packet: Buffer): void {
    if (this.#early.length < MAX_EARLY_PACKETS) this.#early.push([isRtp, packet]);
  }
}
