/**
 * Somebody who plays a stream over RTSP/TCP: frames RTP packets onto his socket, with a sender report before the first, every
 * 10 s, and when the estimate behind it has moved. A reader whose socket does not drain is cut off, so that he costs bounded memory and never delays others.
 */
import type { Duplex } from 'node:stream';
import type { Stream, StreamReader } from './stream.ts';

export interface RtspReaderOptions {
  readonly id: string;
  readonly stream: Stream;
  readonly socket: Duplex;
  readonly channels: readonly [rtp: number, rtcp: number];
  readonly maxBacklogBytes: number;
  /** The reader is too slow, or the stream is over. */
  onEnd(reason: 'too slow' | 'stream ended'): void;
}

const REPORT_EVERY_MS = 10_000;
const MAX_MAPPING_ERROR_US = 20_000;
const RTP_HEADER_BYTES = 12;

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

  constructor(options: RtspReaderOptions) {
    this.#options = options;
    this.id = options.id;
    this.#remove = options.stream.addReader(this);
  }

  onPacket(packet: Buffer): void {
    const { socket, channels, maxBacklogBytes, onEnd } = this.#options;
    this.#reportTimer ??= setInterval(() => this.#report(), REPORT_EVERY_MS);
    const errorUs = this.#options.stream.mappingOffsetUs - this.#reportedOffsetUs;
    if (!(Math.abs(errorUs) <= MAX_MAPPING_ERROR_US)) this.#report();
    this.#packets += 1;
    this.#octets += packet.length - RTP_HEADER_BYTES;
    this.#send(channels[0], packet);
    if (socket.writableLength > maxBacklogBytes) {
      this.close();
      onEnd('too slow');
    }
  }

  onStreamEnd(): void {
    this.close();
    this.#options.onEnd('stream ended');
  }

  close(): void {
    clearInterval(this.#reportTimer);
    this.#remove();
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
    socket.write(frame);
  }
}
