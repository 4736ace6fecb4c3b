/**
 * The camera in the synthetic intersection: a browser with the scene in it that gives a JPEG for every moment asked.
 * One at a time; called by `renderFrames`, stills and tests.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { DIST_DIR } from '../../config/project-files.ts';
import { StopsignError } from '../../errors.ts';
import type { SimPage } from '../scene/page.ts';
import type { Moment, StageSettings } from '../scene/stage.ts';
import { CHROMIUM_FLAGS, findChromium } from './chromium.ts';
import { type SceneServer, startSceneServer } from './scene-server.ts';

const LAUNCH_MS = 60_000;
/** Software rendering on a busy machine: the first picture compiles every shader. */
const PICTURE_MS = 180_000;

export interface Shot {
  readonly jpeg: Buffer;
  /** Share of the picture that was drawn again, 0 … 1. */
  readonly redrawn: number;
}

export interface SceneCamera extends AsyncDisposable {
  shoot(moment: Moment): Promise<Shot>;
  close(): Promise<void>;
}

/** @throws StopsignError NATIVE_MISSING (no browser, scene not built), INTERNAL when the page fails */
export async function openSceneCamera(settings: StageSettings): Promise<SceneCamera> {
  if (!existsSync(join(DIST_DIR, 'sim', 'scene', 'page.js'))) {
    throw new StopsignError('NATIVE_MISSING', 'The scene is not built.', { remedy: 'Run: npm run build:node' });
  }
  const { chromium } = await import('playwright-core');
  const server = await startSceneServer();
  let browser: Browser | null = null;
  try {
    browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_FLAGS, timeout: LAUNCH_MS });
    const page = await browser.newPage({ viewport: { width: 320, height: 200 } });
    page.setDefaultTimeout(LAUNCH_MS);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(server.url);
    await page
      .waitForFunction(() => 'sim' in globalThis)
      .catch((cause) => {
        throw new StopsignError('INTERNAL', `The scene did not load: ${faults.join('; ') || 'no reason given'}.`, {
          cause,
        });
      });
    await page.evaluate((wanted) => (globalThis as unknown as { sim: SimPage }).sim.open(wanted), settings);
    return new BrowserCamera(browser, page, server, faults);
  } catch (error) {
    await browser?.close();
    await server.close();
    throw StopsignError.from(error);
  }
}

class BrowserCamera implements SceneCamera {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #server: SceneServer;
  readonly #faults: readonly string[];

  constructor(browser: Browser, page: Page, server: SceneServer, faults: readonly string[]) {
    this.#browser = browser;
    this.#page = page;
    this.#server = server;
    this.#faults = faults;
  }

  async shoot(moment: Moment): Promise<Shot> {
    const shot = this.#page.evaluate(
      ([what, url]) => (globalThis as unknown as { sim: SimPage }).sim.shoot(what, url),
      [moment, `${this.#server.url}/picture`] as const,
    );
    const redrawn = await within(shot, PICTURE_MS).catch((cause) => {
      const reason = [...this.#faults, cause instanceof Error ? cause.message : String(cause)].join('; ');
      throw new StopsignError('INTERNAL', `The scene gave no picture: ${reason}.`, {
        cause,
        remedy: 'Start the same command again: it goes on where it stopped.',
      });
    });
    const jpeg = this.#server.takePicture();
    if (!jpeg) throw new StopsignError('INTERNAL', 'The scene gave an empty picture.');
    return { jpeg, redrawn };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
