/**
 * Prepares H.264 RTP packets for browsers: splits packets that are too large for UDP, puts parameter sets in front of key
 * pictures that lack them, and tells where a viewer may begin. Timestamps stay as they are, and so do sequence numbers as long as
 * nothing has to be added. Pure state; one per viewer.
 */
import { aggregated, beginningNals } from '../rtsp/nal-kinds.ts';
import type { RtpPacket } from '../rtsp/rtp-packet.ts';

export interface WebRtcPackets {
  readonly packets: readonly RtpPacket[];
  /** A decoder can start with the first of these packets. */
  readonly isKeyStart: boolean;
}

/** 1,500 bytes of Ethernet less IPv6, UDP, RTP with extensions and SRTP's tag, with some room for a tunnel. */
export const MAX_PAYLOAD_BYTES = 1_360;
const STAP_A = 24;
const FU_A = 28;

export class WebRtcPacketizer {
  readonly #parameterSets: () => readonly Buffer[];
  #timestamp: number | null = null;
  #hasParameterSets = false;
  #hasKeySlice = false;
  /** Packets added so far: how far our sequence numbers are ahead. */
  #added = 0;

  /** @param parameterSets SPS and PPS in force; used only where the stream itself does not carry them */
  constructor(parameterSets: () => readonly Buffer[]) {
    this.#parameterSets = parameterSets;
  }

  push(packet: RtpPacket): WebRtcPackets {
    if (packet.timestamp !== this.#timestamp) {
      this.#timestamp = packet.timestamp;
      this.#hasParameterSets = false;
      this.#hasKeySlice = false;
    }
    const kinds = beginningNals('h264', packet.payload).map(({ kind }) => kind);
    const bringsSets = kinds.includes('sps');
    const isFirstKeySlice = kinds.includes('key-slice') && !this.#hasKeySlice;
    const needed = isFirstKeySlice && !bringsSets && !this.#hasParameterSets ? this.#parameterSets() : [];
    const isKeyStart = bringsSets || (isFirstKeySlice && !this.#hasParameterSets);
    this.#hasParameterSets ||= bringsSets;
    this.#hasKeySlice ||= isFirstKeySlice;

    const payloads = [...(needed.length > 0 ? split(aggregate(needed)) : []), ...split(packet.payload)];
    const first = packet.sequence + this.#added;
    this.#added += payloads.length - 1;
    const packets = payloads.map((payload, index) => ({
      ...packet,
      payload,
      sequence: (first + index) & 0xffff,
      marker: packet.marker && index === payloads.length - 1,
    }));
    return { packets, isKeyStart };
  }
}

/** STAP-A (RFC 6184 §5.7.1). */
function aggregate(nals: readonly Buffer[]): Buffer {
  const sized = nals.map((nal) => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(nal.length);
    return Buffer.concat([size, nal]);
  });
  return Buffer.concat([Buffer.from([0x60 | STAP_A]), ...sized]);
}

function split(payload: Buffer): Buffer[] {
  if (payload.length <= MAX_PAYLOAD_BYTES) return [payload];
  const header = payload.readUInt8(0);
  const type = header & 0x1f;
  // Only plain units are in an aggregate; one that holds another would take us as deep as a hostile sender likes.
  if (type === STAP_A) return aggregated(payload, 1).filter(isPlainNal).flatMap(split);
  if (type === FU_A) {
    const fu = payload.readUInt8(1);
    return fragments(header & 0x60, fu & 0x1f, payload.subarray(2), (fu & 0x80) !== 0, (fu & 0x40) !== 0);
  }
  return fragments(header & 0x60, type, payload.subarray(1), true, true);
}

function isPlainNal(nal: Buffer): boolean {
  const type = (nal[0] ?? 0) & 0x1f;
  return type > 0 && type < STAP_A;
}

/** FU-A packets (RFC 6184 §5.8) of about equal size. */
function fragments(nri: number, type: number, body: Buffer, hasStart: boolean, hasEnd: boolean): Buffer[] {
  const count = Math.ceil(body.length / (MAX_PAYLOAD_BYTES - 2));
  const size = Math.ceil(body.length / count);
  return Array.from({ length: count }, (_, index) => {
    const start = hasStart && index === 0 ? 0x80 : 0;
    const end = hasEnd && index === count - 1 ? 0x40 : 0;
    const part = body.subarray(index * size, (index + 1) * size);
    return Buffer.concat([Buffer.from([nri | FU_A, start | end | type]), part]);
  });
}
