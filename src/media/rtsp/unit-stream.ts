/**
 * What the packets of one session mean: RTP and RTCP bytes in, access units with capture times and sender reports out. No
 * network and no timer inside. Used by `RtspClient`, one per session.
 */
import type { AccessUnit, VideoCodec } from '../access-unit.ts';
import { AccessUnitAssembler } from './access-unit-assembler.ts';
import { CaptureClock } from './capture-clock.ts';
import { parseSenderReports } from './rtcp.ts';
import { parseRtpPacket } from './rtp-packet.ts';
import type { RtspClientCounters } from './rtsp-client-counters.ts';

export interface UnitStreamOptions {
  readonly codec: VideoCodec;
  readonly payloadType: number;
  readonly parameterSets: readonly Buffer[];
  readonly epoch: number;
  readonly clock: { nowUs(): number; steadyUs?(): number };
  readonly counters: RtspClientCounters;
  onUnit(unit: AccessUnit): void;
  onSenderReport(report: { epoch: number; rtp: number; utcUs: number }): void;
  /** Once MAX_MALFORMED packets have been broken without a complete unit in between. */
  onBroken(malformed: number): void;
}

export const MAX_MALFORMED = 20;

export class UnitStream {
  readonly #options: UnitStreamOptions;
  #captureClock = new CaptureClock();
  readonly #assembler: AccessUnitAssembler;
  #lastTimestamp: number | null = null;
  #ssrc: number | null = null;
  #malformedBefore: number;

  constructor(options: UnitStreamOptions) {
    const { codec, parameterSets, epoch, clock, counters } = options;
    this.#options = options;
    this.#malformedBefore = counters.malformed;
    this.#assembler = new AccessUnitAssembler(codec, parameterSets, counters, (unit) => {
      this.#malformedBefore = counters.malformed;
      counters.units += 1;
      const times = this.#captureClock.captureTime(unit.rtp);
      options.onUnit({ ...unit, ...times, epoch, codec, receivedUs: clock.nowUs() });
    });
  }

  onRtp(bytes: Buffer): void {
    const { payloadType, clock, counters } = this.#options;
    const packet = parseRtpPacket(bytes);
    if (!packet) {
      this.#countMalformed();
      return;
    }
    // Other payload types of the same track are retransmissions or repair data.
    if (packet.payloadType !== payloadType) return;
    counters.packets += 1;
    // Another source has another clock behind its timestamps (RFC 3550 §8): a camera that restarted its encoder.
    if (this.#ssrc !== null && packet.ssrc !== this.#ssrc) this.#captureClock = new CaptureClock();
    this.#ssrc = packet.ssrc;
    if (packet.timestamp !== this.#lastTimestamp) {
      this.#lastTimestamp = packet.timestamp;
      this.#captureClock.observe(packet.timestamp, clock.nowUs(), clock.steadyUs?.());
    }
    this.#assembler.push(packet);
    this.#checkMalformed();
  }

  onRtcp(bytes: Buffer): void {
    const { epoch, clock, counters, onSenderReport } = this.#options;
    const reports = parseSenderReports(bytes);
    if (!reports) {
      this.#countMalformed();
      return;
    }
    for (const { rtp, utcUs } of reports) {
      if (!this.#captureClock.onSenderReport(rtp, utcUs, clock.nowUs(), clock.steadyUs?.())) continue;
      counters.senderReports += 1;
      onSenderReport({ epoch, rtp, utcUs });
    }
  }

  #countMalformed(): void {
    this.#options.counters.malformed += 1;
    this.#checkMalformed();
  }

  #checkMalformed(): void {
    const malformed = this.#options.counters.malformed - this.#malformedBefore;
    if (malformed >= MAX_MALFORMED) this.#options.onBroken(malformed);
  }
}
