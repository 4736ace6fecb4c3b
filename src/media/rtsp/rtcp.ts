/** RTCP sender reports (RFC 3550 §6.4.1): which UTC belongs to which RTP timestamp. Pure; client and hub use it. */

export interface SenderReport {
  readonly ssrc: number;
  /** UTC, µs since 1970. */
  readonly utcUs: number;
  /** uint32 */
  readonly rtp: number;
}

export interface SenderReportFields extends SenderReport {
  readonly packets: number;
  readonly octets: number;
}

const SENDER_REPORT = 200;
const SENDER_REPORT_BYTES = 28;
const NTP_TO_UNIX_S = 2_208_988_800;
const ERA_S = 2 ** 32;

/** The sender reports of a compound packet; null when it is not well-formed RTCP. */
export function parseSenderReports(bytes: Buffer): SenderReport[] | null {
  const reports: SenderReport[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 4 || bytes.readUInt8(at) >> 6 !== 2) return null;
    const length = (bytes.readUInt16BE(at + 2) + 1) * 4;
    if (bytes.length - at < length) return null;
    if (bytes.readUInt8(at + 1) === SENDER_REPORT) {
      if (length < SENDER_REPORT_BYTES) return null;
      const seconds = bytes.readUInt32BE(at + 8);
      const fraction = bytes.readUInt32BE(at + 12);
      // NTP 0 means that the sender has no clock (RFC 3550 §6.4.1).
      if (seconds !== 0 || fraction !== 0) {
        reports.push({
          ssrc: bytes.readUInt32BE(at + 4),
          utcUs: ntpToUtcUs(seconds, fraction),
          rtp: bytes.readUInt32BE(at + 16),
        });
      }
    }
    at += length;
  }
  return reports;
}

/** One sender report without report blocks, 28 bytes. */
export function formatSenderReport(report: SenderReportFields): Buffer {
  const [seconds, fraction] = utcUsToNtp(report.utcUs);
  const bytes = Buffer.alloc(SENDER_REPORT_BYTES);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8(SENDER_REPORT, 1);
  bytes.writeUInt16BE(SENDER_REPORT_BYTES / 4 - 1, 2);
  bytes.writeUInt32BE(report.ssrc >>> 0, 4);
  bytes.writeUInt32BE(seconds, 8);
  bytes.writeUInt32BE(fraction, 12);
  bytes.writeUInt32BE(report.rtp >>> 0, 16);
  bytes.writeUInt32BE(report.packets >>> 0, 20);
  bytes.writeUInt32BE(report.octets >>> 0, 24);
  return bytes;
}

/** NTP seconds with the top bit clear belong to the era that begins in 2036 (RFC 4330 §3). */
export function ntpToUtcUs(seconds: number, fraction: number): number {
  const sinceEra0 = seconds >= 2 ** 31 ? seconds : seconds + ERA_S;
  return (sinceEra0 - NTP_TO_UNIX_S) * 1_000_000 + Math.round((fraction * 1_000_000) / 2 ** 32);
}

export function utcUsToNtp(utcUs: number): [seconds: number, fraction: number] {
  const unixS = Math.floor(utcUs / 1_000_000);
  const fraction = Math.floor(((utcUs - unixS * 1_000_000) * 2 ** 32) / 1_000_000);
  return [(unixS + NTP_TO_UNIX_S) % ERA_S, fraction];
}
