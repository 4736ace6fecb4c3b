/**
 * Pictures to a clip, as a camera would have sent it: a little soft, sensor noise, H.264 without B-frames, a keyframe
 * each second, headers repeated with each. Needs the program ffmpeg. Called at the end of `sim render`.
 *
 * Frame times are kept to the microsecond (concat list, passed through), so a variable frame rate stays one. Frozen
 * frames repeat the picture with its noise: they are looped in after the noise was laid on.
 */
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StopsignError } from '../../errors.ts';
import type { Light } from '../scenario.ts';
import type { FrameFolder } from './frame-folder.ts';

export interface ClipFrames {
  readonly folder: FrameFolder;
  /** Capture times, seconds. */
  readonly times: readonly number[];
  /** Frame by frame: the picture before it again. */
  readonly frozen: readonly boolean[];
  readonly durationS: number;
  readonly light: Light;
  readonly seed: number;
}

/** Strength of ffmpeg's noise filter. */
const NOISE: Readonly<Record<Light, number>> = { day: 5, dusk: 8, night: 11 };
/** Constant rate factor of x264: noise is dear, so dark clips are held coarser. */
const CRF: Readonly<Record<Light, number>> = { day: 26, dusk: 27, night: 28 };

/** @throws StopsignError NATIVE_MISSING without ffmpeg, INTERNAL with its words when it fails */
export async function encodeClip(frames: ClipFrames, out: string): Promise<void> {
  const half = `${out}.part.mp4`;
  const list = join(frames.folder.path, 'frames.txt');
  writeFileSync(list, concatList(frames));
  const { light } = frames;
  await runFfmpeg([
    ...['-y', '-v', 'error', '-f', 'concat', '-safe', '0', '-i', list],
    ...['-vf', filters(frames)],
    ...['-fps_mode', 'passthrough', '-enc_time_base', `1:${TICKS_PER_S}`, '-video_track_timescale', `${TICKS_PER_S}`],
    ...['-c:v', 'libx264', '-preset', 'medium', '-crf', String(CRF[light]), '-bf', '0', '-profile:v', 'high'],
    ...['-pix_fmt', 'yuv420p', '-color_range', 'tv', '-colorspace', 'bt709'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709'],
    // Keyframes by time alone: by count they would come early where the frame rate is high.
    ...['-x264-params', 'keyint=100000:scenecut=0:repeat-headers=1'],
    ...['-force_key_frames', 'expr:gte(t,n_forced)', '-forced-idr', '1'],
    ...['-bsf:v', lastDuration(frames), '-movflags', '+faststart', '-an', half],
  ]);
  renameSync(half, out);
}

/** Ticks of the container's clock; pictures would otherwise be put on a grid of 1/25 s. */
const TICKS_PER_S = 90_000;

/** Every picture lasts until the next one is taken. All get one clock: ffmpeg takes the first picture's for all. */
function concatList({ folder, times, durationS }: ClipFrames): string {
  const lines = ['ffconcat version 1.0'];
  for (const [frame, t] of times.entries()) {
    const next = times[frame + 1] ?? Math.max(durationS, t);
    lines.push(
      `file '${resolve(folder.pathOf(frame)).replaceAll("'", "'\\''")}'`,
      `option framerate ${TICKS_PER_S}`,
      `duration ${((microseconds(next) - microseconds(t)) / 1e6).toFixed(6)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Rounded before the difference is taken: rounded differences would add up to a drift. */
function microseconds(t: number): number {
  return Math.round(t * 1e6);
}

/** The last picture lasts until the clip's end, so that the clip loops without a stumble; no list can say that. */
function lastDuration({ times, durationS }: ClipFrames): string {
  const ticks = Math.max(1, Math.round((durationS - (times.at(-1) ?? 0)) * TICKS_PER_S));
  return `setts=duration=if(eq(N\\,${times.length - 1})\\,${ticks}\\,DURATION)`;
}

function filters({ light, seed, frozen }: ClipFrames): string {
  const look = [
    'gblur=sigma=0.55',
    'vignette=angle=PI/14',
    'scale=in_range=pc:out_range=tv:out_color_matrix=bt709',
    'format=yuv420p',
    `noise=alls=${NOISE[light]}:allf=t:all_seed=${seed % 2 ** 31}`,
  ].join(',');
  // freezeframes takes the repeated picture from a second input: the same stream.
  const runs = frozenRuns(frozen);
  if (runs.length === 0) return look;
  const steps = runs.map(
    ([first, last]) => `split[live][held];[live][held]freezeframes=first=${first}:last=${last}:replace=${first - 1}`,
  );
  return [look, ...steps].join(',');
}

function frozenRuns(frozen: readonly boolean[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const [i, isFrozen] of frozen.entries()) {
    if (!isFrozen) continue;
    const run = runs.at(-1);
    if (run && run[1] === i - 1) run[1] = i;
    else runs.push([i, i]);
  }
  return runs;
}

function runFfmpeg(args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000);
    });
    child.once('error', (cause) =>
      fail(
        new StopsignError('NATIVE_MISSING', 'The program ffmpeg cannot be started.', {
          cause,
          remedy: 'Install it: apt-get install ffmpeg',
        }),
      ),
    );
    child.once('close', (code) => {
      if (code === 0) done();
      else fail(new StopsignError('INTERNAL', `ffmpeg could not encode the clip: ${words.trim() || `exit ${code}`}.`));
    });
  });
}
