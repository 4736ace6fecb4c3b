import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSenderReport, ntpToUtcUs, parseSenderReports, utcUsToNtp } from '../../../../src/media/rtsp/rtcp.ts';
import { formatRtpPacket, parseRtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';
import { formatSdp, parseSdp } from '../../../../src/media/rtsp/sdp.ts';

describe('SDP', () => {
  it('finds the video track among others, with its parameter sets', () => {
    const { video, controls } = parseSdp(
      [
        'v=0',
        'm=audio 0 RTP/AVP 8',
        'a=control:audio',
        'm=video 0 RTP/AVP 97 98',
        'a=rtpmap:98 H264/90000',
        'a=rtpmap:97 h265/90000',
        'a=fmtp:98 sprop-parameter-sets=Z0I=,aM4=',
        'a=fmtp:97 sprop-vps=QAE=; sprop-sps=QgE=;sprop-pps=RAE=;x=1',
        'a=control:rtsp://cam/video',
      ].join('\n'),
    );
    expect(controls).toEqual(['audio', 'rtsp://cam/video']);
    expect(video).toMatchObject({ codec: 'h265', payloadType: 97, clockRate: 90_000, control: 'rtsp://cam/video' });
    expect(video?.parameterSets.map((set) => set.toString('hex'))).toEqual(['4001', '4201', '4401']);
  });

  it('names a codec that is not read, also a static one', () => {
    expect(parseSdp('m=video 0 RTP/AVP 26').video).toMatchObject({ codec: null, encoding: 'JPEG' });
    expect(parseSdp('m=video 0 RTP/AVP 96\r\na=rtpmap:96 AV1/90000').video).toMatchObject({
      codec: null,
      encoding: 'AV1',
    });
    expect(parseSdp('m=audio 0 RTP/AVP 0').video).toBeNull();
  });

  it('reads back what it writes', () => {
    const text =
      'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=';
    const video = parseSdp(text).video;
    expect(video && parseSdp(formatSdp(video, 'trackID=0')).video).toEqual({ ...video, control: 'trackID=0' });
  });

  it('never throws, whatever comes', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'm=video 0 RTP/AVP 96',
        'm=video',
        'a=rtpmap:96 H264/90000',
        'a=fmtp:96 sprop-parameter-sets=,,%%',
        'a=control:',
        'm=video 0 x 999',
      ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => void parseSdp(lines.join('\r\n'))),
      { numRuns: 500 },
    );
  });
});

describe('RTCP sender reports', () => {
  it('are read as they are written, to the microsecond, also among other packets', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), fc.nat(0xffff_ffff), (utcUs, rtp) => {
        const report = formatSenderReport({ ssrc: 7, utcUs, rtp, packets: 1, octets: 2 });
        const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 7]);
        const [parsed, ...rest] = parseSenderReports(Buffer.concat([report, bye])) ?? [];
        expect(rest).toEqual([]);
        expect(parsed).toMatchObject({ ssrc: 7, rtp });
        expect(Math.abs((parsed?.utcUs ?? 0) - utcUs)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('know the NTP era after 2036', () => {
    const utcUs = Date.UTC(2040, 0, 1) * 1000;
    expect(ntpToUtcUs(...utcUsToNtp(utcUs))).toBe(utcUs);
    expect(ntpToUtcUs(2_208_988_800, 0)).toBe(0);
  });

  it('leave out a sender without a clock, and refuse what is malformed', () => {
    const report = formatSenderReport({ ssrc: 7, utcUs: 0, rtp: 5, packets: 0, octets: 0 });
    report.fill(0, 8, 16);
    expect(parseSenderReports(report)).toEqual([]);
    expect(parseSenderReports(Buffer.from([0x80, 200, 0, 6]))).toBeNull();
    expect(parseSenderReports(Buffer.from([0x80, 200, 0, 0]))).toBeNull();
    expect(parseSenderReports(Buffer.from([0x00, 200, 0, 0]))).toBeNull();
  });

  it('never make the parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseSenderReports(Buffer.from(bytes))),
      {
        numRuns: 1000,
      },
    );
    const plausible = fc.array(fc.tuple(fc.constantFrom(200, 201, 203), fc.nat(8), fc.uint8Array({ maxLength: 40 })));
    fc.assert(
      fc.property(plausible, (packets) => {
        const bytes = packets.map(([type, words, body]) => Buffer.concat([Buffer.from([0x80, type, 0, words]), body]));
        parseSenderReports(Buffer.concat(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('RTP packets', () => {
  it('lose header, CSRCs, extension and padding', () => {
    const bytes = Buffer.from(
      `b2e0${'0102'}${'80000001'}${'0000000a'}${'00000001'}${'00000002'}${'bede0001'}${'11223344'}${'6588'}${'000003'}`,
      'hex',
    );
    expect(parseRtpPacket(bytes)).toEqual({
      payloadType: 96,
      marker: true,
      sequence: 0x0102,
      timestamp: 0x8000_0001,
      ssrc: 10,
      payload: Buffer.from('6588', 'hex'),
    });
  });

  it('are read as they are written', () => {
    const packet = {
      payloadType: 96,
      marker: true,
      sequence: 65_535,
      timestamp: 0xffff_ffff,
      ssrc: 1,
      payload: Buffer.from('ab', 'hex'),
    };
    expect(parseRtpPacket(formatRtpPacket(packet))).toEqual(packet);
  });

  it('are refused, not thrown at, when malformed', () => {
    expect(parseRtpPacket(Buffer.alloc(11))).toBeNull();
    expect(parseRtpPacket(Buffer.alloc(12))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(63), (rest, first) => {
        const packet = parseRtpPacket(Buffer.from([0x80 | first, ...rest]));
        expect(packet === null || packet.payload.length <= rest.length).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
