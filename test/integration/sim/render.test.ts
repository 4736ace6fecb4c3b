/** A small clip rendered for real: browser, scene, ffmpeg, truth. Needs Chromium, ffmpeg and a build. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { siteSchema } from '../../../src/config/site.ts';
import { momentAt, stageSettings } from '../../../src/sim/render/moments.ts';
import { runSimRender } from '../../../src/sim/render/run-sim-render.ts';
import { openSceneCamera } from '../../../src/sim/render/scene-camera.ts';
import { parseScenario } from '../../../src/sim/scenario-file.ts';
import { readTruth } from '../../../src/sim/truth-file.ts';

const run = promisify(execFile);

const scenario = (extra = '', light = 'day') =>
  parseScenario(`
name: small
description: a car that passes, a person and a parked car
seed: 5
duration_s: 1
fps: 10
size: { width: 320, height: 180 }
camera: corner
light: ${light}
${extra}
actors:
  - { id: car, does: run, body: sedan, colour: '#8f1d1d', time_s: 0.5, approach_mps: 8 }
  - { id: walker, does: walk, body: pedestrian, colour: '#7a3b2e', from: [2.4, -6.5], to: [2.4, 9], start_s: -2 }
  - { id: parked, does: parked, body: hatch, colour: '#35506e', at: [-17, -2.55], heading_deg: 180 }
`);

interface Packet {
  readonly pts_time: string;
  readonly flags: string;
}

/** Frame times and key frames as the container tells them. */
async function packetsOf(clip: string): Promise<Packet[]> {
  const shown = ['-show_entries', 'packet=pts_time,flags', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v', ...shown, clip]);
  return JSON.parse(stdout).packets;
}

/** A hash of every decoded picture. */
async function picturesOf(clip: string): Promise<string[]> {
  const { stdout } = await run('ffmpeg', [
    '-v',
    'error',
    '-i',
    clip,
    '-fps_mode',
    'passthrough',
    '-f',
    'framemd5',
    '-',
  ]);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'stopsign-sim-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe('sim render', () => {
  it('writes a clip, its truth and its site', async () => {
    await using dir = await folder();
    const out = join(dir.path, 'small.mp4');
    const result = await runSimRender({ scenario: scenario(), out });
    expect(result).toMatchObject({ frames: 10, drawn: 10 });
    const packets = await packetsOf(out);
    expect(packets.map(({ pts_time }) => Number(pts_time))).toEqual(
      Array.from({ length: 10 }, (_, i) => expect.closeTo(i / 10, 4)),
    );
    expect(packets[0]?.flags).toContain('K');
    expect(new Set(await picturesOf(out)).size).toBe(10);
    const truth = await readTruth(result.truth);
    expect(truth.frames).toHaveLength(10);
    expect(truth.header).toMatchObject({ width: 320, height: 180 });
    expect(truth.frames[5]?.bodies.map(({ id }) => id).sort()).toEqual(['car', 'parked', 'walker']);
    siteSchema.parse(parse(await readFile(result.site, 'utf8')).site);
    expect(existsSync(`${out}.frames`)).toBe(false);
  });

  it('goes on where it was stopped, and the clip is the same to the byte', async () => {
    await using dir = await folder();
    const whole = join(dir.path, 'whole.mp4');
    await runSimRender({ scenario: scenario(), out: whole });
    const out = join(dir.path, 'stopped.mp4');
    const stop = new AbortController();
    const stopped = runSimRender({
      scenario: scenario(),
      out,
      signal: stop.signal,
      beforeFrame: async (frame) => {
        if (frame === 6) stop.abort(new Error('stopped by the test'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped by the test');
    expect(existsSync(out)).toBe(false);
    const result = await runSimRender({ scenario: scenario(), out });
    expect(result).toMatchObject({ frames: 10, drawn: 4 });
    expect(await readFile(out)).toEqual(await readFile(whole));
  });

  it('repeats a frozen picture with its noise, shifts a bumped one', async () => {
    await using dir = await folder();
    const out = join(dir.path, 'disturbed.mp4');
    const disturbance = 'disturbance: { freeze: { from_s: 0.2, to_s: 0.5 }, bump: { at_s: 0.8, shift_px: [40, 10] } }';
    await runSimRender({ scenario: scenario(disturbance), out });
    const pictures = await picturesOf(out);
    // The encoder may still polish a repeated picture once.
    expect(new Set(pictures.slice(3, 5)).size).toBe(1);
    expect(new Set(pictures.slice(5)).size).toBe(5);
  });

  it('keeps a variable frame rate in the time stamps', async () => {
    await using dir = await folder();
    const out = join(dir.path, 'variable.mp4');
    const disturbance =
      'disturbance: { variable_fps: { min_fps: 6, max_fps: 20, change_every_s: 0.2, drop_share: 0.1 } }';
    const { truth, frames } = await runSimRender({ scenario: scenario(disturbance), out });
    const times = (await packetsOf(out)).map(({ pts_time }) => Number(pts_time));
    const captured = (await readTruth(truth)).frames.map(({ t }) => t);
    expect(times).toHaveLength(frames);
    for (const [i, time] of times.entries()) expect(time).toBeCloseTo(captured[i] ?? Number.NaN, 3);
    const gaps = new Set(captured.slice(1).map((t, i) => (t - (captured[i] ?? 0)).toFixed(3)));
    expect(gaps.size).toBeGreaterThan(1);
  });
});

describe('the scene', () => {
  it.each(['day', 'night'])(
    'is the same picture at two launches and with only its changed parts redrawn (%s)',
    async (light) => {
      const small = scenario('', light);
      const last = momentAt(small, 7, 0.7);
      const shots: Buffer[] = [];
      for (const before of [[], [], [0, 0.3, 0.6]]) {
        await using camera = await openSceneCamera(stageSettings(small));
        for (const t of before) await camera.shoot(momentAt(small, Math.round(10 * t), t));
        const { jpeg, redrawn } = await camera.shoot(last);
        shots.push(jpeg);
        if (light === 'day') expect(redrawn < 0.9).toBe(before.length > 0);
      }
      expect(shots[1]).toEqual(shots[0]);
      expect(shots[2]).toEqual(shots[0]);
    },
  );
});
