import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HELD, MAX_WAIT_MS, ReorderBuffer } from '../../../../src/media/rtsp/reorder-buffer.ts';
import { formatRtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';

function open() {
  const out: number[] = [];
  const buffer = new ReorderBuffer({ emit: (packet) => out.push(packet.readUInt16BE(2)) });
  const push = (sequence: number, nowMs = 0) =>
    buffer.push(
      formatRtpPacket({ payloadType: 96, marker: false, sequence, timestamp: 0, ssrc: 1, payload: Buffer.of(1) }),
      nowMs,
    );
  return { out, buffer, push };
}

describe('the reorder buffer', () => {
  it('puts packets into sequence, also over the wrap, and drops repeated and late ones', () => {
    const { out, push } = open();
    for (const sequence of [65_533, 65_535, 65_534, 65_535, 1, 0, 65_533, 2]) push(sequence);
    expect(out).toEqual([65_533, 65_534, 65_535, 0, 1, 2]);
  });

  it('waits for a missing packet so long and no longer', () => {
    const { out, push } = open();
    push(1, 0);
    push(3, 10);
    push(4, 10 + MAX_WAIT_MS);
    expect(out).toEqual([1]);
    push(5, 11 + MAX_WAIT_MS);
    expect(out).toEqual([1, 3, 4, 5]);
    push(2, 12 + MAX_WAIT_MS);
    expect(out).toEqual([1, 3, 4, 5]);
  });

  it('does not wait longer because a packet is repeated', () => {
    const { out, push } = open();
    push(1, 0);
    for (let nowMs = 10; nowMs <= 20 + MAX_WAIT_MS; nowMs += 10) push(3, nowMs);
    expect(out).toEqual([1, 3]);
  });

  it('holds a bounded number of packets', () => {
    const { out, buffer, push } = open();
    push(0);
    for (let sequence = 2; sequence < 2 + MAX_HELD; sequence += 1) push(sequence);
    expect([out.length, buffer.held]).toEqual([1, MAX_HELD]);
    push(2 + MAX_HELD);
    expect([out.length, buffer.held]).toEqual([2 + MAX_HELD, 0]);
  });

  it('begins anew with a sender that does', () => {
    const { out, push } = open();
    for (const sequence of [30_000, 30_002, 100, 101]) push(sequence);
    expect(out).toEqual([30_000, 30_002, 100, 101]);
  });

  it('gives everything in sequence when packets are shuffled a little, whatever the beginning', () => {
    const shuffled = fc
      .array(fc.nat(20), { minLength: 2, maxLength: 200 })
      .map((delays) => delays.map((delay, n) => ({ n, at: n === 0 ? -1 : n + delay })).sort((a, b) => a.at - b.at));
    fc.assert(
      fc.property(fc.nat(65_535), shuffled, (first, packets) => {
        const { out, push } = open();
        for (const { n } of packets) push((first + n) & 0xffff);
        expect(out).toEqual(packets.map((_, n) => (first + n) & 0xffff));
      }),
    );
  });

  it('never gives a packet twice or holds more than the bound, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(65_535), fc.nat(50)), { maxLength: 400 }), (packets) => {
        const { out, buffer, push } = open();
        let nowMs = 0;
        for (const [sequence, waitMs] of packets) {
          nowMs += waitMs;
          push(sequence, nowMs);
          expect(buffer.held).toBeLessThanOrEqual(MAX_HELD);
        }
        expect(out.length + buffer.held).toBeLessThanOrEqual(packets.length);
      }),
    );
  });
});
