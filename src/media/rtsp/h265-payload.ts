/**
 * H.265 over RTP (RFC 7798): single NAL units, aggregation packets (AP) and fragmentation units (FU), without DONL fields
 * (sprop-max-don-diff = 0, as every camera sends). PACI packets are malformed here.
 */
import type { PayloadFormat } from './depacketizer.ts';

export const H265_PAYLOAD: PayloadFormat = {
  headerBytes: 2,
  aggregateType: 48,
  fragmentType: 49,
  typeOf: (payload) => (payload.readUInt8(0) >> 1) & 0x3f,
  isSingle: (type) => type < 48,
  /** §4.4.3: everything of the payload header but the type, which is in the FU header. */
  headerOfFragmented: (payload, flags) => [(payload.readUInt8(0) & 0x81) | ((flags & 0x3f) << 1), payload.readUInt8(1)],
};
