import { describe, expect, it } from 'vitest';
import { ReceptionReport } from '../../../../src/media/rtsp/reception-report.ts';
import { formatSenderReport, parseSenderReports } from '../../../../src/media/rtsp/rtcp.ts';
import { formatRtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';

const rtp = (sequence: number, timestamp = 0) =>
  formatRtpPacket({ payloadType: 96, marker: true, sequence, timestamp, ssrc: 0xabc, payload: Buffer.of(1) });

/** The one report block (RFC 3550 §6.4.1). */
function blockOf(bytes: Buffer) {
  return {
    source: bytes.readUInt32BE(8),
    fraction: bytes.readUInt8(12),
    lost: bytes.readUIntBE(13, 3),
    highest: bytes.readUInt32BE(16),
    jitter: bytes.readUInt32BE(20),
    lastReport: bytes.readUInt32BE(24),
    delay: bytes.readUInt32BE(28),
  };
}

describe('the receiver’s report', () => {
  it('is a whole compound packet with our name, also before anything came', () => {
    const bytes = new ReceptionReport(7).format(0);
    expect(parseSenderReports(bytes)).toEqual([]);
    expect([bytes.readUInt8(1), bytes.readUInt8(0) & 0x1f, bytes.readUInt8(9)]).toEqual([201, 0, 202]);
    expect(bytes.toString('latin1')).toContain('stopsign');
  });

  it('counts what is lost, over the wrap, in all and since the last report', () => {
    const report = new ReceptionReport(7);
    for (const sequence of [65_534, 65_535, 2, 1]) report.onRtp(rtp(sequence), 0);
    // 65534 … 2 are five, one of them is missing.
    expect(blockOf(report.format(0))).toMatchObject({ source: 0xabc, lost: 1, fraction: 51, highest: 65_538 });
    report.onRtp(rtp(3), 0);
    expect(blockOf(report.format(0))).toMatchObject({ lost: 1, fraction: 0, highest: 65_539 });
  });

  it('knows the jitter in ticks and when the newest sender report came', () => {
    const report = new ReceptionReport(7);
    report.onRtp(rtp(1, 0), 0);
    report.onRtp(rtp(2, 900), 10);
    expect(blockOf(report.format(10)).jitter).toBe(0);
    // 10 ms late: 900 ticks, of which a sixteenth counts.
    report.onRtp(rtp(3, 1_800), 30);
    expect(blockOf(report.format(30))).toMatchObject({ jitter: 56, lastReport: 0, delay: 0 });
    const sent = formatSenderReport({ ssrc: 0xabc, utcUs: 1e15, rtp: 0, packets: 0, octets: 0 });
    report.onRtcp(sent, 1_000);
    report.onRtcp(Buffer.from('junk'), 1_000);
    expect(blockOf(report.format(1_500))).toMatchObject({ lastReport: sent.readUInt32BE(10), delay: 32_768 });
  });
});
