#!/usr/bin/env node
/**
 * What one look of the view watch costs, and how far a still camera seems to move. JSON on stdout.
 *
 *   node bench/view-watch.mjs [--clip demo/demo.mp4] [--size 1280x720]
 *
 * Cost: milliseconds a look, of the processor (all threads of the process) and of the clock, over shared memory as in the inference room, for a view that is where it was, one that was
 * knocked, and one that cannot be found (the dearest). Footage: one look a second, against what was learned from the first
 * five. Needs a build (npm run build:node) and ffmpeg.
 */
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = process.env.STOPSIGN_DIST ?? join(root, 'dist');
const from = (path) => import(join(dist, 'domain/view-watch', path));
const { ViewWatch } = await from('view-watch.js');
const { lumaGrid } = await from('luma-grid.js');
const { edgeMap } = await from('edge-map.js');
const { LearnedView } = await from('learned-view.js');
const { registerView } = await from('register-view.js');

const { values } = parseArgs({
  options: {
    clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
    size: { type: 'string', default: '1280x720' },
  },
});
const [width, height] = values.size.split('x').map(Number);
const LEARNED = 5;
const ROUNDS = 200;

const pictures = decode(values.clip);
const [first] = pictures;
const shifted = first.map((_, i) => first[i - (i % width) + Math.max(0, (i % width) - 40)]);
const report = {
  clip: values.clip,
  size: values.size,
  looks: pictures.length,
  ms: { steady: cost(first), knocked: cost(shifted), lost: cost(first.toReversed()) },
  footage: footage(),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);

function decode(clip) {
  const scale = `fps=1,scale=${width}:${height}`;
  const args = ['-v', 'error', '-i', clip, '-vf', scale, '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const all = execFileSync('ffmpeg', args, { maxBuffer: 2 ** 30 });
  const size = width * height;
  return Array.from({ length: Math.floor(all.length / size) }, (_, i) => {
    const shared = new Uint8Array(new SharedArrayBuffer(size));
    shared.set(all.subarray(i * size, (i + 1) * size));
    return shared;
  });
}

/** Of a look at `y` after the first picture was learned. */
function cost(y) {
  const watch = new ViewWatch();
  let t = 0;
  for (let i = 0; i < 40; i++) watch.look({ width, height, y: first }, t++);
  for (let i = 0; i < 40; i++) watch.look({ width, height, y }, t++);
  const times = [];
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    watch.look({ width, height, y }, t++);
    times.push(performance.now() - began);
  }
  const cpu = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const wall = {
    p50: round(times[ROUNDS >> 1]),
    p95: round(times[Math.floor(ROUNDS * 0.95)]),
  };
  return { cpu: round((cpu.user + cpu.system) / 1_000 / ROUNDS), ...wall };
}

function footage() {
  const maps = pictures.map((y) => edgeMap(lumaGrid({ width, height, y })));
  const learned = new LearnedView(maps[0]);
  for (const map of maps.slice(1, LEARNED)) learned.learn(map);
  const found = maps.map((map) => registerView(learned.recent, map));
  const watch = new ViewWatch();
  const states = {};
  pictures.forEach((y, i) => {
    const { state } = watch.look({ width, height, y }, i);
    states[state] = (states[state] ?? 0) + 1;
  });
  return {
    patches: learned.recent.patches.length,
    worstMatched: round(Math.min(...found.map(({ matched }) => matched))),
    worstDisplacementPx: round(Math.max(...found.map(({ displacement }) => (displacement * width) / 160))),
    states,
  };
}

function round(value) {
  return Number(value.toFixed(2));
}
