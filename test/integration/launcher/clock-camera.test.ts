/** The virtual camera by the wall clock, for real: ffmpeg → hub → RtspClient. Which picture is shown when. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cameraCommand } from '../../../src/launcher/camera-command.ts';
import { clockList, waitForStart } from '../../../src/launcher/clock-camera.ts';
import type { AccessUnit } from '../../../src/media/access-unit.ts';
import { type Clip, makeClip } from '../../support/clip.ts';
import { openHub, untilReady } from '../../support/hub.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';

const FPS = 30;
const DURATION_S = 3;
const FRAMES = FPS * DURATION_S;
let clip: Clip;
/** Of each frame of the clip: its bytes tell it from the others. */
let sizes: number[];

beforeAll(async () => {
  clip = await makeClip({ fps: FPS, frames: FRAMES });
  const entries = ['-show_entries', 'packet=size', '-of', 'csv=p=0'];
  const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', ...entries, clip.path]);
  sizes = stdout
    .trim()
    .split(/\s+/)
    .map((line) => Number.parseInt(line, 10));
});
afterAll(() => clip[Symbol.asyncDispose]());

async function play(target: string) {
  const startUtcS = await waitForStart(new AbortController().signal);
  const list = join(dirname(clip.path), 'list.ffconcat');
  writeFileSync(list, clockList(clip.path, DURATION_S, startUtcS));
  const [program, ...args] = cameraCommand({ list, startUtcS }, target);
  const child = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  return {
    startUtcS,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** By how much each picture's capture time is off from the moment that the clip's picture belongs to, seconds. */
function errorsS(units: readonly AccessUnit[]): number[] {
  return units
    .filter((unit) => !unit.key)
    .map((unit) => {
      const frames = sizes.flatMap((size, frame) => (size === unit.data.byteLength ? [frame] : []));
      const shownS = (unit.utcUs / 1e6) % DURATION_S;
      const errors = frames.map((frame) => {
        const apart = (shownS - frame / FPS + DURATION_S) % DURATION_S;
        return apart > DURATION_S / 2 ? apart - DURATION_S : apart;
      });
      return errors.sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Number.NaN;
    });
}

test('every picture is captured at the moment of the clip that it shows, also after the camera was started again', async () => {
  expect(new Set(sizes).size).toBeGreaterThan(FRAMES / 2);
  await using hub = await openHub();
  const target = `${hub.urls.rtsp}/cam`;
  for (const run of [1, 2]) {
    await using _camera = await play(target);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(target);
    // More than one lap, so that the seam of the list and that of the loop are in it.
    await until(() => reader.units.length > FRAMES + 2 * FPS, { timeoutMs: 15_000, what: `run ${run}: two laps` });
    const units = reader.units.slice(0, FRAMES + 2 * FPS);
    expect(units.every((unit) => unit.utcSource === 'sender-report')).toBe(true);
    const errors = errorsS(units);
    const worstMs = Math.max(...errors.map((error) => Math.abs(error))) * 1_000;
    expect(worstMs).toBeLessThan(1);
    // It is sent when it claims to be captured, as far as the machine has time for ffmpeg's start.
    const delaysMs = units.map((unit) => (unit.receivedUs - unit.utcUs) / 1_000).sort((a, b) => a - b);
    expect(delaysMs[delaysMs.length >> 1]).toBeGreaterThan(-50);
    expect(delaysMs[delaysMs.length >> 1]).toBeLessThan(1_000);
  }
});
