/**
 * What a receiver tells the sender about one RTP stream over UDP (RFC 3550 §6.4.2): loss, jitter, and an echo of the newest
 * sender report; many cameras end a session that never hears one. Pure state; used by `UdpTransport`.
 */
const TICKS_PER_MS = 90;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const SENDER_REPORT = 200;
const NAME = 'stopsign';

export class ReceptionReport {
  readonly #ssrc: number;
  #source = 0;
  /** Extended sequence numbers (RFC 3550 §A.1). */
  #first: number | null = null;
  #highest = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  /** In ticks (RFC 3550 §A.8). */
  #jitter = 0;
  #transit: number | null = null;
  #senderReport: { readonly middle: number; readonly atMs: number } | null = null;

  /** @param ssrc ours, random */
  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  /** @param packet an RTP packet, at least its fixed header */
  onRtp(packet: Buffer, nowMs: number): void {
    const sequence = packet.readUInt16BE(2);
    this.#source = packet.readUInt32BE(8);
    this.#first ??= sequence;
    if (this.#received === 0) this.#highest = sequence;
    const step = ((sequence - this.#highest) << 16) >> 16;
    if (step > 0) this.#highest += step;
    this.#received += 1;
    const transit = (Math.round(nowMs * TICKS_PER_MS) - packet.readUInt32BE(4)) | 0;
    if (this.#transit !== null) this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16;
    this.#transit = transit;
  }

  onRtcp(packet: Buffer, nowMs: number): void {
    if (packet.length < 28 || packet.readUInt8(1) !== SENDER_REPORT) return;
    this.#senderReport = { middle: packet.readUInt32BE(10), atMs: nowMs };
  }

  /** A receiver report and our name, as one compound packet. */
  format(nowMs: number): Buffer {
    const hasBlock = this.#first !== null;
    const report = Buffer.alloc(hasBlock ? 32 : 8);
    report.writeUInt8(0x80 | (hasBlock ? 1 : 0), 0);
    report.writeUInt8(RECEIVER_REPORT, 1);
    report.writeUInt16BE(report.length / 4 - 1, 2);
    report.writeUInt32BE(this.#ssrc, 4);
    if (this.#first !== null) this.#writeBlock(report, this.#first, nowMs);
    return Buffer.concat([report, this.#name()]);
  }

  #writeBlock(report: Buffer, first: number, nowMs: number): void {
    const expected = this.#highest - first + 1;
    const lost = Math.min(Math.max(expected - this.#received, 0), 0x7f_ffff);
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const fraction = expectedNow > 0 && lostNow > 0 ? Math.min(Math.floor((lostNow * 256) / expectedNow), 255) : 0;
    report.writeUInt32BE(this.#source, 8);
    report.writeUInt32BE(((fraction << 24) | lost) >>> 0, 12);
    report.writeUInt32BE(this.#highest >>> 0, 16);
    report.writeUInt32BE(Math.round(this.#jitter) >>> 0, 20);
    if (!this.#senderReport) return;
    report.writeUInt32BE(this.#senderReport.middle, 24);
    // In units of 1/65,536 s.
    report.writeUInt32BE(Math.round((nowMs - this.#senderReport.atMs) * 65.536) >>> 0, 28);
  }

  /** SDES with CNAME (RFC 3550 §6.5.1), without which no compound packet is complete. */
  #name(): Buffer {
    const bytes = Buffer.alloc(20);
    bytes.writeUInt8(0x81, 0);
    bytes.writeUInt8(SOURCE_DESCRIPTION, 1);
    bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
    bytes.writeUInt32BE(this.#ssrc, 4);
    bytes.writeUInt8(1, 8);
    bytes.writeUInt8(NAME.length, 9);
    bytes.write(NAME, 10, 'latin1');
    return bytes;
  }
}
