/**
 * Somebody who plays a stream over RTSP/TCP: frames RTP packets onto his socket, the newest key picture first, with a sender
 * report before the first, every 10 s, and when the estimate behind it has moved. A reader whose socket does not drain fast
 * enough misses pictures, from the oldest that wait up to the next key picture, so that he costs bounded memory and never delays
 * others; one whose socket takes nothing is cut off.
 */
import type { Duplex } from 'node:stream';
import type { Stream, StreamReader } from './stream.ts';

export interface RtspReaderOptions {
  readonly id: string;
  readonly stream: Stream;
  readonly socket: Duplex;
  readonly channels: readonly [rtp: number, rtcp: number];
  readonly maxBacklogBytes: number;
  /** The socket takes nothing for so long: the reader is gone. */
  readonly timeoutMs: number;
  /** Once, when the first pictures had to be left out. */
  onSlow(): void;
  onEnd(reason: 'takes nothing' | 'stream ended'): void;
}

interface Waiting {
  readonly packet: Buffer;
  readonly startsKey: boolean;
}

const REPORT_EVERY_MS = 10_000;
const MAX_MAPPING_ERROR_US = 20_000;
const RTP_HEADER_BYTES = 12;
/** So much is given to the socket; the rest waits where it still can be left out. */
const SOCKET_BYTES = 128 * 1024;

export class RtspReader implements StreamReader {
  readonly type = 'rtspSession';
  readonly id: string;
  readonly #options: RtspReaderOptions;
  readonly #remove: () => void;
  #reportTimer: NodeJS.Timeout | undefined;
  /** NaN: nothing reported yet. */
  #reportedOffsetUs = Number.NaN;
  #packets = 0;
  #octets = 0;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Until the next key picture. */
  #isSkipping = false;
  #wasSlow = false;
  #isClosed = false;
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(options: RtspReaderOptions) {
    this.#options = options;
    this.id = options.id;
    this.#remove = options.stream.addReader(this);
    for (const [n, packet] of options.stream.newestGop.entries()) this.onPacket(packet, n === 0);
  }

  onPacket(packet: Buffer, startsKey: boolean): void {
    if (this.#isSkipping && !startsKey) {
      this.#options.stream.leftOutPackets += 1;
      return;
    }
    this.#isSkipping = false;
    this.#waiting.push({ packet, startsKey });
    this.#waitingBytes += packet.length;
    while (this.#waitingBytes > this.#options.maxBacklogBytes) this.#dropOldest();
    this.#pump();
  }

  onStreamEnd(): void {
    this.close();
    this.#options.onEnd('stream ended');
  }

  close(): void {
    clearInterval(this.#reportTimer);
    clearTimeout(this.#stallTimer);
    this.#isClosed = true;
    this.#waiting = [];
    this.#remove();
  }

  /** The socket has passed something on. A reader that is always behind never drains it, and yet takes what he can. */
  readonly #onTaken = (): void => {
    if (this.#isClosed) return;
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    this.#pump();
  };

  #pump(): void {
    const { socket, timeoutMs, onEnd } = this.#options;
    while (this.#waiting.length > 0 && socket.writableLength < SOCKET_BYTES) {
      const next = this.#waiting.shift();
      if (next) this.#sendPacket(next.packet);
    }
    if (this.#waiting.length === 0 || this.#stallTimer) return;
    this.#stallTimer = setTimeout(() => {
      this.close();
      onEnd('takes nothing');
    }, timeoutMs);
  }

  /** Up to the next key picture that waits; everything, and what comes up to the next, when none does. */
  #dropOldest(): void {
    if (!this.#wasSlow) this.#options.onSlow();
    this.#wasSlow = true;
    const nextKey = this.#waiting.findIndex(({ startsKey }, n) => n > 0 && startsKey);
    const dropped = this.#waiting.splice(0, nextKey < 0 ? this.#waiting.length : nextKey);
    this.#options.stream.leftOutPackets += dropped.length;
    this.#waitingBytes -= dropped.reduce((sum, { packet }) => sum + packet.length, 0);
    this.#isSkipping = nextKey < 0;
  }

  #sendPacket(packet: Buffer): void {
    this.#waitingBytes -= packet.length;
    this.#reportTimer ??= setInterval(() => this.#report(), REPORT_EVERY_MS);
    const errorUs = this.#options.stream.mappingOffsetUs - this.#reportedOffsetUs;
    if (!(Math.abs(errorUs) <= MAX_MAPPING_ERROR_US)) this.#report();
    this.#packets += 1;
    this.#octets += packet.length - RTP_HEADER_BYTES;
    this.#send(this.#options.channels[0], packet);
  }

  #report(): void {
    const { stream, channels } = this.#options;
    const report = stream.senderReport(this.#packets, this.#octets);
    if (!report) return;
    this.#reportedOffsetUs = stream.mappingOffsetUs;
    this.#send(channels[1], report);
  }

  #send(channel: number, payload: Buffer): void {
    const { socket } = this.#options;
    if (!socket.writable) return;
    const frame = Buffer.allocUnsafe(4 + payload.length);
    frame.writeUInt8(0x24, 0);
    frame.writeUInt8(channel, 1);
    frame.writeUInt16BE(payload.length, 2);
    payload.copy(frame, 4);
    socket.write(frame, this.#onTaken);
  }
}
