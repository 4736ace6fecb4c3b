import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessUnitAssembler, type AssembledUnit } from '../../../../src/media/rtsp/access-unit-assembler.ts';
import type { RtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';

const SPS = Buffer.from('6742c01e', 'hex');
const PPS = Buffer.from('68ce3c80', 'hex');

function assembler(codec: 'h264' | 'h265' = 'h264', sets: readonly Buffer[] = [SPS, PPS]) {
  const units: AssembledUnit[] = [];
  const counters = { sequenceGaps: 0, malformed: 0, droppedUnits: 0, lostPackets: 0, skippedUnits: 0 };
  const it = new AccessUnitAssembler(codec, sets, counters, (unit) => units.push(unit));
  let sequence = 65_530;
  return {
    units,
    counters,
    push(timestamp: number, hex: string, { marker = true, lose = 0 } = {}) {
      sequence = (sequence + 1 + lose) & 0xffff;
      it.push(packet(sequence, timestamp, marker, hex));
    },
    pushRaw: (raw: RtpPacket) => it.push(raw),
    hex: () => units.map((unit) => [unit.rtp, unit.key, Buffer.from(unit.data).toString('hex')]),
  };
}

function packet(sequence: number, timestamp: number, marker: boolean, hex: string): RtpPacket {
  return { payloadType: 96, marker, sequence, timestamp, ssrc: 1, payload: Buffer.from(hex, 'hex') };
}

const code = '00000001';

describe('the access unit assembler', () => {
  it('puts the parameter sets of the description in front of a key unit that lacks them', () => {
    const a = assembler();
    a.push(10, '6588');
    a.push(20, '419a');
    expect(a.hex()).toEqual([
      [10, true, `${code}${SPS.toString('hex')}${code}${PPS.toString('hex')}${code}6588`],
      [20, false, `${code}419a`],
    ]);
  });

  it('keeps the order of a unit that brings its own, and remembers them for the next key unit', () => {
    const a = assembler('h264', []);
    a.push(10, '67aa', { marker: false });
    a.push(10, '68bb', { marker: false });
    a.push(10, '6588');
    a.push(20, '0910', { marker: false });
    a.push(20, '6599');
    expect(a.hex()).toEqual([
      [10, true, `${code}67aa${code}68bb${code}6588`],
      [20, true, `${code}0910${code}67aa${code}68bb${code}6599`],
    ]);
  });

  it('gives nothing before a key unit with known parameter sets, and counts nothing as dropped', () => {
    const a = assembler('h264', []);
    a.push(10, '419a');
    a.push(20, '6588');
    expect(a.units).toEqual([]);
    expect(a.counters.droppedUnits).toBe(0);
  });

  it('waits for the slice when the camera marks its parameter sets, and needs no marker at all', () => {
    const a = assembler('h264', []);
    a.push(10, '67aa');
    a.push(10, '68bb');
    a.push(10, '6588', { marker: false });
    a.push(20, '419a', { marker: false });
    a.push(30, '419b', { marker: false });
    expect(a.units.map((unit) => [unit.rtp, unit.key])).toEqual([
      [10, true],
      [20, false],
    ]);
  });

  it('drops what a gap has hurt and skips what refers to it, up to the next key unit', () => {
    const a = assembler();
    a.push(10, '6588');
    a.push(20, '419a', { marker: false });
    a.push(20, '410b', { lose: 1 });
    a.push(30, '419c');
    a.push(40, '6588');
    a.push(50, '419d');
    expect(a.units.map((unit) => unit.rtp)).toEqual([10, 40, 50]);
    expect(a.counters).toEqual({ sequenceGaps: 1, malformed: 0, droppedUnits: 1, lostPackets: 1, skippedUnits: 1 });
  });

  it('skips what refers to whole units that are lost', () => {
    const a = assembler();
    a.push(10, '6588');
    a.push(40, '419a', { lose: 2 });
    a.push(50, '6588');
    expect(a.units.map((unit) => unit.rtp)).toEqual([10, 50]);
    expect(a.counters).toMatchObject({ sequenceGaps: 1, lostPackets: 2, droppedUnits: 0, skippedUnits: 1 });
  });

  it.each([
    ['its parameter sets', '6742c01e', '6588'],
    ['a delimiter', '0910', '6588'],
    ['an aggregate with parameter sets', '7800046742c01e', '6588'],
    ['its first slice', '6588', '6508'],
    ['the first fragment of its first slice', '7c8588', '7c4501'],
  ])('keeps a key unit that shows with %s that the gap ended before it', (_what, first, last) => {
    const a = assembler();
    a.push(10, '6588');
    a.push(20, '419a');
    a.push(40, first, { lose: 5, marker: false });
    a.push(40, last);
    expect(a.units.map((unit) => [unit.rtp, unit.key])).toEqual([
      [10, true],
      [20, false],
      [40, true],
    ]);
    expect(a.counters).toMatchObject({ lostPackets: 5, droppedUnits: 0, skippedUnits: 0 });
  });

  it.each([
    ['a later slice', '6508'],
    ['a later fragment', '7c0588'],
    ['a picture parameter set', '68ce'],
  ])('drops a key unit that begins with %s after a gap', (_what, first) => {
    const a = assembler();
    a.push(10, '6588');
    a.push(40, first, { lose: 1, marker: false });
    a.push(40, '6508');
    expect(a.units.map((unit) => unit.rtp)).toEqual([10]);
    expect(a.counters.droppedUnits).toBe(1);
  });

  it('sees the same in H.265', () => {
    const sets = ['4001aa', '4201bb', '4401cc'].map((hex) => Buffer.from(hex, 'hex'));
    for (const [first, isKept] of [
      ['2601af', true],
      ['26012f', false],
      ['4001aa', true],
      ['60010003400101', true],
      ['620193af', true],
      ['62011301', false],
    ] as const) {
      const a = assembler('h265', sets);
      a.push(10, '2601af');
      a.push(40, first, { lose: 1, marker: false });
      if (first.startsWith('6201')) a.push(40, '62015301', { marker: false });
      a.push(40, '26012f');
      expect(a.units.map((unit) => unit.rtp)).toEqual(isKept ? [10, 40] : [10]);
    }
  });

  it('takes parameter sets that change in the middle, and puts the new ones before later key units', () => {
    const a = assembler();
    a.push(10, '6588');
    a.push(20, '67aabb', { marker: false });
    a.push(20, '68ccdd', { marker: false });
    a.push(20, '6588');
    a.push(30, '6599');
    const fresh = `${code}67aabb${code}68ccdd`;
    expect(a.hex().slice(1)).toEqual([
      [20, true, `${fresh}${code}6588`],
      [30, true, `${fresh}${code}6599`],
    ]);
  });

  it('drops a unit whose fragment never ended', () => {
    const a = assembler();
    a.push(10, '6588');
    a.push(20, '7c8101');
    a.push(30, '6588');
    expect(a.units.map((unit) => unit.rtp)).toEqual([10, 30]);
    expect(a.counters.droppedUnits).toBe(1);
  });

  it('ignores packets that come twice or late, and empty ones', () => {
    const a = assembler();
    const key = packet(5, 10, true, '6588');
    a.pushRaw(key);
    a.pushRaw(packet(6, 20, false, '419a'));
    a.pushRaw(key);
    a.pushRaw(packet(6, 20, false, '419a'));
    a.pushRaw(packet(7, 20, false, ''));
    a.pushRaw(packet(8, 20, true, '419b'));
    expect(a.hex().at(-1)).toEqual([20, false, `${code}419a${code}419b`]);
    expect(a.counters).toMatchObject({ sequenceGaps: 0, malformed: 0, droppedUnits: 0 });
  });

  it('knows the key pictures of H.265', () => {
    const sets = ['4001aa', '4201bb', '4401cc'].map((hex) => Buffer.from(hex, 'hex'));
    const a = assembler('h265', sets);
    a.push(10, '2601af');
    a.push(20, '0201d0');
    a.push(30, '2a01af');
    expect(a.units.map((unit) => unit.key)).toEqual([true, false, true]);
    expect(Buffer.from(a.units[0]?.data ?? []).toString('hex')).toBe(
      `${code}4001aa${code}4201bb${code}4401cc${code}2601af`,
    );
  });

  it('never throws, and every unit begins with a start code, whatever comes', () => {
    const anyPacket = fc.record({
      payloadType: fc.constant(96),
      marker: fc.boolean(),
      sequence: fc.oneof(fc.nat(65_535), fc.nat(8)),
      timestamp: fc.nat(4).map((n) => n * 3000),
      ssrc: fc.constant(1),
      payload: fc
        .tuple(fc.constantFrom(0x65, 0x41, 0x67, 0x68, 0x78, 0x7c, 0x26, 0x62, 0x00), fc.uint8Array({ maxLength: 8 }))
        .map(([first, rest]) => Buffer.from([first, ...rest])),
    });
    fc.assert(
      fc.property(fc.constantFrom('h264', 'h265'), fc.array(anyPacket, { maxLength: 40 }), (codec, packets) => {
        const a = assembler(codec as 'h264' | 'h265');
        for (const raw of packets) a.pushRaw(raw);
        for (const unit of a.units) expect(Buffer.from(unit.data).readUInt32BE(0)).toBe(1);
        if (a.units[0]) expect(a.units[0].key).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
