import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PAYLOAD_BYTES, WebRtcPacketizer } from '../../../../src/media/hub/webrtc-packetizer.ts';
import { Depacketizer } from '../../../../src/media/rtsp/depacketizer.ts';
import { H264_PAYLOAD } from '../../../../src/media/rtsp/h264-payload.ts';
import type { RtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';

const SPS = Buffer.from('6742c01e', 'hex');
const PPS = Buffer.from('68ce3c80', 'hex');
const packet = (sequence: number, timestamp: number, payload: Buffer, marker = true): RtpPacket => ({
  payloadType: 96,
  marker,
  sequence,
  timestamp,
  ssrc: 1,
  payload,
});
const hex = (text: string) => Buffer.from(text, 'hex');

describe('the WebRTC packetizer', () => {
  it('leaves packets alone that fit and bring what is needed', () => {
    const packetizer = new WebRtcPacketizer(() => [SPS, PPS]);
    const stream = [
      packet(65_535, 10, SPS, false),
      packet(0, 10, PPS, false),
      packet(1, 10, hex('6588')),
      packet(2, 20, hex('419a')),
    ];
    const out = stream.map((each) => packetizer.push(each));
    expect(out.flatMap(({ packets }) => packets)).toEqual(stream);
    expect(out.map(({ isKeyStart }) => isKeyStart)).toEqual([true, false, false, false]);
  });

  it('puts the parameter sets of the description in front of a key picture without any, once', () => {
    const packetizer = new WebRtcPacketizer(() => [SPS, PPS]);
    const key = packetizer.push(packet(7, 10, hex('7c850102'), false));
    expect(key.isKeyStart).toBe(true);
    expect(key.packets.map(({ sequence, marker, payload }) => [sequence, marker, payload.toString('hex')])).toEqual([
      [7, false, `780004${SPS.toString('hex')}0004${PPS.toString('hex')}`],
      [8, false, '7c850102'],
    ]);
    const rest = [packet(8, 10, hex('7c4503')), packet(9, 10, hex('6599')), packet(11, 20, hex('419a'))];
    const after = rest.flatMap((each) => packetizer.push(each).packets);
    // One was added; the gap before the last stays a gap.
    expect(after.map(({ sequence }) => sequence)).toEqual([9, 10, 12]);
  });

  it('puts those in front that are in force by then, and splits what is too large of them', () => {
    let sets = [SPS, PPS];
    const packetizer = new WebRtcPacketizer(() => sets);
    packetizer.push(packet(1, 10, SPS));
    sets = [Buffer.concat([SPS, Buffer.alloc(2_000, 1)]), hex('68ce3c81')];
    const { packets } = packetizer.push(packet(2, 20, hex('6588')));
    expect(Math.max(...packets.map(({ payload }) => payload.length))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    expect(packets.map(({ payload }) => payload.toString('hex', 0, 2))).toEqual(['7c87', '7c47', '68ce', '6588']);
  });

  it('splits what is too large so that the same NAL units come out, timestamps and marker kept', () => {
    const nalu = (header: number, length: number) => Buffer.concat([Buffer.from([header]), Buffer.alloc(length, 0xab)]);
    const stap = (...nals: Buffer[]) =>
      Buffer.concat([hex('78'), ...nals.flatMap((nal) => [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal])]);
    const fu = (start: number, end: number, length: number) =>
      Buffer.concat([Buffer.from([0x7c, start | end | 1]), Buffer.alloc(length, 0xcd)]);
    const sizes = fc.integer({ min: 1, max: 9_000 });
    const group = fc.oneof(
      sizes.map((length) => [nalu(0x41, length)]),
      fc.tuple(sizes, sizes).map(([a, b]) => [stap(nalu(0x41, a), nalu(0x01, b))]),
      fc.tuple(sizes, sizes, sizes).map(([a, b, c]) => [fu(0x80, 0, a), fu(0, 0, b), fu(0, 0x40, c)]),
    );
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 8 }), (groups) => {
        const packets = groups
          .flat()
          .map((payload, i) => packet((65_530 + i) & 0xffff, 10, payload, i === groups.flat().length - 1));
        const packetizer = new WebRtcPacketizer(() => []);
        const out = packets.flatMap((each) => packetizer.push(each).packets);
        expect(nals(out)).toEqual(nals(packets));
        expect(Math.max(...out.map(({ payload }) => payload.length))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
        expect(out.map(({ marker }) => marker).lastIndexOf(true)).toBe(out.length - 1);
        expect(out.filter(({ marker }) => marker)).toHaveLength(1);
        expect(out.every(({ sequence }, i) => sequence === ((65_530 + i) & 0xffff))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.nat(3_000), (payloads, extra) => {
        const packetizer = new WebRtcPacketizer(() => [SPS, PPS]);
        for (const bytes of payloads)
          packetizer.push(packet(1, bytes.length, Buffer.concat([bytes, Buffer.alloc(extra)])));
      }),
    );
  });

  it('does not follow aggregates inside aggregates', () => {
    let nested = Buffer.alloc(1_400, 0x41);
    while (nested.length < 65_000) {
      nested = Buffer.concat([Buffer.from([0x78, nested.length >> 8, nested.length & 0xff]), nested]);
    }
    expect(new WebRtcPacketizer(() => []).push(packet(1, 10, nested)).packets).toEqual([]);
  });
});

function nals(packets: readonly RtpPacket[]): string[] {
  const depacketizer = new Depacketizer(H264_PAYLOAD);
  const found: string[] = [];
  for (const { payload } of packets) {
    expect(depacketizer.push(payload, (nal) => found.push(`${nal.length}:${nal.toString('hex', 0, 4)}`))).toBe(true);
  }
  return found;
}
