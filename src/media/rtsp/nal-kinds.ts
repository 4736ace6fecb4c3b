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
