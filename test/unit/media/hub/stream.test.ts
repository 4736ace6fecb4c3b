/** What the hub believes of when a picture was captured. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../../../../src/media/hub/stream.ts';
import { formatSenderReport, parseSenderReports } from '../../../../src/media/rtsp/rtcp.ts';

const START_US = 1_795_388_514_000_000;
const STEP = 3_000;
const FIRST_RTP = 0xffff_f000; // wraps within the first pictures

function open() {
  let nowUs = START_US;
  const track = { payloadType: 96, codec: 'h264', parameterSets: [] } as never;
  const stream = new Stream('cam', track, { nowUs: () => nowUs });
  return {
    stream,
    /** Picture n, so much later than it was captured. */
    picture(n: number, delayUs: number) {
      const packet = Buffer.alloc(20);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(96, 1);
      packet.writeUInt32BE((FIRST_RTP + n * STEP) >>> 0, 4);
      nowUs = Math.round(START_US + (n * 1e6) / 30 + delayUs);
      stream.publish(packet);
    },
    report(n: number, utcUs: number) {
      stream.publishReports(
        formatSenderReport({ ssrc: 1, rtp: (FIRST_RTP + n * STEP) >>> 0, utcUs, packets: 0, octets: 0 }),
      );
    },
    /** When the hub says picture n was captured, against when it was. */
    errorUs(n: number): number {
      const report = parseSenderReports(stream.senderReport(0, 0) ?? Buffer.alloc(0))?.[0];
      const ticks = ((FIRST_RTP + n * STEP) >>> 0) - (report?.rtp ?? 0);
      return (report?.utcUs ?? 0) + (ticks | 0) * (100 / 9) - (START_US + (n * 1e6) / 30);
    },
  };
}

describe('the capture time of a published stream', () => {
  it('is what the publisher’s own report says, also before the first picture and over the wrap', () => {
    const { stream, picture, report, errorUs } = open();
    report(0, START_US);
    for (let n = 0; n < 5; n++) picture(n, 80_000);
    expect(Math.abs(errorUs(4))).toBeLessThan(30);
    const before = stream.mappingOffsetUs;
    report(3, START_US + 100_000);
    expect(Math.abs(stream.mappingOffsetUs - before)).toBeLessThan(30);
  });

  it('is taken from arrival without reports', () => {
    const { picture, errorUs } = open();
    for (let n = 0; n < 5; n++) picture(n, 80_000);
    expect(errorUs(4)).toBeGreaterThan(79_000);
  });

  it('is taken from arrival when the publisher’s clock was never set', () => {
    const { stream, picture, report, errorUs } = open();
    report(0, 1_000_000);
    for (let n = 0; n < 5; n++) picture(n, 80_000);
    expect(errorUs(4)).toBeGreaterThan(79_000);
    stream.publishReports(Buffer.from('no rtcp'));
    expect(errorUs(4)).toBeGreaterThan(79_000);
  });
});

describe('the description of a published stream', () => {
  it('has the sets that came in band, so that who comes late gets the right ones', () => {
    const [a, b] = ['67640001 68e1', '67420002 68e2'].map((sets) =>
      sets.split(' ').map((set) => Buffer.from(set, 'hex')),
    );
    const track = {
      ...{ payloadType: 96, codec: 'h264' as const, encoding: 'H264', clockRate: 90_000, control: '' },
      ...{ fmtp: 'packetization-mode=1;profile-level-id=640001', parameterSets: a ?? [] },
    };
    const stream = new Stream('cam', track, { nowUs: () => START_US });
    expect(stream.track).toBe(track);
    for (const payload of [...(b ?? []), Buffer.from('6588aa', 'hex')]) {
      stream.publish(Buffer.concat([Buffer.from('806000010000000000000000', 'hex'), payload]));
    }
    expect(stream.track).toEqual({
      ...track,
      parameterSets: b,
      fmtp: 'packetization-mode=1;sprop-parameter-sets=Z0IAAg==,aOI=;profile-level-id=420002',
    });
    expect(stream.track).toBe(stream.track);
  });
});
