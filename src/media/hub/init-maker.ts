/**
 * The initialisation segment for parameter sets that came in band, at the start or on the way: ffmpeg writes one from them and the
 * slice that follows. Called by `HlsPackager`, seldom; a process of some 70 ms each.
 */
import { spawn } from 'node:child_process';
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import { Fmp4Splitter } from './fmp4-splitter.ts';

export interface InitMakerOptions {
  readonly ffmpeg: string;
  readonly codec: VideoCodec;
  /** Of the fragments that are to follow, ticks per second. */
  readonly timescale: number;
  /** Parameter sets and a slice, without start codes. */
  readonly nals: readonly Buffer[];
  readonly signal: AbortSignal;
}

/** How MP4 is written here: the fragments and every initialisation segment, so that they fit. */
export function fragmentedMp4(codec: VideoCodec): readonly string[] {
  return [
    // Safari and hls.js want hvc1 rather than hev1.
    ...['-an', '-c', 'copy', '-tag:v', codec === 'h264' ? 'avc1' : 'hvc1'],
    ...['-f', 'mp4', '-movflags', '+frag_keyframe+empty_moov+default_base_moof+skip_trailer'],
  ];
}

const TIMEOUT_MS = 10_000;
const START_CODE = Buffer.from([0, 0, 0, 1]);
/** Of the slice: ffmpeg looks for a picture, and is content with its beginning. */
const MAX_NAL_BYTES = 16 * 1024;
/** ffmpeg decodes a picture to know it. It takes no memory for larger ones, and goes by their SPS; 8K has 33 million. */
const MAX_PIXELS = 40_000_000;

/** @throws StopsignError BAD_INPUT when ffmpeg makes nothing of the sets, or not in time */
export async function makeInit({ ffmpeg, codec, timescale, nals, signal }: InitMakerOptions): Promise<Buffer> {
  const child = spawn(
    ffmpeg,
    [
      ...['-hide_banner', '-loglevel', 'error', '-max_pixels', String(MAX_PIXELS)],
      ...['-f', codec === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0'],
      ...['-video_track_timescale', String(timescale), ...fragmentedMp4(codec), 'pipe:1'],
    ],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      killSignal: 'SIGKILL',
    },
  );
  return new Promise((resolve, reject) => {
    let init: Buffer | null = null;
    const fail = (cause?: unknown) =>
      reject(new StopsignError('BAD_INPUT', 'ffmpeg makes nothing of the stream’s parameter sets.', { cause }));
    // Before its pipes are touched: there are none when it cannot be started.
    child.on('error', fail);
    const splitter = new Fmp4Splitter({
      onInit: (made) => {
        init ??= made;
      },
      onFragment: () => {},
    });
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk);
      } catch (cause) {
        child.kill('SIGKILL');
        fail(cause);
      }
    });
    child.once('close', () => (init ? resolve(init) : fail()));
    child.stdin.on('error', () => {});
    child.stdin.end(Buffer.concat(nals.flatMap((nal) => [START_CODE, nal.subarray(0, MAX_NAL_BYTES)])));
  });
}
