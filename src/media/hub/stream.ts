/**
 * A stream that is being published under a path: takes the publisher's RTP packets, hands them to all readers unchanged, and
 * knows which UTC belongs to which RTP timestamp: by the publisher's own sender reports while they are believable, else
 * estimated from arrival. One per path while there is a publisher or a connected source. Lives in the hub's process.
 */
import type { VideoCodec } from '../access-unit.ts';
import { ArrivalClock } from '../rtsp/arrival-clock.ts';
import { formatSenderReport, parseSenderReports } from '../rtsp/rtcp.ts';
import { RtpUnwrapper, US_PER_TICK } from '../rtsp/rtp-unwrapper.ts';
import type { VideoTrack } from '../rtsp/sdp.ts';

export interface StreamReader {
  /** MediaMTX's names. */
  readonly type: 'rtspSession' | 'webRTCSession';
  readonly id: string;
  /** @param packet shared by all readers: do not change it */
  onPacket(packet: Buffer): void;
  /** The stream is over; the reader must let go of the viewer. */
  onStreamEnd(): void;
}

export type PlayableTrack = VideoTrack & { readonly codec: VideoCodec };

const MIN_RTP_BYTES = 12;
/** A publisher whose reports and whose packets are further apart than this has a clock that was not set. */
const MAX_REPORT_ERROR_US = 5_000_000;

export class Stream {
  readonly path: string;
  readonly track: PlayableTrack;
  readonly readySince: Date;
  readonly #clock: { nowUs(): number };
  readonly #readers = new Set<StreamReader>();
  readonly #unwrapper = new RtpUnwrapper();
  readonly #arrival = new ArrivalClock();
  #last: { ticks: number; timestamp: number; sequence: number; ssrc: number; arrivalUs: number } | null = null;
  /** The publisher's newest sender report. */
  #report: { readonly rtp: number; readonly utcUs: number } | null = null;
  #isClosed = false;
  inboundBytes = 0;
  outboundBytes = 0;

  constructor(path: string, track: PlayableTrack, clock: { nowUs(): number }) {
    this.path = path;
    this.track = track;
    this.#clock = clock;
    this.readySince = new Date(clock.nowUs() / 1000);
  }

  get readers(): readonly StreamReader[] {
    return [...this.#readers];
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The newest packet's place in the stream; null before the first. */
  get last(): { readonly timestamp: number; readonly sequence: number } | null {
    return this.#last;
  }

  /** Returns the function that takes the reader away again. */
  addReader(reader: StreamReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Bytes that are no RTP packet of the video track are left out. */
  publish(packet: Buffer): void {
    if (this.#isClosed || packet.length < MIN_RTP_BYTES || packet.readUInt8(0) >> 6 !== 2) return;
    if ((packet.readUInt8(1) & 0x7f) !== this.track.payloadType) return;
    this.inboundBytes += packet.length;
    const timestamp = packet.readUInt32BE(4);
    if (timestamp !== this.#last?.timestamp) {
      const arrivalUs = this.#clock.nowUs();
      const ticks = this.#unwrapper.unwrap(timestamp);
      this.#arrival.observe(ticks, arrivalUs);
      this.#last = { ticks, timestamp, sequence: 0, ssrc: packet.readUInt32BE(8), arrivalUs };
    }
    this.#last.sequence = packet.readUInt16BE(2);
    for (const reader of this.#readers) {
      this.outboundBytes += packet.length;
      reader.onPacket(packet);
    }
  }

  /** RTCP from the publisher. Anything but sender reports says nothing to us. */
  publishReports(packet: Buffer): void {
    this.#report = parseSenderReports(packet)?.at(-1) ?? this.#report;
  }

  /** How far the mapping of `timeMapping` has been corrected, µs; only differences mean something. */
  get mappingOffsetUs(): number {
    const arrivalUs = this.#arrival.offsetUs;
    if (!this.#report) return arrivalUs;
    const reportedUs = this.#report.utcUs - this.#unwrapper.peek(this.#report.rtp) * US_PER_TICK;
    return Math.abs(reportedUs - arrivalUs) <= MAX_REPORT_ERROR_US ? reportedUs : arrivalUs;
  }

  /**
   * Which UTC belongs to which RTP timestamp now: the newest picture's, moved on by the time since it came.
   * Null before the first packet.
   */
  timeMapping(): { utcUs: number; rtp: number; ssrc: number } | null {
    if (!this.#last) return null;
    const sinceTicks = Math.round(((this.#clock.nowUs() - this.#last.arrivalUs) * 9) / 100);
    const ticks = this.#last.ticks + Math.max(sinceTicks, 0);
    const rtp = (this.#last.timestamp + Math.max(sinceTicks, 0)) >>> 0;
    return { utcUs: Math.round(ticks * US_PER_TICK + this.mappingOffsetUs), rtp, ssrc: this.#last.ssrc };
  }

  /** A sender report for a reader that has been sent so much; null before the first packet. */
  senderReport(packets: number, octets: number): Buffer | null {
    const mapping = this.timeMapping();
    return mapping && formatSenderReport({ ...mapping, packets, octets });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const reader of [...this.#readers]) reader.onStreamEnd();
    this.#readers.clear();
  }
}
