import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '../../../../src/media/access-unit.ts';
import { formatSenderReport } from '../../../../src/media/rtsp/rtcp.ts';
import { formatRtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';
import { zeroCounters } from '../../../../src/media/rtsp/rtsp-client-counters.ts';
import { UnitStream } from '../../../../src/media/rtsp/unit-stream.ts';

const T0_US = 1_795_388_514_000_000;

function open() {
  const units: AccessUnit[] = [];
  let nowUs = T0_US;
  let sequence = 0;
  const stream = new UnitStream({
    codec: 'h264',
    payloadType: 96,
    parameterSets: [Buffer.from('6742c01e', 'hex'), Buffer.from('68ce3c80', 'hex')],
    epoch: 1,
    clock: { nowUs: () => nowUs },
    counters: zeroCounters(),
    onUnit: (unit) => units.push(unit),
    onSenderReport: () => {},
    onBroken: () => {},
  });
  return {
    units,
    picture(ssrc: number, timestamp: number, afterUs = 40_000) {
      nowUs += afterUs;
      const payload = Buffer.from('6588', 'hex');
      stream.onRtp(formatRtpPacket({ payloadType: 96, marker: true, sequence: sequence++, timestamp, ssrc, payload }));
    },
    report(rtp: number, utcUs: number) {
      stream.onRtcp(formatSenderReport({ ssrc: 1, rtp, utcUs, packets: 0, octets: 0 }));
    },
  };
}

describe('the units of a session', () => {
  it('do not take the time of one source for that of the next', () => {
    const { units, picture, report } = open();
    report(0, T0_US);
    picture(1, 3_600);
    // The encoder began anew; its timestamps say nothing about what the report said.
    picture(2, 2_000_000_000);
    expect(units.map(({ utcSource }) => utcSource)).toEqual(['sender-report', 'arrival']);
    expect(units.map(({ utcUs }) => utcUs - T0_US)).toEqual([40_000, 80_000]);
  });
});
