/** HLS in a real browser, with the player that the page uses, while the camera changes its size to and fro. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { makeClip } from '../support/clip.ts';
import { openHub, pushClip, untilReady } from '../support/hub.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';

interface Watched {
  readonly sizes: string[];
  readonly failures: string[];
}

it('plays on over every change, in the right size', async () => {
  await using small = await makeClip({ width: 320, height: 180, fps: 10, frames: 20, file: 'clip.h264' });
  await using tall = await makeClip({ width: 256, height: 320, fps: 10, frames: 20, file: 'clip.h264' });
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-change-'));
  const browser = await openBrowser();
  try {
    await writeFile(join(dir, 'raw'), Buffer.concat([await readFile(small.path), await readFile(tall.path)]));
    const args = ['-v', 'error', '-r', '10', '-f', 'h264', '-i', join(dir, 'raw'), '-c', 'copy', join(dir, 'clip.mp4')];
    await promisify(execFile)('ffmpeg', args);
    await using hub = await openHub();
    await using _push = pushClip(join(dir, 'clip.mp4'), `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const page = await browser.newPage();
    await page.addScriptTag({ path: join(projectRoot(), 'node_modules/hls.js/dist/hls.js') });
    await page.evaluate((url) => {
      const watched: Watched = { sizes: [], failures: [] };
      Object.assign(window, { watched });
      const video = document.body.appendChild(document.createElement('video'));
      video.muted = true;
      const { Hls } = window as never as { Hls: typeof import('hls.js').default };
      const hls = new Hls();
      hls.on(Hls.Events.ERROR, (_event, { fatal, details }) => {
        if (fatal) watched.failures.push(details);
      });
      video.addEventListener('error', () => watched.failures.push(video.error?.message ?? 'unknown'));
      const look = () => {
        const size = `${video.videoWidth}×${video.videoHeight}`;
        if (watched.sizes.at(-1) !== size) watched.sizes.push(size);
        video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
      hls.loadSource(url);
      hls.attachMedia(video);
      void video.play();
    }, `${hub.urls.hls}/cam/index.m3u8`);
    const watched = () => page.evaluate(() => (window as never as { watched: Watched }).watched);
    await until(async () => (await watched()).sizes.length > 2 || (await watched()).failures.length > 0, {
      what: 'two changes',
      timeoutMs: 60_000,
      everyMs: 200,
    });
    const { sizes, failures } = await watched();
    expect(failures).toEqual([]);
    const turns = [sizes[0], sizes[1]];
    expect(new Set(turns)).toEqual(new Set(['320×180', '256×320']));
    expect(sizes[2]).toBe(sizes[0]);
  } finally {
    await browser.close();
    await rm(dir, { recursive: true, force: true });
  }
}, 90_000);
