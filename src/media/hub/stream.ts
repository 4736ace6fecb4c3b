/**
 * A stream that is being published under a path: takes the publisher's RTP packets, hands them to all readers unchanged, knows
 * which parameter sets are in force, and which UTC belongs to which RTP timestamp: by the publisher's own sender reports while
 * they are believable, else estimated from arrival. One per path while there is a publisher or a connected source. Lives in the
 * hub's process.
 */
import type { VideoCodec } from '../access-unit.ts';
import { ArrivalClock } from '../rtsp/arrival-clock.ts';
import { formatSenderReport, parseSenderReports } from '../rtsp/rtcp.ts';
import { parseRtpPacket } from '../rtsp/rtp-packet.ts';
import { RtpUnwrapper, US_PER_TICK } from '../rtsp/rtp-unwrapper.ts';
import type { VideoTrack } from '../rtsp/sdp.ts';
import { GopCache } from './gop-cache.ts';
import { ParameterSetWatch } from './parameter-set-watch.ts';
import { withParameterSets } from './parameter-sets.ts';

export interface StreamReader {
  /** MediaMTX's names. */
  readonly type: 'rtspSession' | 'webRTCSession';
  readonly id: string;
  /**
   * @param packet shared by all readers: do not change it
   * @param startsKey its picture is a key picture, and this is the first packet that shows it
   */
  onPacket(packet: Buffer, startsKey: boolean): void;
  /** The stream is over; the reader must let go of the viewer. */
  onStreamEnd(): void;
}

export type PlayableTrack = VideoTrack & { readonly codec: VideoCodec };

/** A publisher whose reports and whose packets are further apart than this has a clock that was not set. */
const MAX_REPORT_ERROR_US = 5_000_000;

export class Stream {
  readonly path: string;
  readonly readySince: Date;
  readonly #clock: { nowUs(): number; steadyUs?(): number };
  readonly #readers = new Set<StreamReader>();
  readonly #unwrapper = new RtpUnwrapper();
  readonly #arrival = new ArrivalClock();
  readonly #gop: GopCache;
  readonly #sets: ParameterSetWatch;
  #track: PlayableTrack;
  /** UTC − steady clock: changes when the host's clock is set. */
  #anchorUs = 0;
  #last: { ticks: number; timestamp: number; sequence: number; ssrc: number; arrivalUs: number } | null = null;
  /** The publisher's newest sender report. */
  #report: { readonly rtp: number; readonly utcUs: number } | null = null;
  #isClosed = false;
  inboundBytes = 0;
  outboundBytes = 0;
  /** Counted by readers that were too slow for them. */
  leftOutPackets = 0;

  constructor(path: string, track: PlayableTrack, clock: { nowUs(): number; steadyUs?(): number }) {
    this.path = path;
    this.#track = track;
    this.#clock = clock;
    this.#gop = new GopCache(track.codec);
    this.#sets = new ParameterSetWatch(track.codec, track.parameterSets);
    this.readySince = new Date(clock.nowUs() / 1000);
  }

  get readers(): readonly StreamReader[] {
    return [...this.#readers];
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** With the parameter sets in force: the description's until others came in band. */
  get track(): PlayableTrack {
    const { sets } = this.#sets;
    if (sets !== this.#track.parameterSets) this.#track = withParameterSets(this.#track, sets);
    return this.#track;
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

  /** What a new reader should see first: the newest key picture and what came since; empty when that is not known. */
  get newestGop(): readonly Buffer[] {
    return this.#gop.packets;
  }

  /** Bytes that are no RTP packet of the video track are left out. */
  publish(bytes: Buffer): void {
    const parsed = this.#isClosed ? null : parseRtpPacket(bytes);
    if (parsed?.payloadType !== this.#track.payloadType) return;
    // A copy, shared by cache and readers: a view would keep the whole received chunk alive while one of them waits.
    const packet = Buffer.from(bytes);
    this.inboundBytes += packet.length;
    const isNewPicture = parsed.timestamp !== this.#last?.timestamp;
    if (isNewPicture) {
      const arrivalUs = this.#steadyUs();
      this.#anchorUs = this.#clock.nowUs() - arrivalUs;
      const ticks = this.#unwrapper.unwrap(parsed.timestamp);
      this.#arrival.observe(ticks, arrivalUs);
      this.#last = { ticks, timestamp: parsed.timestamp, sequence: 0, ssrc: parsed.ssrc, arrivalUs };
    }
    if (this.#last) this.#last.sequence = parsed.sequence;
    this.#sets.push(parsed.payload);
    const startsKey = this.#gop.push(packet, parsed.payload, isNewPicture);
    for (const reader of this.#readers) {
      this.outboundBytes += packet.length;
      reader.onPacket(packet, startsKey);
    }
  }

  /** RTCP from the publisher. Anything but sender reports says nothing to us. */
  publishReports(packet: Buffer): void {
    this.#report = parseSenderReports(packet)?.at(-1) ?? this.#report;
  }

  /** How far the mapping of `timeMapping` has been corrected, µs; only differences mean something. */
  get mappingOffsetUs(): number {
    const arrivalUs = this.#arrival.offsetUs + this.#anchorUs;
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
    const sinceTicks = Math.round(((this.#steadyUs() - this.#last.arrivalUs) * 9) / 100);
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

  #steadyUs(): number {
    return this.#clock.steadyUs?.() ?? this.#clock.nowUs();
  }
}
