#!/usr/bin/env node
/**
 * How the whole system runs live: starts it on a 720p30 clip, listens to the metadata like a browser, watches the
 * processes from outside. JSON on stdout; a line every 10 s and the table of stages on stderr.
 *
 *   node bench/live.mjs [--minutes 10] [--clip FILE] [--port 18080] [--camera demo] [--config FILE]
 *
 * Figures: frames decoded and analysed per second; from the stamps that travel with each frame, what every stage takes,
 * and decode-to-WebSocket against its budget, inference + 6 ms at p50 and + 12 ms at p95, in two ways: over the median of
 * inference (strict: a run of the model that took longer counts as delay), and over the inference of the very frame (what
 * everything else adds). Inference is letterbox, run and decoding of the output. CPU seconds per second and memory of all
 * processes (PSS), memory slope over the second half. Limit: one host, one viewer without video.
 */
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listen, pause, root, withHouse } from './support/house.mjs';
import { byName, usage } from './support/processes.mjs';
import { slopePerHour } from './support/slope.mjs';

const WARM_UP_MS = 10_000;
const BUDGET_MS = { p50: 6, p95: 12 };

/** From the stamp of a frame to its next. `socket` is here: in this process' hands. */
const HOPS = [
  ['received → decoded', ({ received, decoded }) => decoded - received],
  ['decoded → taken (waiting)', ({ decoded, taken }) => taken - decoded],
  ['taken → drawn (letterbox)', ({ taken, drawn }) => drawn - taken],
  ['drawn → inferred (model)', ({ drawn, inferred }) => inferred - drawn],
  ['inferred → tracked', ({ inferred, tracked }) => tracked - inferred],
  ['tracked → emitted', ({ tracked, emitted }) => emitted - tracked],
  ['emitted → WebSocket', ({ emitted, socket }) => socket - emitted],
  ['decoded → WebSocket', ({ decoded, socket }) => socket - decoded],
  ['inference', ({ taken, inferred }) => inferred - taken],
  ['everything else of the frame', ({ decoded, taken, inferred, socket }) => socket - decoded - (inferred - taken)],
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
    port: { type: 'string', default: '18080' },
    camera: { type: 'string', default: 'demo' },
    config: { type: 'string' },
  },
});
const result = await withHouse(values, (pid) => measure(pid, Number(values.minutes) * 60));
console.log(JSON.stringify(result, null, 2));
console.error(table(result));

async function measure(pid, seconds) {
  const { port, camera, clip } = values;
  const stamps = [];
  let status = null;
  const socket = await listen(port, camera, (message) => {
    if (message.type === 'status') status = message;
    if (message.type !== 'frame') return;
    stamps.push({ ...message.stages, socket: (performance.timeOrigin + performance.now()) * 1_000 });
  });
  await pause(WARM_UP_MS);
  stamps.length = 0;
  const began = performance.now();
  const before = usage(pid);
  const memory = [];
  const decoded = [];
  const elapsed = () => (performance.now() - began) / 1_000;
  while (elapsed() < seconds) {
    await pause(Math.min(10_000, 1_000 * Math.max(0.1, seconds - elapsed())));
    const { memoryMb } = usage(pid);
    memory.push([elapsed(), memoryMb]);
    decoded.push(status?.fps.decoded ?? 0);
    const rate = (stamps.length / elapsed()).toFixed(2);
    console.error(`${elapsed().toFixed(0)} s  ${rate} analysed/s  ${memoryMb.toFixed(0)} MB`);
  }
  const took = elapsed();
  const after = usage(pid);
  socket.close();
  const stages = Object.fromEntries(HOPS.map(([name, us]) => [name, spread(stamps.map((stamp) => us(stamp) / 1_000))]));
  const whole = stages['decoded → WebSocket'];
  const strict = { p50: round(whole.p50 - stages.inference.p50), p95: round(whole.p95 - stages.inference.p50) };
  const { p50, p95 } = stages['everything else of the frame'];
  return {
    machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() },
    clip,
    seconds: round(took),
    analysedPerSecond: round(stamps.length / took),
    decodedPerSecond: round(decoded.reduce((a, b) => a + b, 0) / decoded.length),
    stagesMs: stages,
    overInferenceMs: {
      budget: BUDGET_MS,
      overMedian: { ...strict, isKept: isKept(strict) },
      overOwn: { p50, p95, isKept: isKept({ p50, p95 }) },
    },
    cores: round((after.cpuSeconds - before.cpuSeconds) / took),
    coresByProcess: byName(before, after, took),
    memoryMb: {
      first: memory[0]?.[1],
      last: memory.at(-1)?.[1],
      slopePerHour: slopePerHour(memory.slice(memory.length >> 1)),
    },
    status,
  };
}

function isKept({ p50, p95 }) {
  return p50 <= BUDGET_MS.p50 && p95 <= BUDGET_MS.p95;
}

function spread(samples) {
  const sorted = samples.sort((a, b) => a - b);
  const at = (share) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function round(value) {
  return Number(value.toFixed(2));
}

function table({ stagesMs, overInferenceMs }) {
  const rows = Object.entries(stagesMs).map(([name, { p50, p95, p99, max }]) => {
    return `| ${[name, p50, p95, p99, max].join(' | ')} |`;
  });
  const { budget, overMedian, overOwn } = overInferenceMs;
  const budgets = [
    ['the median of inference', overMedian],
    ['its own inference', overOwn],
  ].map(([what, { p50, p95 }]) => `| over ${what} (budget ${budget.p50}, ${budget.p95}) | ${p50} | ${p95} | | |`);
  return ['| stage | p50 ms | p95 | p99 | max |', '| --- | --- | --- | --- | --- |', ...rows, ...budgets].join('\n');
}
