/** What a fragmented MP4 says of its times (ISO/IEC 14496-12): the clock's rate, and those of a fragment. Pure; for `Fmp4Splitter`. */

const HEADER_BYTES = 8;
const DATA_OFFSET = 0x1;
const FIRST_FLAGS = 0x4;
const DURATION = 0x100;
const SIZE = 0x200;
const FLAGS = 0x400;
const COMPOSITION = 0x800;

export interface FragmentTimes {
  /** All samples together. */
  readonly durationTicks: number;
  /** From the first frame in the order of decoding to the second, as they are shown; where there is no second, to its end. */
  readonly secondFrameTicks: number;
}

/** Ticks per second of the first track; null when the `moov` does not say. */
export function mediaTimescale(moov: Buffer): number | null {
  const mdhd = findBox(moov.subarray(HEADER_BYTES), ['trak', 'mdia', 'mdhd']);
  if (!mdhd || mdhd.length < 24) return null;
  return mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12) || null;
}

/** From the sample durations and composition offsets of a `moof` (§8.8.7, §8.8.8); zeros where it has none. */
export function fragmentTimes(moof: Buffer): FragmentTimes {
  const tfhd = findBox(moof.subarray(HEADER_BYTES), ['traf', 'tfhd']);
  const trun = findBox(moof.subarray(HEADER_BYTES), ['traf', 'trun']);
  if (!trun || trun.length < 8) return { durationTicks: 0, secondFrameTicks: 0 };
  const flags = trun.readUIntBE(1, 3);
  const count = trun.readUInt32BE(4);
  const bytesOf = (flag: number) => (flags & flag ? 4 : 0);
  const sampleBytes = bytesOf(DURATION) + bytesOf(SIZE) + bytesOf(FLAGS) + bytesOf(COMPOSITION);
  const from = 8 + bytesOf(DATA_OFFSET) + bytesOf(FIRST_FLAGS);
  const isThere = (i: number) => i < count && from + (i + 1) * sampleBytes <= trun.length;
  const standard = defaultDuration(tfhd);
  const duration = (i: number) => (flags & DURATION ? trun.readUInt32BE(from + i * sampleBytes) : standard);
  // Signed also in version 0, where nobody means offsets beyond 2³¹.
  const composition = (i: number) => (flags & COMPOSITION ? trun.readInt32BE(from + (i + 1) * sampleBytes - 4) : 0);
  if (!isThere(0)) return { durationTicks: 0, secondFrameTicks: 0 };
  let durationTicks = flags & DURATION ? 0 : count * standard;
  if (flags & DURATION) for (let i = 0; isThere(i); i += 1) durationTicks += duration(i);
  const shift = isThere(1) ? composition(1) - composition(0) : 0;
  return { durationTicks, secondFrameTicks: duration(0) + shift };
}

function defaultDuration(tfhd: Buffer | null): number {
  if (!tfhd || tfhd.length < 8) return 0;
  const flags = tfhd.readUIntBE(1, 3);
  const at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
  return flags & 0x8 && at + 4 <= tfhd.length ? tfhd.readUInt32BE(at) : 0;
}

/** The content of the first box at the end of a path such as `['trak', 'mdia', 'mdhd']`. */
function findBox(container: Buffer, path: readonly string[]): Buffer | null {
  const [wanted, ...deeper] = path;
  let at = 0;
  while (at + HEADER_BYTES <= container.length) {
    const size = container.readUInt32BE(at);
    if (size < HEADER_BYTES || at + size > container.length) return null;
    if (container.toString('latin1', at + 4, at + 8) === wanted) {
      const content = container.subarray(at + HEADER_BYTES, at + size);
      return deeper.length === 0 ? content : findBox(content, deeper);
    }
    at += size;
  }
  return null;
}
