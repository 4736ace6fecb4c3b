import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Depacketizer, MAX_FRAGMENTS, MAX_NAL_BYTES } from '../../../../src/media/rtsp/depacketizer.ts';
import { H264_PAYLOAD } from '../../../../src/media/rtsp/h264-payload.ts';
import { H265_PAYLOAD } from '../../../../src/media/rtsp/h265-payload.ts';

function run(depacketizer: Depacketizer, payloads: readonly string[]): { nals: string[]; ok: boolean[] } {
  const nals: string[] = [];
  const ok = payloads.map((hex) =>
    depacketizer.push(Buffer.from(hex.replaceAll(' ', ''), 'hex'), (nal) => nals.push(nal.toString('hex'))),
  );
  return { nals, ok };
}

describe('H.264 (RFC 6184)', () => {
  it('gives single NAL units as they are', () => {
    expect(run(new Depacketizer(H264_PAYLOAD), ['65 8801', '41 9a'])).toEqual({
      nals: ['658801', '419a'],
      ok: [true, true],
    });
  });

  it('takes STAP-A apart', () => {
    expect(run(new Depacketizer(H264_PAYLOAD), ['78 0003 674201 0002 68ce'])).toEqual({
      nals: ['674201', '68ce'],
      ok: [true],
    });
  });

  it('joins FU-A fragments under the original header', () => {
    const { nals, ok } = run(new Depacketizer(H264_PAYLOAD), ['7c 85 0102', '7c 05 03', '7c 45 0405']);
    expect({ nals, ok }).toEqual({ nals: ['650102030405'], ok: [true, true, true] });
  });

  it.each([
    ['an empty payload', ['']],
    ['the forbidden bit', ['e5 88']],
    ['reserved types', ['00 11', '1e 11', '1f 11']],
    ['STAP-B and MTAP', ['19 0000 0002 4111', '1a 00']],
    ['a STAP-A whose sizes lie', ['78 0009 41', '78 0000', '78', '78 0001 41 00']],
    ['a fragment without a beginning', ['7c 05 01', '7c 45 01']],
    ['a fragment that carries nothing', ['7c 85']],
  ])('calls %s malformed', (_what, payloads) => {
    const { nals, ok } = run(new Depacketizer(H264_PAYLOAD), payloads);
    expect(nals).toEqual([]);
    expect(ok).toEqual(payloads.map(() => false));
  });

  it('notices a fragment that never ended, and goes on', () => {
    const { nals, ok } = run(new Depacketizer(H264_PAYLOAD), ['7c 85 01', '41 9a', '41 9b']);
    expect({ nals, ok }).toEqual({ nals: ['419b'], ok: [true, false, true] });
    expect(run(new Depacketizer(H264_PAYLOAD), ['7c 85 01', '7c 85 02', '41 9a']).ok).toEqual([true, false, true]);
  });
});

describe('H.265 (RFC 7798)', () => {
  it('gives single NAL units as they are', () => {
    expect(run(new Depacketizer(H265_PAYLOAD), ['4001 0c01', '2601 af'])).toEqual({
      nals: ['40010c01', '2601af'],
      ok: [true, true],
    });
  });

  it('takes aggregation packets apart', () => {
    expect(run(new Depacketizer(H265_PAYLOAD), ['6001 0003 400101 0004 42010203'])).toEqual({
      nals: ['400101', '42010203'],
      ok: [true],
    });
  });

  it('joins fragmentation units under the original header', () => {
    const { nals } = run(new Depacketizer(H265_PAYLOAD), ['6201 93 0102', '6201 13 03', '6201 53 04']);
    expect(nals).toEqual(['260101020304']);
    // Layer id and temporal id are kept.
    expect(run(new Depacketizer(H265_PAYLOAD), ['630a 93 0102', '630a 53 03']).nals).toEqual(['270a010203']);
  });

  it.each([
    ['less than a header', ['', '40']],
    ['the forbidden bit', ['c001 01']],
    ['PACI and reserved types', ['6401 01', '7e01 01']],
    ['an aggregate whose sizes lie', ['6001 0009 40', '6001', '6001 0001 40']],
    ['a fragment without a beginning', ['6201 13 01', '6201 53 01']],
  ])('calls %s malformed', (_what, payloads) => {
    const { nals, ok } = run(new Depacketizer(H265_PAYLOAD), payloads);
    expect(nals).toEqual([]);
    expect(ok).toEqual(payloads.map(() => false));
  });
});

describe.each([
  ['H.264', () => new Depacketizer(H264_PAYLOAD)],
  ['H.265', () => new Depacketizer(H265_PAYLOAD)],
])('the %s depacketizer', (name, create) => {
  it('never throws, whatever comes', () => {
    const starts = name === 'H.264' ? [0x78, 0x7c, 0x65, 0x41] : [0x60, 0x62, 0x40, 0x26];
    const payload = fc
      .tuple(fc.constantFrom(...starts, 0, 0xff), fc.uint8Array({ maxLength: 40 }))
      .map(([first, rest]) => Buffer.from([first, ...rest]));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            payload,
            fc.uint8Array({ maxLength: 3 }).map((b) => Buffer.from(b)),
          ),
        ),
        (payloads) => {
          const depacketizer = create();
          const total = payloads.reduce((sum, bytes) => sum + bytes.length, 0);
          let emitted = 0;
          for (const bytes of payloads) {
            depacketizer.push(bytes, (nal) => {
              expect(nal.length).toBeGreaterThan(0);
              emitted += nal.length;
            });
          }
          expect(emitted).toBeLessThanOrEqual(total);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not collect fragments of one byte without bound', () => {
    const depacketizer = create();
    const header = name === 'H.264' ? [0x7c, 0x85] : [0x62, 0x01, 0x93];
    expect(depacketizer.push(Buffer.from([...header, 1]), () => {})).toBe(true);
    header[header.length - 1] = (header.at(-1) ?? 0) & 0x3f;
    let taken = 0;
    while (taken <= MAX_FRAGMENTS && depacketizer.push(Buffer.from([...header, 1]), () => {})) taken += 1;
    expect(taken).toBeLessThan(MAX_FRAGMENTS);
    expect(depacketizer.hasOpenFragment).toBe(false);
  });

  it('does not let one fragmented unit grow without bound', () => {
    const depacketizer = create();
    const header = name === 'H.264' ? [0x7c, 0x85] : [0x62, 0x01, 0x93];
    const part = Buffer.alloc(60_000);
    expect(depacketizer.push(Buffer.concat([Buffer.from(header), part]), () => {})).toBe(true);
    header[header.length - 1] = (header.at(-1) ?? 0) & 0x3f;
    const middle = Buffer.concat([Buffer.from(header), part]);
    let pushed = 0;
    while (depacketizer.push(middle, () => {})) pushed += part.length;
    expect(pushed).toBeLessThanOrEqual(MAX_NAL_BYTES);
    expect(depacketizer.hasOpenFragment).toBe(false);
  });
});
