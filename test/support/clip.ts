/** Small videos made on the spot by ffmpeg: known size, rate and number of frames, a keyframe each second, no B-frames unless asked for. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface ClipOptions {
  width?: number;
  height?: number;
  fps?: number;
  frames?: number;
  codec?: 'h264' | 'h265';
  /** Of H.264; absent: the encoder's choice. */
  profile?: 'baseline' | 'high';
  /** Further parameters of x264, as in `cabac=1:slices=4`. */
  x264?: string;
  /** So many B-frames between two others, always; default none. */
  bframes?: number;
  /** Container and file name, e.g. clip.mp4 or clip.h264 (raw Annex B). */
  file?: string;
}

export interface Clip extends AsyncDisposable {
  readonly path: string;
}

export async function makeClip(options: ClipOptions = {}): Promise<Clip> {
  const { width = 320, height = 180, fps = 15, frames = 30, codec = 'h264', file = 'clip.mp4' } = options;
  const { profile, x264, bframes = 0 } = options;
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-clip-'));
  const path = join(dir, file);
  const x = `keyint=${fps}:scenecut=0:repeat-headers=1:bframes=${bframes}:b-adapt=0`;
  const encoder =
    codec === 'h264'
      ? ['libx264', ...(profile ? ['-profile:v', profile] : []), '-x264-params', x264 ? `${x}:${x264}` : x]
      : ['libx265', '-x265-params', `${x}:log-level=none`];
  await promisify(execFile)('ffmpeg', [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${width}x${height}:rate=${fps}`,
      '-frames:v',
      String(frames),
    ],
    ...['-pix_fmt', 'yuv420p', '-preset', 'ultrafast', '-c:v', ...encoder, path],
  ]);
  return { path, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/** Splits a raw Annex B stream of progressive pictures into access units: a new one begins at each parameter set or slice after a slice. */
export function splitAccessUnits(stream: Uint8Array, codec: 'h264' | 'h265'): Uint8Array[] {
  const starts: number[] = [];
  for (let i = 0; i + 3 < stream.length; i += 1) {
    if (stream[i] === 0 && stream[i + 1] === 0 && stream[i + 2] === 1) starts.push(i);
  }
  const isSlice = (at: number): boolean => {
    const header = stream[at + 3] as number;
    return codec === 'h264' ? (header & 31) === 1 || (header & 31) === 5 : ((header >> 1) & 63) < 32;
  };
  const firstSliceOfPicture = (at: number): boolean =>
    codec === 'h264' ? ((stream[at + 4] as number) & 0x80) !== 0 : ((stream[at + 5] as number) & 0x80) !== 0;
  const cuts: number[] = [];
  let sawSlice = true;
  for (const at of starts) {
    if (sawSlice && (!isSlice(at) || firstSliceOfPicture(at))) {
      cuts.push(at);
      sawSlice = false;
    }
    if (isSlice(at)) sawSlice = true;
  }
  return cuts.map((at, i) => stream.slice(at, cuts[i + 1] ?? stream.length));
}
