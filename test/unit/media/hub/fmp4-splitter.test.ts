import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fmp4Splitter, type Fragment } from '../../../../src/media/hub/fmp4-splitter.ts';
import { utcUsToNtp } from '../../../../src/media/rtsp/rtcp.ts';

const u32 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => void bytes.writeUInt32BE(value >>> 0, i * 4));
  return bytes;
};
const box = (type: string, ...content: Buffer[]) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};
const moov = box('moov', box('trak', box('mdia', box('mdhd', u32(0, 0, 0, 12_800, 0, 0)))));
const ftyp = box('ftyp', Buffer.from('iso5'));
const UTC = 1_726_179_150_123_000;
const prft = box('prft', u32(0, 1, ...utcUsToNtp(UTC), 0, 0));
/** Three samples of the default duration, or with their own. */
const moof = (durations?: number[]) =>
  box(
    'moof',
    box(
      'traf',
      box('tfhd', u32(0x000008, 1, 512)),
      durations
        ? box('trun', u32(0x000305, durations.length, 0, 0x2000000), ...durations.map((d) => u32(d, 99)))
        : box('trun', u32(0x1, 3, 0)),
    ),
  );
const mdat = box('mdat', Buffer.alloc(500, 7));

function run(bytes: Buffer, cuts: readonly number[] = []) {
  const inits: Buffer[] = [];
  const fragments: Fragment[] = [];
  const splitter = new Fmp4Splitter({
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i += 1) splitter.push(bytes.subarray(edges[i - 1], edges[i]));
  return { inits, fragments };
}

describe('the fMP4 splitter', () => {
  const stream = Buffer.concat([ftyp, moov, prft, moof(), mdat, moof([640, 1_280]), mdat]);

  it('gives the initialisation and each fragment with its duration and its time, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const { inits, fragments } = run(stream, cuts);
        expect(inits).toEqual([Buffer.concat([ftyp, moov])]);
        expect(fragments.map(({ durationS }) => durationS)).toEqual([(3 * 512) / 12_800, 1_920 / 12_800]);
        expect(fragments[0]?.data).toEqual(Buffer.concat([moof(), mdat]));
        // The time given is the second frame's.
        expect(Math.abs((fragments[0]?.startUtcUs ?? 0) - (UTC - (512 / 12_800) * 1e6))).toBeLessThanOrEqual(1);
        expect(fragments[1]?.startUtcUs).toBeNull();
      }),
    );
  });

  it('dates a first frame by its distance to the second, also where frames are shown in another order', () => {
    // Durations 640, composition offsets: 0, then two frames on.
    const reordered = box(
      'moof',
      box('traf', box('tfhd', u32(0x000008, 1, 512)), box('trun', u32(0x000901, 2, 0), u32(640, 0), u32(640, 1_280))),
    );
    const alone = box('moof', box('traf', box('tfhd', u32(0x000008, 1, 512)), box('trun', u32(0x1, 1, 0))));
    const { fragments } = run(Buffer.concat([ftyp, moov, prft, reordered, mdat, prft, alone, mdat]));
    const beforeMs = fragments.map(({ startUtcUs }) => Math.round((UTC - (startUtcUs ?? 0)) / 1_000));
    expect(beforeMs).toEqual([(1_920 / 12_800) * 1_000, (512 / 12_800) * 1_000]);
  });

  it('refuses what is no MP4 with an error of ours, and throws nothing else', () => {
    expect(() => run(Buffer.alloc(100))).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    const parts = [
      ftyp,
      moov,
      moof(),
      mdat,
      prft,
      box('moof', u32(1)),
      box('moof', box('traf', box('trun', u32(0x100, 9)))),
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts)), (boxes) => void run(Buffer.concat(boxes))),
      { numRuns: 200 },
    );
  });
});
