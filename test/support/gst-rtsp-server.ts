/**
 * GStreamer's RTSP server as a process, where it is installed (Debian: gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good,
 * -bad and -ugly, python3-gi).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from './shared.ts';

// Debian's own Python, which sees Debian's packages, before whatever else is called python3.
const PYTHONS = ['/usr/bin/python3', 'python3'];
const PROBE = [
  'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import Gst, GstRtspServer; Gst.init(None)',
  'assert all(Gst.ElementFactory.find(n) for n in ("x264enc", "x265enc", "rtph264pay", "rtph265pay"))',
].join('\n');

/** null where GStreamer or one of its plugins is missing. */
export function findGstPython(): string | null {
  return PYTHONS.find((python) => spawnSync(python, ['-c', PROBE], { timeout: 20_000 }).status === 0) ?? null;
}

export interface GstServer extends AsyncDisposable {
  readonly port: number;
}

/** `/stream`: audio first, then video at 25 fps with a key picture each second. The login is viewer, p@ss/word (Digest). */
export async function openGstServer(python: string, codec: 'h264' | 'h265', login = false): Promise<GstServer> {
  const script = join(projectRoot(), 'test/fixtures/gst-rtsp-server.py');
  const child = spawn(python, [script, codec, ...(login ? ['login'] : [])], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const line = await Promise.race([once(child.stdout, 'data'), exited.then(() => ['0'])]);
  return {
    port: Number(String(line[0]).trim()),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
