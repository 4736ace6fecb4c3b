/** A replayed video: three threads that wait for each other through lossless rings, and what becomes of their failures. */
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../src/config/load.ts';
import type { Site } from '../../src/domain/types.ts';
import { loadBackend } from '../../src/media/decode/backend.ts';
import { replayVideo } from '../../src/replay/replay.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { makeClip } from '../support/clip.ts';
import { projectRoot } from '../support/shared.ts';

const shell = (path: string): URL => pathToFileURL(`${projectRoot()}/${path}`);

async function replay(path: string, inferenceShell: URL) {
  const { config } = loadConfigFile(`${projectRoot()}/demo/demo.site.yaml`);
  const seen: number[] = [];
  const progress: number[] = [];
  const result = await replayVideo({
    backend: await loadBackend(),
    path,
    inferenceShell,
    tracker: { camera: 'c', site: config.site as Site, configVersion: 'v', modelSha256: null, firstTrackId: 1 },
    inference: { cameras: ['c'], model: { path: '' }, minScore: 0.25, nmsIou: 0.5, threads: 1 },
    log: createLog({ process: 'test' }),
    clock: systemClock,
    onFrame: ({ frame }) => seen.push(frame),
    onProgress: (frames) => progress.push(frames),
  });
  return { result, seen, progress };
}

describe('replaying a video', () => {
  it('loses no frame and keeps the order, however much slower one end is', async () => {
    await using clip = await makeClip({ frames: 90, fps: 30 });
    const all = Array.from({ length: 90 }, (_, i) => i);
    const { result, seen, progress } = await replay(clip.path, shell('bench/null-inference.mjs'));
    expect(result.frames).toBe(90);
    expect(seen).toEqual(all);
    expect(progress.at(-1)).toBe(90);
    const slow = await replay(clip.path, shell('test/fixtures/rooms/slow-inference.mjs'));
    expect(slow.seen).toEqual(all);
    expect(slow.result.eventHash).toBe(result.eventHash);
  });

  it('fails of what the model’s thread failed of, with its remedy, and leaves no thread behind', async () => {
    await using clip = await makeClip({ frames: 5 });
    const failing = replay(clip.path, shell('test/fixtures/rooms/bad-model.mjs'));
    await expect(failing).rejects.toMatchObject({ code: 'BAD_MODEL', remedy: 'Take another.' });
  });

  it('fails of a model that breaks in the middle', async () => {
    await using clip = await makeClip({ frames: 30 });
    const failing = replay(clip.path, shell('test/fixtures/rooms/breaking-inference.mjs'));
    await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
