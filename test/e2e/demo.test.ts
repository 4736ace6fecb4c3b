/** What a newcomer sees: the program started on its defaults, and its pages in a real browser. */
import { execFileSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boxIou } from '../../src/domain/tracking/box-overlap.ts';
import type { Box } from '../../src/domain/types.ts';
import { openStore } from '../../src/store/open-store.ts';
import { recentPasses } from '../../src/store/recent-passes.ts';
import type {} from '../../src/web/overlay/debug-handle.ts';
import { openBrowser } from '../support/browser.ts';
import { startPostgres, type TestDatabase } from '../support/postgres.ts';
import { type RunningSystem, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let system: RunningSystem;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  database = await startPostgres();
  system = await startSystem({ env: { DATABASE_URL: database.url } });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(system.url);
});
afterAll(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

const overlay = () => page.evaluate(() => window.__stopsign?.overlay ?? null);

/** Frames painted on top of `from`, with the car boxes of the last one. */
async function paints(from: number, timeoutMs = 30_000) {
  return until(
    async () => {
      const now = await overlay();
      return now && now.framesPainted > from + 20 && now.boxes.length > 0 ? now : null;
    },
    { what: 'boxes on moving pictures', timeoutMs, everyMs: 100 },
  );
}

describe('the live page', () => {
  it('plays the camera and draws boxes on cars', async () => {
    const { boxes } = await paints(0);
    expect(boxes[0]?.class).toBe('car');
    const video = await page.getByTestId('player').evaluate((v) => {
      const { videoWidth, currentTime, srcObject } = v as HTMLVideoElement;
      return { videoWidth, currentTime, isWebRtc: srcObject !== null };
    });
    expect(video).toMatchObject({ videoWidth: 1280, isWebRtc: true });
    const painted = await page.getByTestId('overlay').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      return pixels.some((value, i) => i % 4 === 3 && value > 0);
    });
    expect(painted).toBe(true);
  });

  it('draws each frame with the metadata of that very frame', async () => {
    // A slow machine analyses fewer frames than it shows; those between two analysed ones count as in sync, not as exact.
    const settled = await until(
      async () => {
        const now = await overlay();
        return now && now.tier === 1 && now.framesPainted > 300 && now.syncedShare > 0.9 ? now : null;
      },
      { what: 'more than 90 % of 300 frames in sync', timeoutMs: 90_000, everyMs: 250 },
    );
    // Beside other work, a machine of two cores analyses as few as one in five.
    expect(settled.exactShare).toBeGreaterThan(0.1);
    const samples = await page.evaluate(async () => {
      const seen: { shown: number | null; drawn: number | null }[] = [];
      for (let i = 0; i < 400 && seen.length < 60; i += 1) {
        await new Promise(requestAnimationFrame);
        const now = window.__stopsign?.overlay;
        if (now?.kind === 'exact' && seen.at(-1)?.shown !== now.lastRtp)
          seen.push({ shown: now.lastRtp, drawn: now.lastMetaRtp });
      }
      return seen;
    });
    expect(samples.length).toBeGreaterThan(10);
    for (const { shown, drawn } of samples) expect(drawn).toBe(shown);
  });

  it('shows passes as they happen, and they are what the database holds', async () => {
    await page.getByTestId('pass-item').nth(1).waitFor({ timeout: 60_000 });
    const shown = await page.getByTestId('pass-item').allInnerTexts();
    await using store = openStore({ url: database.url, applicationName: 'test', maxConnections: 1 });
    const stored = await until(
      async () => {
        const found = await recentPasses(store, { limit: 200 });
        return found.length >= 2 ? found : null;
      },
      { what: 'the passes in the database', timeoutMs: 10_000 },
    );
    for (const pass of stored.slice(-2)) {
      const mine = shown.find((text) => text.includes(`#${pass.track_id} `));
      expect(mine?.toLowerCase()).toContain(pass.verdict.replace('_', ' '));
      expect(mine).toContain(pass.reason.split(',')[0]);
    }
  });

  it('shows the ground truth on the very frame that it is of, and beside every pass', async () => {
    const toggle = page.getByRole('button', { name: 'Show ground truth' });
    expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    expect((await overlay())?.truth).toBeNull();
    await page.keyboard.press('g');
    expect(await toggle.getAttribute('aria-pressed')).toBe('true');
    // Moving and standing cars of a whole minute at most: a truth of another moment would lie beside the moving ones.
    const samples = await page.evaluate(async (mostMs) => {
      const seen: { rtp: number | null; box: Box; truths: Box[] }[] = [];
      const endMs = performance.now() + mostMs;
      while (performance.now() < endMs && seen.length < 80) {
        await new Promise(requestAnimationFrame);
        const now = window.__stopsign?.overlay;
        if (now?.kind !== 'exact' || !now.truth || now.lastRtp === seen.at(-1)?.rtp) continue;
        const car = now.boxes.find(({ bbox, is_parked }) => !is_parked && bbox[3] - bbox[1] > 45);
        const truths = now.truth.boxes.map(({ bbox }) => bbox);
        if (car) seen.push({ rtp: now.lastRtp, box: car.bbox, truths });
      }
      return seen;
    }, 70_000);
    expect(samples.length).toBeGreaterThan(20);
    const overlaps = samples.map(({ box, truths }) => Math.max(0, ...truths.map((truth) => boxIou(box, truth))));
    overlaps.sort((a, b) => a - b);
    expect(overlaps[overlaps.length >> 1]).toBeGreaterThan(0.75);
    expect(overlaps.filter((overlap) => overlap > 0.6).length / overlaps.length).toBeGreaterThan(0.8);

    const rows = page.getByTestId('truth-row');
    await page.locator('[data-testid=truth-row][data-found=true]').first().waitFor({ timeout: 10_000 });
    expect(await rows.count()).toBe(5);
    expect(await page.getByTestId('pass-truth').first().textContent()).toMatch(/truth \d+\.\d\d s/);
    await page.reload();
    await until(async () => (await overlay())?.truth, { what: 'the truth after a reload', timeoutMs: 30_000 });
    await toggle.click();
    await until(async () => (await overlay())?.truth === null, { what: 'the truth to be gone', timeoutMs: 10_000 });
    expect(await page.getByTestId('truth-panel').count()).toBe(0);
  });

  it('falls back to HLS when WebRTC cannot be had, and says so', async () => {
    const other = await browser.newPage();
    await other.route('**/whep', (route) => route.fulfill({ status: 500, body: '{"status":"error","error":"no"}' }));
    await other.goto(system.url);
    await until(
      () =>
        other.getByTestId('player').evaluate((v) => {
          const { videoWidth, currentTime, srcObject } = v as HTMLVideoElement;
          return srcObject === null && videoWidth === 1280 && currentTime > 0.2;
        }),
      { what: 'HLS to play', timeoutMs: 60_000, everyMs: 250 },
    );
    await other.close();
  });

  it('plays on while the analyzer is dead, and draws boxes again when it is back', async () => {
    await page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-testid=player]');
      const watched = { frames: [] as number[], stream: video?.srcObject, stops: 0 };
      const onFrame = () => {
        watched.frames.push(performance.timeOrigin + performance.now());
        video?.requestVideoFrameCallback(onFrame);
      };
      video?.requestVideoFrameCallback(onFrame);
      const stage = document.querySelector('.stage') as HTMLElement;
      new MutationObserver(() => {
        watched.stops += stage.classList.contains('is-playing') ? 0 : 1;
      }).observe(stage, { attributes: true });
      Object.assign(window, { watched });
    });
    const killedMs = Date.now();
    const before = (await overlay())?.framesPainted ?? 0;
    const pids = execFileSync('pgrep', ['-P', String(system.child.pid), '-f', 'dist/main.js'], { encoding: 'utf8' });
    process.kill(Number(pids.trim().split('\n')[0]), 'SIGKILL');
    await until(
      () => system.log.some((line) => line.process === 'launcher' && /analyzer/.test(line.msg) && line.level >= 40),
      {
        what: 'the launcher to say so',
      },
    );
    const answers = () =>
      fetch(`${system.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(async () => !(await answers()), { what: 'the gateway to be gone' });
    await until(answers, { what: 'the gateway to answer again', timeoutMs: 30_000 });
    const backMs = Date.now();
    await paints(before + 20, 30_000);
    const { frames, stops, isSameStream } = await page.evaluate(() => {
      const { watched } = window as never as { watched: { frames: number[]; stops: number; stream: MediaProvider } };
      const video = document.querySelector<HTMLVideoElement>('[data-testid=player]');
      return { ...watched, isSameStream: video?.srcObject === watched.stream };
    });
    // The same session, and never so long without a frame that the player gave it up.
    expect([stops, isSameStream]).toEqual([0, true]);
    expect(frames.filter((ms) => ms > killedMs && ms < backMs).length).toBeGreaterThan(10);
    const gaps = frames.slice(1).map((ms, i) => ms - (frames[i] ?? ms));
    expect(Math.max(...gaps)).toBeLessThan(2_500);
  });

  it('gives its place at the hub back when the page is closed', async () => {
    const viewers = () => system.log.findLast(({ msg }) => /^viewer( gone)?$/.test(msg))?.['viewers'];
    const before = viewers();
    const other = await browser.newPage();
    await other.goto(system.url);
    await other.locator('.stage.is-playing').waitFor({ timeout: 30_000 });
    await until(() => viewers() === Number(before) + 1, { what: 'one more viewer' });
    await other.close({ runBeforeUnload: true });
    // The hub would find out by itself half a minute later.
    await until(() => viewers() === before, { what: 'his place to be free', timeoutMs: 10_000 });
  });

  it('fits a phone', async () => {
    const phone = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await phone.goto(system.url);
    await phone.getByTestId('stream-state').waitFor();
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await phone.close();
  });
});

describe('the admin page', () => {
  it('shows every actor alive', async () => {
    await page.goto(`${system.url}/admin`);
    const rows = page.getByTestId('actor-row');
    await rows.nth(4).waitFor({ timeout: 15_000 });
    const actors = await rows.evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset['actor']));
    expect(actors.toSorted()).toEqual(['decoder:demo', 'gateway', 'inference', 'persister', 'tracker:demo']);
  });

  it('restarts an actor for an admin, by the keyboard alone, and for nobody else', async () => {
    const press = (key: string) => page.keyboard.press(key);
    const reach = async (selector: string) => {
      for (let n = 0; n < 60; n += 1) {
        await press('Tab');
        if (await page.locator(`${selector}:focus`).count()) return;
      }
      throw new Error(`no way by the keyboard to ${selector}`);
    };
    expect(await page.getByTestId('restart').count()).toBe(0);
    await reach('.page-head button');
    await press('Enter');
    await page.locator('input[name=token]:focus').waitFor();
    await page.keyboard.type('wrong');
    await press('Enter');
    await page.getByRole('alert').waitFor();
    // The wrong one is selected: typing replaces it.
    await page.keyboard.type(system.adminToken);
    await press('Enter');
    await page.locator('h1:focus').waitFor();
    const restart = '[data-actor="tracker:demo"] [data-testid=restart]';
    await reach(restart);
    await press('Enter');
    await page.locator('dialog[open]').waitFor();
    await press('Escape');
    await page.locator(`${restart}:focus`).waitFor();
    await press('Enter');
    await reach('dialog[open] [data-testid=confirm]');
    await press('Enter');
    await until(
      async () => {
        const answer = await fetch(`${system.url}/trpc/status.snapshot`);
        const { result } = (await answer.json()) as {
          result: { data: { actors: { name: string; generation: number }[] } };
        };
        return result.data.actors.find((actor) => actor.name === 'tracker:demo')?.generation === 2;
      },
      { what: 'the next generation of the tracker', timeoutMs: 10_000 },
    );
  });

  it('raises no error in the browser on the whole way', () => {
    expect(problems).toEqual([]);
  });
});

describe('stopping', () => {
  it('ends within 5 s and leaves no process behind', async () => {
    const tree = () => execFileSync('pgrep', ['-f', system.dataDir], { encoding: 'utf8' }).trim();
    const children = execFileSync('pgrep', ['-P', String(system.child.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
    expect(children.length).toBeGreaterThanOrEqual(3);
    const { code, ms } = await system.stop();
    expect([code, ms < 5_000]).toEqual([0, true]);
    const alive = children.filter((pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    });
    expect(alive).toEqual([]);
    expect(tree).toThrow(); // pgrep finds nothing
  });
});
