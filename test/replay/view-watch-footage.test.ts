/** The view watch over real footage from cameras that stand still: it says nothing; and over a drone, which does not. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ViewWatch } from '../../src/domain/view-watch/view-watch.ts';
import { projectRoot, sharedDir } from '../support/shared.ts';

const footage = (name: string): string => join(sharedDir() ?? '', 'data/video', `${name}.mp4`);

/** One look a second, several times over as a camera would go on. */
async function watched(path: string, width: number, height: number, laps = 1): Promise<readonly string[]> {
  const args = ['-v', 'error', '-threads', '1', '-i', path, '-vf', 'fps=1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const ffmpeg = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const parts: Buffer[] = [];
  for await (const part of ffmpeg.stdout) parts.push(part as Buffer);
  const all = Buffer.concat(parts);
  const looks = Math.floor(all.length / (width * height));
  expect(looks).toBeGreaterThan(20);
  const watch = new ViewWatch();
  const states: string[] = [];
  for (let i = 0; i < looks * laps; i++) {
    const y = all.subarray((i % looks) * width * height, ((i % looks) + 1) * width * height);
    states.push(watch.look({ width, height, y }, 1_000 + i).state);
  }
  return states;
}

const quiet = (states: readonly string[]) => {
  expect(states.slice(0, 4)).toEqual(Array(4).fill('learning'));
  expect([...new Set(states.slice(4))]).toEqual(['steady']);
};

describe('a camera that stands still', () => {
  it('is steady at every look of the demo clip, played ten times', { timeout: 60_000 }, async () => {
    quiet(await watched(join(projectRoot(), 'demo/demo.mp4'), 1280, 720, 10));
  });

  it.skipIf(!sharedDir()).each([
    ['stop-sign-residential', 512, 288],
    ['intersection-queue', 640, 352],
    ['motorway', 1280, 720],
  ] as const)('is steady at every look of %s, played ten times', { timeout: 60_000 }, async (name, width, height) => {
    quiet(await watched(footage(name), width, height, 10));
  });
});

describe.skipIf(!sharedDir())('a drone that drifts over a car park', () => {
  it('is not taken for a camera that stands still', { timeout: 60_000 }, async () => {
    const states = await watched(footage('car-park-topdown'), 768, 432);
    expect(states).not.toContain('blocked');
    expect(states.some((state) => state === 'moved' || state === 'doubtful')).toBe(true);
  });
});
