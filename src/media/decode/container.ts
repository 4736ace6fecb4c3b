/**
 * Whether a file begins like a video. Asked by the beamcoder backend before it opens one: beamcoder 0.7.1 reads memory that it
 * has just freed whenever it refuses something, which ends the process sooner or later.
 */
import { open } from 'node:fs/promises';

/** Of MP4 and MOV: the first box, from byte 4. */
const BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'];
/** Matroska and WebM; AVI; FLV; H.264 and H.265 without a container. */
const BEGINNINGS = ['1a45dfa3', '52494646', '464c56', '000001', '00000001'];
const TS_SYNC = 0x47;
const TS_PACKET_BYTES = 188;

/** @returns false also when it cannot be read */
export async function beginsLikeVideo(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * TS_PACKET_BYTES), 0);
    const head = buffer.subarray(0, bytesRead);
    const hex = head.toString('hex', 0, 4);
    return (
      BOXES.includes(head.toString('latin1', 4, 8)) ||
      BEGINNINGS.some((beginning) => hex.startsWith(beginning)) ||
      (head[0] === TS_SYNC && head[TS_PACKET_BYTES] === TS_SYNC)
    );
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
