/**
 * The parameter sets (VPS, SPS, PPS) that a stream carries in band: which differ from those that are known, and what is in force
 * then. Pure; for `Stream`, where they come in RTP, and for the HLS packager, where they stand in front of a fragment's pictures.
 */
import type { VideoCodec } from '../access-unit.ts';
import { type NalKind, nalKind, PARAMETER_SET_KINDS } from '../rtsp/nal-kinds.ts';
import type { VideoTrack } from '../rtsp/sdp.ts';

/** As many as a stream may bring or have at a time; real ones have two to four. */
export const MAX_SETS = 16;
const MAX_SET_BYTES = 4_096;
const SIZE_BYTES = 4;
/** What may be wrong now, and may be left out. */
const FORMER_H265 = {
  'profile-space': '',
  'profile-id': '',
  'tier-flag': '',
  'level-id': '',
  'interop-constraints': '',
};

export function isSlice(kind: NalKind): boolean {
  return kind === 'slice' || kind === 'key-slice';
}

export function isSet(kind: NalKind): boolean {
  return kind === 'vps' || kind === 'sps' || kind === 'pps';
}

/** @returns the set; null when it is none, or cannot be one */
export function parameterSet(codec: VideoCodec, nal: Buffer): Buffer | null {
  const set = trimmed(nal);
  const kind = nalKind(codec, set);
  // An SPS says profile and level first.
  const isWhole = set.length >= (kind === 'sps' ? 4 : 2) && set.length <= MAX_SET_BYTES;
  return isWhole && PARAMETER_SET_KINDS[codec].includes(kind) ? set : null;
}

/** Without the zero bytes that may follow a NAL unit in a byte stream (H.264 annex B, `trailing_zero_8bits`). */
function trimmed(nal: Buffer): Buffer {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end -= 1;
  return nal.subarray(0, end);
}

/**
 * The sets in force after `brought` came.
 * @returns `known` itself when nothing is new; else VPS before SPS before PPS
 */
export function mergedSets(codec: VideoCodec, known: readonly Buffer[], brought: readonly Buffer[]): readonly Buffer[] {
  const fresh = brought.filter((set) => !known.some((other) => other.equals(set)));
  if (fresh.length === 0) return known;
  const kindOf = (set: Buffer) => nalKind(codec, set);
  const merged = PARAMETER_SET_KINDS[codec].flatMap((kind) => {
    const before = known.filter((set) => kindOf(set) === kind);
    const now = [
      ...new Map(brought.filter((set) => kindOf(set) === kind).map((set) => [set.toString('hex'), set])).values(),
    ];
    if (now.length === 0) return before;
    // A PPS hangs on its SPS: with another one only those hold that came with it.
    const isAddition = kind === 'pps' && fresh.every((set) => kindOf(set) === 'pps');
    if (!isAddition) return now;
    return [...before.filter((set) => !now.some((other) => ppsId(codec, other) === ppsId(codec, set))), ...now];
  });
  return merged.slice(0, MAX_SETS);
}

/** What stands at the beginning of fragmented MP4's samples (sizes of four bytes) before the first slice, and that slice. */
export function leadingNals(codec: VideoCodec, samples: Buffer): { sets: readonly Buffer[]; slice: Buffer | null } {
  const sets: Buffer[] = [];
  for (let at = 0; at + SIZE_BYTES < samples.length; ) {
    const end = at + SIZE_BYTES + samples.readUInt32BE(at);
    const nal = samples.subarray(at + SIZE_BYTES, end);
    if (isSlice(nalKind(codec, nal))) return { sets, slice: nal };
    const set = parameterSet(codec, nal);
    if (set && sets.length < MAX_SETS) sets.push(set);
    at = end;
  }
  return { sets, slice: null };
}

/** The same track, described by other parameter sets (RFC 6184 §8.1, RFC 7798 §7.1). */
export function withParameterSets<T extends VideoTrack>(track: T, sets: readonly Buffer[]): T {
  const { codec } = track;
  if (codec === null) return track;
  const listed = (kind: string) =>
    sets
      .filter((set) => nalKind(codec, set) === kind)
      .map((set) => set.toString('base64'))
      .join(',');
  const sps = sets.find((set) => nalKind(codec, set) === 'sps');
  const values =
    codec === 'h264'
      ? {
          'sprop-parameter-sets': sets.map((set) => set.toString('base64')).join(','),
          'profile-level-id': sps?.toString('hex', 1, 4) ?? '',
        }
      : { 'sprop-vps': listed('vps'), 'sprop-sps': listed('sps'), 'sprop-pps': listed('pps'), ...FORMER_H265 };
  const kept = track.fmtp
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !Object.hasOwn(values, part.split('=')[0]?.trim().toLowerCase() ?? ''));
  const given = Object.entries(values).flatMap(([name, value]) => (value === '' ? [] : [`${name}=${value}`]));
  return { ...track, parameterSets: sets, fmtp: [...kept, ...given].join(';') };
}

/** `pic_parameter_set_id`, which a PPS begins with (H.264 §7.3.2.2, H.265 §7.3.2.3): at most 255, too short for emulation prevention. */
function ppsId(codec: VideoCodec, pps: Buffer): number {
  const bits = pps.length < 6 ? Buffer.concat([pps, Buffer.alloc(6)]) : pps;
  const word = bits.readUInt32BE(codec === 'h264' ? 1 : 2);
  const zeros = Math.clz32(word);
  return zeros > 15 ? -1 : (word >>> (31 - 2 * zeros)) - 1;
}
