#!/usr/bin/env node
/**
 * What a displayed frame costs the page: matching and painting with every layer on, in a real browser. JSON on stdout.
 * Needs Chromium (CHROMIUM, or where Debian puts it).
 *
 *   node bench/overlay.mjs [--tracks 20] [--frames 150] [--ratio 1]
 *
 * `script`: the time within the frame callback, which is what delays the page. `raster`: the same until the pixels are
 * there, forced by reading one back; without a GPU the processor draws them, and Chromium does that on another thread.
 * `floor`: `raster` with every layer off, which is what clearing and reading back cost, and no picture. `painting`: `raster` beyond it.
 * Layers: how much of it each of them is, from runs without it. Everything is the median (p50Ms) of five rounds that take turns, and of their
 * p95. Limit: no video plays beside it.
 */
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    tracks: { type: 'string', default: '20' },
    frames: { type: 'string', default: '150' },
    ratio: { type: 'string', default: '1' },
  },
});
const options = { tracks: Number(values.tracks), frames: Number(values.frames) };
const ROUNDS = 5;
const ALL = { boxes: true, labels: true, zone: true, trails: true, heat: true, truth: false };

const code = await bundle();
const executablePath = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ deviceScaleFactor: Number(values.ratio) });
  await page.addScriptTag({ content: code });
  const run = (changes) => page.evaluate(measure, { ...options, layers: ALL, ...changes });
  await run({}); // the compiler warms up
  const nothing = Object.fromEntries(Object.keys(ALL).map((layer) => [layer, false]));
  const kinds = {
    script: {},
    raster: { isForced: true },
    floor: { isForced: true, layers: nothing },
    ...Object.fromEntries(
      ['boxes', 'labels', 'zone', 'trails', 'heat'].map((layer) => [
        layer,
        { isForced: true, layers: { ...ALL, [layer]: false } },
      ]),
    ),
  };
  const runs = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [kind, changes] of Object.entries(kinds)) runs[kind].push(await run(changes));
  const median = (kind, of = 'p50Ms') => runs[kind].map((one) => one[of]).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
  const figures = (kind) => ({ p50Ms: median(kind), p95Ms: median(kind, 'p95Ms') });
  const rounded = (ms) => Math.round(ms * 1_000) / 1_000;
  const { script, raster, floor } = { script: figures('script'), raster: figures('raster'), floor: figures('floor') };
  const layers = Object.fromEntries(
    ['boxes', 'labels', 'zone', 'trails', 'heat'].map((layer) => [layer, rounded(raster.p50Ms - median(layer))]),
  );
  const painting = { p50Ms: rounded(raster.p50Ms - floor.p50Ms) };
  const machine = { cpu: cpus()[0]?.model, load: loadavg()[0], browser: browser.version() };
  console.log(JSON.stringify({ ...machine, ...options, script, raster, floor, painting, layers }, null, 2));
} finally {
  await browser.close();
}

async function bundle() {
  const entry = resolve(root, 'bench/support/overlay-entry.mjs');
  const lib = { entry, formats: ['iife'], name: 'Bench' };
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: { write: false, minify: false, lib },
  });
  return output[0].code;
}

/** In the page. Vehicles of all states drive across the picture; half of the cells of the heat map are warm. */
async function measure({ tracks, frames, layers, isForced = false }) {
  const { Scene, OverlaySync, SyncScore } = globalThis.Bench;
  const scaled = { w: 1280, h: 720 };
  const canvas = document.createElement('canvas');
  canvas.style.cssText = 'position:fixed;inset:0;width:1280px;height:720px';
  document.body.replaceChildren(canvas);
  const video = { videoWidth: 1280, videoHeight: 720 };
  const scene = new Scene({ video, canvas, layers: () => layers, truth: () => null, units: 'km/h' });
  scene.fitCanvas();
  const zones = {
    stop: [
      [300, 350],
      [900, 350],
      [1000, 600],
      [200, 600],
    ],
    stop_line: [
      [300, 350],
      [900, 350],
    ],
  };
  scene.setZones(zones, scaled);
  const STATES = ['approaching', 'in_zone', 'stopped', 'leaving', 'moving'];
  const VERDICTS = ['full_stop', 'rolling_stop', 'no_stop', 'indeterminate'];
  const sync = new OverlaySync();
  const score = new SyncScore();
  const tracksAt = (i) =>
    Array.from({ length: tracks }, (_, id) => {
      const x = (id * 61 + i * (1 + (id % 5))) % 1_200;
      const y = 40 + ((id * 97) % 600);
      return {
        id,
        bbox: [x, y, x + 90, y + 60],
        speed: 20 + id,
        speed_error: 2,
        speed_unit: 'km/h',
        direction: 0,
        is_parked: false,
        class: 'car',
        score: 0.9,
        state: STATES[id % 5],
        ...(id % 3 === 0 ? { verdict: VERDICTS[id % 4] } : {}),
      };
    });
  const paint = (i) => {
    const utc = 1_000 + i / 30;
    const stages = { received: utc * 1e6, decoded: utc * 1e6 };
    const frame = { ts_utc: utc, frame: i, epoch: 1, rtp: i * 3_000, tracks: tracksAt(i), stages };
    sync.add({ ...frame, v: 1, type: 'frame', raw_dimensions: scaled, scaled_dimensions: scaled }, i * 33);
    const startMs = performance.now();
    const match = sync.pick({ rtp: i * 3_000 }, i * 33, 33);
    score.add(match);
    scene.show(match);
    if (isForced) canvas.getContext('2d').getImageData(0, 0, 1, 1);
    return performance.now() - startMs;
  };
  // Twenty seconds of traffic warm the heat map and lengthen the trails.
  for (let i = 0; i < 600; i++)
    scene.show({
      ...sync.pick({ rtp: undefined }, 0),
      kind: 'exact',
      capturedUtc: 900 + i / 30,
      tracks: tracksAt(i * 7),
    });
  const costs = [];
  for (let i = 0; i < frames; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    costs.push(paint(i));
  }
  costs.sort((a, b) => a - b);
  const at = (share) => Math.round((costs[Math.ceil(costs.length * share) - 1] ?? 0) * 1_000) / 1_000;
  return { p50Ms: at(0.5), p95Ms: at(0.95), mostMs: at(1) };
}
