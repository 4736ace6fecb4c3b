/**
 * How the virtual camera is run: ffmpeg plays a clip for ever into the hub, in real time, without re-encoding; or what it
 * makes of the clip when it shall be a bad camera for a while (stopsign fault).
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { CameraFaultKind } from '../rpc/fault.ts';

/** A clip that plays by the wall clock: what it shows at any moment is UTC modulo its length. See `clock-camera.ts`. */
export interface ClockPlay {
  /** The ffconcat list of `clockList`. */
  readonly list: string;
  /** The whole UTC second at which the first picture is captured. */
  readonly startUtcS: number;
}

const AS_IT_IS = ['-c', 'copy'];
/** A key picture a second with its parameter sets, none held back, on one thread. */
const ENCODED = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-qp', '28', '-pix_fmt', 'yuv420p'],
  ...['-x264-params', 'keyint=30:scenecut=0:repeat-headers=1:bframes=0:threads=1'],
];
const PICTURES: Readonly<Record<CameraFaultKind, readonly string[]>> = {
  freeze: ['-vf', 'loop=loop=-1:size=1,realtime', ...ENCODED],
  // One byte in so many is replaced: parameter sets get through now and then, a whole picture hardly ever.
  garbage: [...AS_IT_IS, '-bsf:v', 'noise=amount=20'],
  resize: ['-vf', 'scale=640:480,setsar=1', ...ENCODED],
};

/**
 * Through `setpriv` where it is there (it belongs to every Debian and Ubuntu): the kernel then ends ffmpeg together
 * with the launcher, however that ends.
 */
export function cameraCommand(
  clip: string | ClockPlay,
  target: string,
  fault: CameraFaultKind | null = null,
  path = process.env['PATH'],
): [string, ...string[]] {
  const isPlain = typeof clip === 'string';
  const input = isPlain ? ['-i', clip] : ['-f', 'concat', '-safe', '0', '-i', clip.list];
  // The muxer's sender reports then say for ever which picture was captured when, whatever the sending costs.
  const reports = isPlain ? [] : ['-start_time_realtime', String(clip.startUtcS * 1_000_000)];
  const ffmpeg: [string, ...string[]] = [
    'ffmpeg',
    ...['-hide_banner', '-nostdin', '-loglevel', 'warning'],
    ...['-re', '-stream_loop', '-1', ...input],
    ...[
      ...(fault ? PICTURES[fault] : AS_IT_IS),
      '-an',
      ...reports,
      '-f',
      'rtsp',
      '-rtsp_transport',
      'tcp',
      '-pkt_size',
      '1200',
      target,
    ],
  ];
  return findProgram('setpriv', path) ? ['setpriv', '--pdeathsig', 'KILL', '--', ...ffmpeg] : ffmpeg;
}

/** Where a program is, by the search path; null when it is nowhere. */
export function findProgram(name: string, path = process.env['PATH']): string | null {
  for (const folder of (path ?? '').split(delimiter)) {
    if (!folder) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
