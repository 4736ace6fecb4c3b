/** RTP packets (RFC 3550 §5.1) as values. Pure; used by the client and by the hub. */

export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  /** uint16 */
  readonly sequence: number;
  /** uint32 */
  readonly timestamp: number;
  readonly ssrc: number;
  /** Without header, extension and padding. A view of the given bytes. */
  readonly payload: Buffer;
}

const FIXED_HEADER_BYTES = 12;

/** Returns null when the bytes are no RTP packet of version 2. */
export function parseRtpPacket(bytes: Buffer): RtpPacket | null {
  if (bytes.length < FIXED_HEADER_BYTES) return null;
  const first = bytes.readUInt8(0);
  if (first >> 6 !== 2) return null;
  let start = FIXED_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (bytes.length < start + 4) return null;
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  let end = bytes.length;
  if (first & 0x20) {
    const padding = bytes.readUInt8(end - 1);
    if (padding === 0) return null;
    end -= padding;
  }
  if (start > end) return null;
  const second = bytes.readUInt8(1);
  return {
    payloadType: second & 0x7f,
    marker: second >> 7 === 1,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  };
}

/** Formats a packet with the plain 12-byte header. */
export function formatRtpPacket(packet: RtpPacket): Buffer {
  const bytes = Buffer.allocUnsafe(FIXED_HEADER_BYTES + packet.payload.length);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8((packet.marker ? 0x80 : 0) | packet.payloadType, 1);
  bytes.writeUInt16BE(packet.sequence, 2);
  bytes.writeUInt32BE(packet.timestamp, 4);
  bytes.writeUInt32BE(packet.ssrc, 8);
  packet.payload.copy(bytes, FIXED_HEADER_BYTES);
  return bytes;
}
