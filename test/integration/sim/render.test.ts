/** A small clip rendered for real: browser, scene, ffmpeg, truth. Needs Chromium, ffmpeg and a build. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { siteSchema } from '../../../src/config/site.ts';
import { momentAt, stageSettings } from '../../../src/sim/render/moments.ts';
import { runSimRender } from '../../../src/sim/render/run-sim-render.ts';
import { openSceneCamera } from '../../../src/sim/render/scene-camera.ts';
import { parseScenario } from '../../../src/sim/scenario-file.ts';
import { readTruth } from '../../../src/sim/truth-file.ts';

const run = promisify(execFile);
/** Software rendering: the first picture of a launch takes up to half a minute on a busy machine. */
const SLOW_MS = 300_000;

const scenario = (extra = '') =>
  parseScenario(`
name: small
description: a car that passes, a person and a parked car
seed: 5
duration_s: 1
fps: 10
size: { width: 320, height: 180 }
camera: corner
light: day
${extra}
actors:
  - { id: car, does: run, body: sedan, colour: '#8f1d1d', time_s: 0.5, approach_mps: 8 }
  - { id: walker, does: walk, body: pedestrian, colour: '#7a3b2e', from: [2.4, -6.5], to: [2.4, 9], start_s: -2 }
  - { id: parked, does: parked, body: hatch, colour: '#35506e', at: [-17, -2.55], heading_deg: 180 }
`);

interface Packet {
  readonly pts_time: string;
  readonly duration_time: string;
  readonly size: string;
  readonly flags: string;
}

/** Frame times and key frames as the container tells them. */
async function packetsOf(clip: string): Promise<Packet[]> {
  const shown = ['-show_entries', 'packet=pts_time,duration_time,size,flags', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v', ...shown, clip]);
  return JSON.parse(stdout).packets;
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'stopsign-sim-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe('sim render', () => {
  it(
    'writes clip, truth and site; stopped and started again it writes the same bytes',
    async () => {
      await using dir = await folder();
      const out = join(dir.path, 'small.mp4');
      const result = await runSimRender({ scenario: scenario(), out });
      expect(result).toMatchObject({ frames: 10, drawn: 10 });
      const packets = await packetsOf(out);
      expect(packets.map(({ pts_time }) => Number(pts_time))).toEqual(
        Array.from({ length: 10 }, (_, i) => expect.closeTo(i / 10, 4)),
      );
      expect(packets[0]?.flags).toContain('K');
      // So that it loops without a stumble.
      expect(packets.reduce((sum, { duration_time }) => sum + Number(duration_time), 0)).toBeCloseTo(1, 3);
      const truth = await readTruth(result.truth);
      expect(truth.frames).toHaveLength(10);
      expect(truth.header).toMatchObject({ width: 320, height: 180 });
      expect(truth.frames[5]?.bodies.map(({ id }) => id).sort()).toEqual(['car', 'parked', 'walker']);
      siteSchema.parse(parse(await readFile(result.site, 'utf8')).site);
      expect(existsSync(`${out}.frames`)).toBe(false);

      const again = join(dir.path, 'stopped.mp4');
      const stop = new AbortController();
      const beforeFrame = async (frame: number) => {
        if (frame === 6) stop.abort(new Error('stopped by the test'));
      };
      await expect(
        runSimRender({ scenario: scenario(), out: again, signal: stop.signal, beforeFrame }),
      ).rejects.toThrow('stopped by the test');
      expect(existsSync(again)).toBe(false);
      expect(await runSimRender({ scenario: scenario(), out: again })).toMatchObject({ frames: 10, drawn: 4 });
      expect(await readFile(again)).toEqual(await readFile(out));
    },
    SLOW_MS,
  );

  it(
    'keeps a variable frame rate in the time stamps and repeats a frozen picture with its noise',
    async () => {
      await using dir = await folder();
      const out = join(dir.path, 'disturbed.mp4');
      const disturbance = `disturbance:
  variable_fps: { min_fps: 8, max_fps: 24, change_every_s: 0.2, drop_share: 0 }
  freeze: { from_s: 0.3, to_s: 0.7 }`;
      const { truth, frames } = await runSimRender({ scenario: scenario(disturbance), out });
      const packets = await packetsOf(out);
      const captured = (await readTruth(truth)).frames.map(({ t }) => t);
      expect(packets).toHaveLength(frames);
      for (const [i, { pts_time }] of packets.entries()) {
        expect(Number(pts_time)).toBeCloseTo(captured[i] ?? Number.NaN, 3);
      }
      const gaps = captured.slice(1).map((t, i) => (t - (captured[i] ?? 0)).toFixed(3));
      expect(new Set(gaps).size).toBeGreaterThan(1);
      const changes = await changesOf(out, frames);
      const changed = (pick: (t: number, before: number) => boolean) =>
        changes.filter((_, i) => pick(captured[i + 1] ?? 0, captured[i] ?? 0));
      const repeated = changed((t, before) => before >= 0.3 && t < 0.7);
      const live = changed((t, before) => t < 0.3 || before >= 0.7);
      expect(repeated.length).toBeGreaterThan(1);
      expect(Math.max(...repeated)).toBeLessThan(Math.min(...live) / 2);
    },
    SLOW_MS,
  );
});

describe('the scene', () => {
  it(
    'gives the same picture at two launches, redrawn in parts or whole, and shifts it as told',
    async () => {
      const small = scenario();
      const moment = momentAt(small, 7, 0.7);
      await using whole = await openSceneCamera(stageSettings(small));
      const first = await whole.shoot(moment);
      expect(first.redrawn).toBe(1);
      const shifted = await whole.shoot({ ...moment, shiftPx: [24, 8] });
      expect(shifted.redrawn).toBe(1);
      {
        await using parts = await openSceneCamera(stageSettings(small));
        for (const t of [0, 0.3, 0.6]) await parts.shoot(momentAt(small, Math.round(10 * t), t));
        const { jpeg, redrawn } = await parts.shoot(moment);
        expect(redrawn).toBeLessThan(0.9);
        expect(jpeg).toEqual(first.jpeg);
      }
      const [before, after] = [await greyOf(first.jpeg), await greyOf(shifted.jpeg)];
      expect(difference(before, after, 24, 8)).toBeLessThan(4);
      expect(difference(before, after, 0, 0)).toBeGreaterThan(10);
    },
    SLOW_MS,
  );
});

interface Grey {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Mean difference of each decoded picture from the one before it. */
async function changesOf(clip: string, frames: number): Promise<number[]> {
  const raw = ['-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const options = { encoding: 'buffer', maxBuffer: 1 << 27 } as const;
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', clip, ...raw], options);
  const [width, height] = [320, stdout.length / frames / 320];
  const picture = (i: number) => ({
    data: stdout.subarray(i * width * height, (i + 1) * width * height),
    width,
    height,
  });
  return Array.from({ length: frames - 1 }, (_, i) => difference(picture(i), picture(i + 1), 0, 0));
}

async function greyOf(jpeg: Buffer): Promise<Grey> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Mean difference of the pictures' brightness, `b` lying (dx, dy) further right and down. */
function difference(a: Grey, b: Grey, dx: number, dy: number): number {
  let sum = 0;
  let count = 0;
  for (let y = dy; y < a.height; y++) {
    for (let x = dx; x < a.width; x++) {
      sum += Math.abs((a.data[(y - dy) * a.width + x - dx] ?? 0) - (b.data[y * a.width + x] ?? 0));
      count++;
    }
  }
  return sum / count;
}
