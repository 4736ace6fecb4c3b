/** What an NAL unit is good for, per codec. Pure tables (H.264 table 7-1, H.265 table 7-1). */
import type { VideoCodec } from '../access-unit.ts';

export type NalKind = 'delimiter' | 'vps' | 'sps' | 'pps' | 'key-slice' | 'slice' | 'other';

export const PARAMETER_SET_KINDS: Readonly<Record<VideoCodec, readonly NalKind[]>> = {
  h264: ['sps', 'pps'],
  h265: ['vps', 'sps', 'pps'],
};

export function nalKind(codec: VideoCodec, nal: Buffer): NalKind {
  const header = nal[0] ?? 0;
  return codec === 'h264' ? h264Kind(header & 0x1f) : h265Kind((header >> 1) & 0x3f);
}

export function h264Kind(type: number): NalKind {
  if (type === 5) return 'key-slice';
  if (type >= 1 && type <= 4) return 'slice';
  if (type === 7) return 'sps';
  if (type === 8) return 'pps';
  return type === 9 ? 'delimiter' : 'other';
}

function h265Kind(type: number): NalKind {
  // 16–21: BLA, IDR and CRA pictures; 22 and 23 are reserved IRAP types.
  if (type >= 16 && type <= 23) return 'key-slice';
  if (type < 16) return 'slice';
  if (type === 32) return 'vps';
  if (type === 33) return 'sps';
  if (type === 34) return 'pps';
  return type === 35 ? 'delimiter' : 'other';
}

const STAP_A = 24;
const FU_A = 28;
const AP = 48;
const FU = 49;

/** An NAL unit that begins in an RTP payload. */
export interface BeginningNal {
  readonly kind: NalKind;
  /** The first slice of its picture: first_mb_in_slice is 0 (H.264 §7.3.3), first_slice_segment_in_pic_flag is set (H.265 §7.3.6.1). */
  readonly isFirstSlice: boolean;
}

/** The NAL units that begin in this RTP payload; none in a later fragment. */
export function beginningNals(codec: VideoCodec, payload: Buffer): BeginningNal[] {
  return codec === 'h264' ? beginningH264Nals(payload) : beginningH265Nals(payload);
}

/**
 * Whether this RTP payload is the first of its picture, as far as it shows: a delimiter, VPS or SPS, or the first slice. What
 * was lost before it belongs to earlier pictures then. False when it does not show.
 */
export function beginsPicture(codec: VideoCodec, payload: Buffer): boolean {
  const first = beginningNals(codec, payload)[0];
  return first !== undefined && (first.isFirstSlice || ['delimiter', 'vps', 'sps'].includes(first.kind));
}

function beginningH264Nals(payload: Buffer): BeginningNal[] {
  const nal = (type: number, firstByte = 0) => beginning(h264Kind(type), firstByte);
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === STAP_A) return aggregated(payload, 1).map((part) => nal((part[0] ?? 0) & 0x1f, part[1]));
  if (type !== FU_A) return [nal(type, payload[1])];
  const header = payload[1] ?? 0;
  return header & 0x80 ? [nal(header & 0x1f, payload[2])] : [];
}

function beginningH265Nals(payload: Buffer): BeginningNal[] {
  const nal = (type: number, firstByte = 0) => beginning(h265Kind(type), firstByte);
  const type = ((payload[0] ?? 0) >> 1) & 0x3f;
  if (type === AP) return aggregated(payload, 2).map((part) => nal(((part[0] ?? 0) >> 1) & 0x3f, part[2]));
  if (type !== FU) return [nal(type, payload[2])];
  const header = payload[2] ?? 0;
  return header & 0x80 ? [nal(header & 0x3f, payload[3])] : [];
}

function beginning(kind: NalKind, firstByte: number): BeginningNal {
  return { kind, isFirstSlice: (kind === 'slice' || kind === 'key-slice') && (firstByte & 0x80) !== 0 };
}

/** `{uint16 size, NAL unit}*`; sizes that lie give what is there. */
export function aggregated(payload: Buffer, start: number): Buffer[] {
  const nals: Buffer[] = [];
  for (let at = start; at + 2 < payload.length; ) {
    const size = payload.readUInt16BE(at);
    nals.push(payload.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return nals;
}
