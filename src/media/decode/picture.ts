/** From a backend's frame to a DecodedPicture: only 8-bit 4:2:0 passes, everything else is refused with a sentence. */
import { StopsignError } from '../../errors.ts';
import type { DecodedPicture, Plane } from './port.ts';

export interface RawFrame {
  readonly tag: number;
  readonly width: number;
  readonly height: number;
  /** FFmpeg's name: yuv420p, yuvj420p … */
  readonly pixelFormat: string;
  /** What the stream says of its range; an unknown range is limited (ITU-T H.264, E.2.1). */
  readonly range: 'full' | 'limited' | 'unknown';
  readonly isDamaged: boolean;
  readonly data: readonly Uint8Array[];
  readonly linesize: readonly number[];
}

/** @throws StopsignError BAD_INPUT for another pixel format */
export function toPicture(frame: RawFrame): DecodedPicture {
  const { pixelFormat, data, linesize, tag, width, height, isDamaged } = frame;
  if (pixelFormat !== 'yuv420p' && pixelFormat !== 'yuvj420p') {
    throw new StopsignError('BAD_INPUT', `the video has the pixel format ${pixelFormat}.`, {
      remedy: 'Set the camera to 8-bit 4:2:0 H.264 or H.265 (its usual format).',
    });
  }
  const plane = (i: number): Plane => ({ data: data[i] as Uint8Array, stride: linesize[i] as number });
  const fullRange = pixelFormat === 'yuvj420p' || frame.range === 'full';
  return { tag, width, height, fullRange, isDamaged, planes: [plane(0), plane(1), plane(2)] };
}
