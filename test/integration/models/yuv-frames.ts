/** Frames of a video file as YUV 4:2:0 pictures, decoded by the ffmpeg command; for tests that need real pictures. */
import { spawn } from 'node:child_process';
import type { YuvPicture } from '../../../src/vision/picture.ts';

export interface FrameRange {
  readonly width: number;
  readonly height: number;
  /** Frame numbers in decoding order, inclusive; every `step`-th is given. */
  readonly first: number;
  readonly last: number;
  readonly step?: number;
}

/** @returns one picture per wanted frame, in order */
export async function yuvFrames(path: string, range: FrameRange): Promise<YuvPicture[]> {
  const { width, height, first, last, step = 1 } = range;
  const select = `select=between(n\\,${first}\\,${last})*not(mod(n-${first}\\,${step}))`;
  const args = ['-v', 'error', '-i', path, '-vf', select, '-fps_mode', 'passthrough', '-frames:v', count(range)];
  const ffmpeg = spawn('ffmpeg', [...args, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parts: Buffer[] = [];
  for await (const part of ffmpeg.stdout) parts.push(part as Buffer);
  const all = Buffer.concat(parts);
  const luma = width * height;
  const size = luma * 1.5;
  return Array.from({ length: Math.floor(all.length / size) }, (_, i) => {
    const at = i * size;
    return {
      width,
      height,
      fullRange: false,
      y: all.subarray(at, at + luma),
      u: all.subarray(at + luma, at + luma * 1.25),
      v: all.subarray(at + luma * 1.25, at + size),
    };
  });
}

function count({ first, last, step = 1 }: FrameRange): string {
  return String(Math.floor((last - first) / step) + 1);
}
