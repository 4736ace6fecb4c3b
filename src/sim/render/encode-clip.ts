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
  readonly fps: number;
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
  const { light, fps } = frames;
  await runFfmpeg([
    ...['-y', '-v', 'error', '-f', 'concat', '-safe', '0', '-i', list],
    ...['-vf', filters(frames)],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-video_track_timescale', '90000'],
    ...['-c:v', 'libx264', '-preset', 'medium', '-crf', String(CRF[light]), '-bf', '0', '-profile:v', 'high'],
    ...[
      '-pix_fmt',
      'yuv420p',
      '-color_range',
      'tv',
      '-colorspace',
      'bt709',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
    ],
    ...['-x264-params', `keyint=${Math.round(fps)}:min-keyint=${Math.round(fps)}:scenecut=0:repeat-headers=1`],
    ...['-force_key_frames', 'expr:gte(t,n_forced)'],
    ...['-movflags', '+faststart', '-an', half],
  ]);
  renameSync(half, out);
}

/** Every picture lasts until the next one is taken; the last until the clip's end. */
function concatList({ folder, times, durationS }: ClipFrames): string {
  const lines = ['ffconcat version 1.0'];
  for (const [frame, t] of times.entries()) {
    const next = times[frame + 1] ?? Math.max(durationS, t + 0.001);
    lines.push(`file '${resolve(folder.pathOf(frame)).replaceAll("'", "'\\''")}'`, `duration ${(next - t).toFixed(6)}`);
  }
  return `${lines.join('\n')}\n`;
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
