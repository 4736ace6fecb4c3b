import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VideoCodec } from '../../../../src/media/access-unit.ts';
import { ParameterSetWatch } from '../../../../src/media/hub/parameter-set-watch.ts';
import { leadingNals, MAX_SETS, mergedSets, withParameterSets } from '../../../../src/media/hub/parameter-sets.ts';
import { formatSdp, parseSdp } from '../../../../src/media/rtsp/sdp.ts';

const hex = (text: string) => (text === '' ? [] : text.split(' ')).map((part) => Buffer.from(part, 'hex'));
const words = (sets: readonly Buffer[]) => sets.map((set) => set.toString('hex')).join(' ');
const merged = (codec: VideoCodec, known: string, brought: string) =>
  words(mergedSets(codec, hex(known), hex(brought)));
const sized = (nals: readonly Buffer[]) =>
  Buffer.concat(
    nals.flatMap((nal) => {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(nal.length);
      return [size, nal];
    }),
  );

describe('the parameter sets in force', () => {
  it.each<[string, VideoCodec, string, string, string]>([
    ['a new SPS drops the PPS of the old one', 'h264', '67640001 68e1', '67640002 68e2', '67640002 68e2'],
    ['a new SPS with the old PPS', 'h264', '67640001 68e1', '68e1 67640002', '67640002 68e1'],
    ['a PPS in the place of another of its number', 'h264', '67640001 68e1', '68e2', '67640001 68e2'],
    ['a PPS of another number', 'h264', '67640001 68e1', '6841', '67640001 68e1 6841'],
    ['the same twice', 'h264', '67640001 68e1', '67640002 67640002 68e1', '67640002 68e1'],
    ['a new SPS of H.265', 'h265', '4001aa 4201bb01 4401c1', '4201bb02 4401c1', '4001aa 4201bb02 4401c1'],
    ['some where there were none', 'h265', '', '4401c1 4201bb01 4001aa', '4001aa 4201bb01 4401c1'],
  ])('are right after %s', (_what, codec, known, brought, wanted) => {
    expect(merged(codec, known, brought)).toBe(wanted);
  });

  it('stay the same array when nothing is new', () => {
    const known = hex('67640001 68e1');
    expect(mergedSets('h264', known, hex('68e1'))).toBe(known);
    expect(mergedSets('h264', known, [])).toBe(known);
  });

  it('are never more than a stream may have', () => {
    const pps = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((tail) => Buffer.from([0x68, ...tail]));
    fc.assert(
      fc.property(fc.array(fc.array(pps, { maxLength: MAX_SETS })), (steps) => {
        let known: readonly Buffer[] = hex('67640001');
        for (const brought of steps) known = mergedSets('h264', known, brought);
        expect(known.length).toBeLessThanOrEqual(MAX_SETS);
      }),
    );
  });
});

describe('what a fragment begins with', () => {
  it('is its sets without trailing zeros, and its first slice', () => {
    const samples = sized(hex('09f0 6764000100 68e1 0605 6588aa 67640009 4101'));
    const { sets, slice } = leadingNals('h264', samples);
    expect([words(sets), slice?.toString('hex')]).toEqual(['67640001 68e1', '6588aa']);
  });

  it('has no sets that are too short or too long to be any, and is read to its end whatever it is', () => {
    const long = Buffer.alloc(5_000, 0x67);
    expect(leadingNals('h264', sized([...hex('67 6764 68'), long, ...hex('6588aa')])).sets).toEqual([]);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('h264' as const, 'h265' as const),
        (bytes, codec) => {
          expect(leadingNals(codec, Buffer.from(bytes)).sets.length).toBeLessThanOrEqual(MAX_SETS);
        },
      ),
    );
  });
});

describe('a description with other sets', () => {
  it.each([
    ['H264', 'packetization-mode=1; sprop-parameter-sets=Z2QAAQ==,aOE=; profile-level-id=640001', '6742001e 68e2'],
    ['H265', 'sprop-vps=QAGq; sprop-sps=QgG7AQ==; sprop-pps=RAHB; profile-id=1', '4001ab 4201bb02 4401c2'],
  ])('of %s is read as one that always had them', (encoding, fmtp, wanted) => {
    const sdp = `m=video 0 RTP/AVP 96\r\na=rtpmap:96 ${encoding}/90000\r\na=fmtp:96 ${fmtp}\r\n`;
    const track = parseSdp(sdp).video;
    if (!track) throw new Error('no track');
    const again = parseSdp(formatSdp(withParameterSets(track, hex(wanted)), 'x')).video;
    expect(words(again?.parameterSets ?? [])).toBe(wanted);
    expect(again?.fmtp).toMatch(
      encoding === 'H264' ? /^packetization-mode=1;.*profile-level-id=42001e$/ : /^sprop-vps/,
    );
    expect(again?.fmtp).not.toMatch(/640001|profile-id/);
  });
});

/** The sets in force after RTP payloads, given as hex. */
function watched(codec: VideoCodec, known: string, payloads: string): string {
  const watch = new ParameterSetWatch(codec, hex(known));
  for (const payload of hex(payloads)) watch.push(payload);
  return words(watch.sets);
}

describe('the watch over a stream’s sets', () => {
  it.each<[string, VideoCodec, string, string]>([
    ['not before a slice comes', 'h264', '67640002 68e2', '67640001 68e1'],
    ['with the slice behind them', 'h264', '67640002 68e2 6588aa', '67640002 68e2'],
    ['from one packet together with their slice', 'h264', '78000467640002000268e200036588aa', '67640002 68e2'],
    ['with a slice in fragments', 'h264', '67640002 68e2 7c8588 7c4501', '67640002 68e2'],
    ['not from a packet that is too short to be a set', 'h264', '6764 6588aa', '67640001 68e1'],
  ])('takes them %s', (_when, codec, payloads, wanted) => {
    expect(watched(codec, '67640001 68e1', payloads)).toBe(wanted);
  });

  it('takes those of H.265 too', () => {
    const payloads = '6001000640010c01ffff000542010101ff000344 2601af';
    expect(watched('h265', '', '4001aa 4201bb02 4401c1 2601af')).toBe('4001aa 4201bb02 4401c1');
    expect(() => watched('h265', '', payloads)).not.toThrow();
  });

  it('keeps no more than a stream may have of one that sends nothing else', () => {
    const watch = new ParameterSetWatch('h264', []);
    for (let n = 0; n < 1_000; n += 1) watch.push(Buffer.from([0x67, 1, n >> 8, n & 255 || 1]));
    watch.push(Buffer.from('6588aa', 'hex'));
    expect(watch.sets.length).toBeLessThanOrEqual(MAX_SETS);
  });
});
