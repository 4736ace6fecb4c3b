/**
 * H.264 over RTP (RFC 6184): single NAL units, STAP-A and FU-A, which is packetization-mode 0 and 1. The interleaved types of
 * mode 2 (STAP-B, MTAP, FU-B) are malformed here: no camera sends them over RTSP.
 */
import type { PayloadFormat } from './depacketizer.ts';

export const H264_PAYLOAD: PayloadFormat = {
  headerBytes: 1,
  aggregateType: 24,
  fragmentType: 28,
  typeOf: (payload) => payload.readUInt8(0) & 0x1f,
  isSingle: (type) => type > 0 && type < 24,
  /** §5.8: F and NRI of the indicator, the type of the FU header. */
  headerOfFragmented: (payload, flags) => [(payload.readUInt8(0) & 0x60) | (flags & 0x1f)],
};
