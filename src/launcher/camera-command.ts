/** How the virtual camera is run: ffmpeg plays a clip for ever into the hub, in real time, without re-encoding. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Through `setpriv` where it is there (it belongs to every Debian and Ubuntu): the kernel then ends ffmpeg together
 * with the launcher, however that ends.
 */
export function cameraCommand(clip: string, target: string, path = process.env['PATH']): [string, ...string[]] {
  const ffmpeg: [string, ...string[]] = [
    'ffmpeg',
    ...['-hide_banner', '-nostdin', '-loglevel', 'warning'],
    ...['-re', '-stream_loop', '-1', '-i', clip],
    ...['-c', 'copy', '-an', '-f', 'rtsp', '-rtsp_transport', 'tcp', '-pkt_size', '1200', target],
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
