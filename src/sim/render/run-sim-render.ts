/**
 * `stopsign sim render`: draws every frame of a scenario, encodes the clip, writes truth and site beside it. What was
 * drawn stays in `<clip>.frames` until the clip is done, so that the same command goes on after a kill.
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startProgress } from '../../cli/progress.ts';
import { DIST_DIR, PROJECT_ROOT } from '../../config/project-files.ts';
import type { Scenario } from '../scenario.ts';
import { siteYaml } from '../site-of.ts';
import { truthLines } from '../truth-file.ts';
import { frameTimes } from '../world.ts';
import { encodeClip } from './encode-clip.ts';
import { FrameFolder, hashFiles } from './frame-folder.ts';
import { frozenFrames, momentAt, resized, stageSettings } from './moments.ts';
import { openSceneCamera } from './scene-camera.ts';

export interface SimRenderOptions {
  readonly scenario: Scenario;
  /** The clip, `.mp4`; truth and site get its name. */
  readonly out: string;
  /** Absent: the scenario's own. */
  readonly fps?: number | undefined;
  readonly size?: Scenario['size'] | undefined;
  /** false: begins anew even where a render was interrupted. */
  readonly resume?: boolean | undefined;
  readonly progressTo?: NodeJS.WriteStream | undefined;
  /** Awaited before every frame: lets a caller hold the render back. */
  readonly beforeFrame?: ((frame: number) => Promise<void>) | undefined;
  /** Ends the render between two frames; what is drawn stays. */
  readonly signal?: AbortSignal | undefined;
}

export interface SimRenderResult {
  readonly clip: string;
  readonly truth: string;
  readonly site: string;
  readonly frames: number;
  /** Drawn in this run, not found from an earlier one. */
  readonly drawn: number;
  /** While drawing; null when nothing was to be drawn. */
  readonly framesPerSecond: number | null;
}

/** @throws StopsignError NATIVE_MISSING, INTERNAL; the signal's reason */
export async function runSimRender(options: SimRenderOptions): Promise<SimRenderResult> {
  const scenario = asRendered(options);
  const times = frameTimes(scenario, scenario.fps);
  mkdirSync(dirname(options.out), { recursive: true });
  const sceneHash = hashFiles([join(DIST_DIR, 'sim', 'scene'), join(PROJECT_ROOT, 'node_modules', 'three')]);
  const folder = new FrameFolder(`${options.out}.frames`, scenario, sceneHash, options.resume ?? true);
  const frozen = frozenFrames(scenario, times);
  const { drawn, seconds } = await drawFrames(scenario, times, frozen, folder, options);
  await encodeClip({ ...scenario, folder, times, frozen }, options.out);
  const [truth, site] = [siblingOf(options.out, 'truth.ndjson'), siblingOf(options.out, 'site.yaml')];
  const lines = truthLines(scenario, scenario.fps);
  await pipeline(Readable.from(ndjson(lines)), createWriteStream(truth));
  writeFileSync(site, siteYaml(scenario));
  folder.remove();
  return {
    clip: options.out,
    truth,
    site,
    frames: times.length,
    drawn,
    framesPerSecond: drawn === 0 ? null : drawn / seconds,
  };
}

function asRendered({ scenario, fps, size }: SimRenderOptions): Scenario {
  return { ...(size ? resized(scenario, size) : scenario), fps: fps ?? scenario.fps };
}

async function drawFrames(
  scenario: Scenario,
  times: readonly number[],
  frozen: readonly boolean[],
  folder: FrameFolder,
  { progressTo, beforeFrame, signal }: SimRenderOptions,
): Promise<{ drawn: number; seconds: number }> {
  const missing = times.flatMap((_, frame) => (folder.has(frame) ? [] : [frame]));
  if (missing.length === 0) return { drawn: 0, seconds: 0 };
  await using camera = await openSceneCamera(stageSettings(scenario));
  using progress = startProgress({
    label: 'frames',
    total: times.length,
    ...(progressTo ? { stream: progressTo } : {}),
  });
  let spentMs = 0;
  let last: Buffer | null = null;
  for (const [drawn, frame] of missing.entries()) {
    await beforeFrame?.(frame);
    signal?.throwIfAborted();
    const begin = performance.now();
    // The same picture to the byte, also where the redraw would give it.
    if (!(frozen[frame] && last)) last = (await camera.shoot(momentAt(scenario, frame, times[frame] ?? 0))).jpeg;
    folder.put(frame, last);
    spentMs += performance.now() - begin;
    const done = times.length - missing.length + drawn + 1;
    progress.update(done, `${((1000 * (drawn + 1)) / spentMs).toFixed(1)} frames/s`);
  }
  return { drawn: missing.length, seconds: spentMs / 1000 };
}

function* ndjson(lines: Iterable<unknown>): Generator<string> {
  for (const line of lines) yield `${JSON.stringify(line)}\n`;
}

/** clip.mp4 → clip.truth.ndjson */
function siblingOf(clip: string, ending: string): string {
  return `${clip.replace(/\.mp4$/, '')}.${ending}`;
}
