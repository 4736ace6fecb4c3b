/** Which link is broken, camera, hub or analyzer, as the page says it in a real browser; and why a stream cannot be played. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { type Clip, makeClip } from '../support/clip.ts';
import { openHub, type Push, pushClip, type TestHub, untilReady } from '../support/hub.ts';
import { projectRoot } from '../support/shared.ts';
import { type RunningSystem, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

let dir: string;
let hub: TestHub;
let camera: Push;
let h265: Clip;
let system: RunningSystem;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stopsign-links-'));
  h265 = await makeClip({ codec: 'h265', width: 1280, height: 720, fps: 15, frames: 30 });
  hub = await openHub();
  camera = await publish(DEMO);
  const port = (url: string) => new URL(url).port;
  const { rtsp, webrtc, hls, api } = hub.urls;
  const config = join(dir, 'stopsign.yaml');
  const site = await readFile(join(projectRoot(), 'demo/demo.site.yaml'), 'utf8');
  await writeFile(config, `${site}\ncameras:\n  - name: front\n`);
  const address = `127.0.0.1,rtsp=${port(rtsp)},webrtc=${port(webrtc)},hls=${port(hls)},api=${port(api)}`;
  system = await startSystem({ config, env: { MEDIA_HUB: address } });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(system.url);
});
afterAll(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
  await camera?.kill();
  await hub?.[Symbol.asyncDispose]();
  await h265?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const DEMO = join(projectRoot(), 'demo/demo.mp4');

async function publish(file: string): Promise<Push> {
  const push = pushClip(file, `${hub.urls.rtsp}/front`);
  await untilReady(hub.urls, 'front');
  return push;
}

const plays = (timeout = 60_000) => page.locator('.stage.is-playing').waitFor({ timeout });

/** The sentence over the stage, as soon as it is the one. */
const says = (sentence: RegExp, on = page) =>
  on.locator('.stage-text', { hasText: sentence }).waitFor({ timeout: 60_000 });

it('says that the analyzer does not answer while it is dead, and the video goes on', async () => {
  await plays();
  await page.locator('.stage-note').waitFor({ state: 'detached', timeout: 60_000 });
  await page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('[data-testid=player]');
    const seen = { notes: [] as string[], framesUnder: 0, stops: 0 };
    const stage = document.querySelector('.stage') as HTMLElement;
    const note = () => stage.querySelector('.stage-note')?.textContent ?? '';
    new MutationObserver(() => {
      if (note() !== '') seen.notes.push(note());
      if (!stage.classList.contains('is-playing')) seen.stops++;
    }).observe(stage, { childList: true, subtree: true, characterData: true, attributes: true });
    const onFrame = () => {
      if (note().includes('analyzer does not answer')) seen.framesUnder++;
      video?.requestVideoFrameCallback(onFrame);
    };
    video?.requestVideoFrameCallback(onFrame);
    Object.assign(window, { seen });
  });
  const pids = execFileSync('pgrep', ['-P', String(system.child.pid), '-f', 'dist/main.js'], { encoding: 'utf8' });
  process.kill(Number(pids.trim().split('\n')[0]), 'SIGKILL');
  const seen = () =>
    page.evaluate(() => (window as never as { seen: { notes: string[]; framesUnder: number; stops: number } }).seen);
  await until(async () => (await seen()).framesUnder > 5, {
    what: 'frames under the sentence',
    timeoutMs: 30_000,
    everyMs: 100,
  });
  const { notes, stops } = await seen();
  expect(notes).toContain('The picture plays, but the analyzer does not answer: no boxes for now.');
  expect(stops).toBe(0);
  // It comes back by itself, and the sentence goes.
  await page.locator('.stage-note').waitFor({ state: 'detached', timeout: 60_000 });
  await plays();
});

it('says that the camera sends nothing, also where the way to the analyzer is shut', async () => {
  await camera.kill();
  await says(/The camera is not sending a picture|gets no stream of front/);
  await page.getByText('No picture').waitFor();
  const shut = await browser.newPage();
  await shut.routeWebSocket(/\/ws\/metadata/, (socket) => socket.close());
  await shut.goto(system.url);
  await says(/^The camera is not sending a picture\./, shut);
  await shut.close();
  camera = await publish(DEMO);
  await plays();
});

it('says that this browser cannot play the format when WebRTC and HLS fail for it, and what would', async () => {
  await camera.kill();
  camera = await publish(h265.path);
  await says(/^This browser cannot play the video format of the camera\. Set the camera to H\.264/);
  // The sentence stays while the page tries again and again.
  const seen = await page.evaluate(async () => {
    const texts = new Set<string>();
    const endMs = performance.now() + 6_000;
    while (performance.now() < endMs) {
      await new Promise(requestAnimationFrame);
      texts.add(document.querySelector('.stage-text')?.textContent?.replace(/ Next attempt.*/, '') ?? 'nothing');
    }
    return [...texts];
  });
  expect(seen).toEqual([expect.stringMatching(/^This browser cannot play/)]);
  await page.keyboard.press('d');
  await page.getByTestId('diagnostics').getByText('H265').waitFor();
  await page.keyboard.press('d');
  await camera.kill();
  camera = await publish(DEMO);
  await plays();
});

it('says that the hub does not answer when it is gone', async () => {
  await hub[Symbol.asyncDispose]();
  await says(/^The media hub does not answer\./);
  // On a phone the words leave room for the button.
  await page.setViewportSize({ width: 390, height: 844 });
  const gap = await page.evaluate(() => {
    const edge = (selector: string) => document.querySelector(`.stage-cover ${selector}`)?.getBoundingClientRect();
    return (edge('.button')?.top ?? 0) - (edge('.stage-text')?.bottom ?? Number.POSITIVE_INFINITY);
  });
  expect(gap).toBeGreaterThan(8);
  await page.setViewportSize({ width: 1440, height: 900 });
});

it('says that the server does not answer when the program has ended', async () => {
  await system.stop();
  await says(/^The server does not answer\. Check that StopSign is running/);
});
