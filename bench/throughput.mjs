#!/usr/bin/env node
/**
 * How near a replay comes to what its parts allow. By turns in one process, so that whatever else the machine does meets
 * all of them alike:
 *
 *   model N    `session.run` alone with N threads, on one picture, again and again
 *   copies N   N copies of the model at once, each run by one thread (N > 1): the most that N threads can do
 *   replay N   the whole replay with N threads: decode, ring, letterbox, model, tracker, facts
 *   decoder    the decoder alone: every picture of the file, touched by nobody
 *   pipeline   the whole replay with a detector that finds nothing at no cost
 *
 *   node bench/throughput.mjs [--clip FILE] [--rounds 5] [--frames 300] [--threads 1,2] [--model NAME]
 *                             [--decode-frames 1500] [--backend node-av|beamcoder]
 *
 * JSON on stdout, a markdown table on stderr. Loading the model and the first tenth of the pictures do not count; the last
 * two take more pictures, because a replay's threads are new each time and first have to be compiled. Ratios are medians
 * over the rounds: replay by model (what inference allows) and pipeline by decoder (what decoding allows), by the clock and
 * by CPU time, which other programs disturb less: that of the N busiest threads, the models', which is the ratio of a machine
 * with cores to spare, and that of the whole process. Needs a build (npm run build:node).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const from = (path) => import(join(process.env.STOPSIGN_DIST ?? join(root, 'dist'), path));
const { replayVideo } = await from('replay/replay.js');
const { loadBackend } = await from('media/decode/backend.js');
const { openSession } = await from('vision/ort-session.js');
const { openDetector } = await from('vision/detector.js');
const { resolveCommandModel } = await from('cli/command-model.js');
const { loadConfigFile } = await from('config/load.js');
const { createLog } = await from('telemetry/log.js');
const { systemClock } = await from('telemetry/clock.js');

await main();

async function main() {
  const { values } = parseArgs({
    options: {
      clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
      rounds: { type: 'string', default: '5' },
      frames: { type: 'string', default: '300' },
      threads: { type: 'string', default: '1,2' },
      model: { type: 'string' },
      'decode-frames': { type: 'string', default: '1500' },
      backend: { type: 'string' },
    },
  });
  const { config } = loadConfigFile(join(root, 'demo/demo.site.yaml'));
  if (values.model) config.model.use = values.model;
  const model = await resolveCommandModel(config);
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-bench-'));
  try {
    const cut = (name, frames) => {
      const clip = join(dir, name);
      execFileSync('ffmpeg', ['-v', 'error', '-i', values.clip, '-frames:v', `${frames}`, '-c', 'copy', clip]);
      return { clip, frames };
    };
    const backend = await loadBackend(values.backend);
    const bench = { config, model, backend, ...cut('clip.mp4', Number(values.frames)) };
    const long = { ...bench, ...cut('long.mp4', Number(values['decode-frames'])) };
    const threads = values.threads.split(',').map(Number);
    const ways = {};
    for (const n of threads) {
      ways[`model ${n}`] = await modelAlone({ ...bench, threads: n });
      if (n > 1) ways[`copies ${n}`] = await copiesAlone({ ...bench, threads: n });
      ways[`replay ${n}`] = replayOf({ ...bench, threads: n });
    }
    ways.decoder = decoderOf(long);
    ways.pipeline = replayOf({ ...long, threads: 1 }, new URL('null-inference.mjs', import.meta.url));
    const rounds = [];
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const figures = {};
      for (const [name, way] of Object.entries(ways)) figures[name] = await way();
      // The first warms up.
      if (round > 0) rounds.push(figures);
      console.error(`${round === 0 ? 'warm-up' : `round ${round}`}  ${JSON.stringify(figures)}`);
    }
    report(rounds, threads, {
      backend: backend.name,
      model: model.name,
      frames: bench.frames,
      decodeFrames: long.frames,
    });
    for (const way of Object.values(ways)) await way.close?.();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * From the moment that a tenth of the pictures is through to the last one.
 * @param threads how many of them are the model's
 */
function stopwatch(frames, threads = 1) {
  const first = Math.ceil(frames / 10);
  let start = null;
  return {
    /** @param count of pictures that are through */
    at(count) {
      if (start === null && count >= first) start = { count, ms: performance.now(), cpu: cpuByThread() };
    },
    figures(count) {
      const pictures = count - start.count;
      const spent = [...cpuByThread()].map(([thread, ms]) => ms - (start.cpu.get(thread) ?? 0)).sort((a, b) => b - a);
      const sum = (values) => round(values.reduce((a, b) => a + b, 0) / pictures);
      return {
        fps: round((1_000 * pictures) / (performance.now() - start.ms)),
        modelCpuMs: sum(spent.slice(0, threads)),
        cpuMs: sum(spent),
      };
    },
  };
}

function round(value) {
  return Math.round(1_000 * value) / 1_000;
}

/** CPU time of each thread of this process so far, ms. */
function cpuByThread() {
  return new Map(
    readdirSync('/proc/self/task').map((thread) => [
      thread,
      Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    ]),
  );
}

/** The input is made once: noise costs what a picture costs. */
async function modelAlone({ model, threads, frames }) {
  const input = await inputOf(model);
  const session = await openSession(model.path, { threads });
  const picture = Float32Array.from({ length: 3 * input.width * input.height }, (_, i) => (i * 37) % 256);
  const way = async () => {
    const watch = stopwatch(frames, threads);
    for (let i = 0; i < frames; i += 1) {
      watch.at(i);
      await session.run(picture, input);
    }
    return watch.figures(frames);
  };
  return Object.assign(way, { close: () => session.close() });
}

async function copiesAlone({ model, threads, frames }) {
  const workerData = { path: model.path, input: await inputOf(model) };
  const entry = new URL('support/model-loop.mjs', import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(entry, { workerData }));
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
  const way = async () => {
    const watch = stopwatch(frames, threads);
    const each = Math.ceil(frames / threads);
    let done = 0;
    const runs = workers.map((worker) => {
      return new Promise((resolve) => {
        let own = 0;
        const count = () => {
          done += 1;
          own += 1;
          watch.at(done);
          if (own === each) resolve(worker.off('message', count));
        };
        worker.on('message', count).postMessage(each);
      });
    });
    await Promise.all(runs);
    return watch.figures(done);
  };
  return Object.assign(way, { close: () => workers.map((worker) => worker.postMessage(0)) });
}

async function inputOf(model) {
  const detector = await openDetector(describe(model), { threads: 1, minScore: 0.1, nmsIou: 0.5 });
  await detector.close();
  return detector.input;
}

function describe({ path, family, input, classes }) {
  return { path, family: family ?? undefined, input: input ?? undefined, classes: classes ?? undefined };
}

function decoderOf({ backend, clip, frames }) {
  return async () => {
    const watch = stopwatch(frames);
    const file = await backend.openFile(clip);
    let pictures = 0;
    for (let batch = await file.next(); batch; batch = await file.next()) {
      pictures += batch.length;
      watch.at(pictures);
    }
    const figures = watch.figures(pictures);
    await file.close();
    return figures;
  };
}

function replayOf({ config, model, clip, backend, threads, frames }, inferenceShell) {
  const camera = 'bench';
  return async () => {
    const watch = stopwatch(frames, threads);
    let figures = null;
    await replayVideo({
      backend,
      path: clip,
      tracker: { camera, site: config.site, configVersion: 'bench', modelSha256: null, firstTrackId: 1 },
      inference: {
        cameras: [camera],
        model: describe(model),
        minScore: config.model.min_score,
        nmsIou: config.model.nms_iou,
        threads,
      },
      log: createLog({ process: 'bench' }).child({}, { level: 'warn' }),
      clock: systemClock,
      ...(inferenceShell && { inferenceShell }),
      onProgress(count) {
        watch.at(count);
        if (count === frames) figures ??= watch.figures(count);
      },
    });
    return figures;
  };
}

function report(rounds, threads, settings) {
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const fps = Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, median(rounds.map((r) => r[name].fps))]));
  const share = (pick) => round(median(rounds.map(pick)));
  const ratios = {};
  for (const n of threads) {
    const replay = `replay ${n}`;
    for (const limit of n > 1 ? [`model ${n}`, `copies ${n}`] : [`model ${n}`]) {
      ratios[`${replay} / ${limit}`] = {
        clock: share((r) => r[replay].fps / r[limit].fps),
        modelCpu: share((r) => r[limit].modelCpuMs / r[replay].modelCpuMs),
        cpu: share((r) => r[limit].cpuMs / r[replay].cpuMs),
      };
    }
  }
  ratios['pipeline / decoder'] = {
    clock: share(({ pipeline, decoder }) => pipeline.fps / decoder.fps),
    cpu: share(({ pipeline, decoder }) => decoder.cpuMs / pipeline.cpuMs),
  };
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() };
  console.log(JSON.stringify({ machine, ...settings, medianFps: fps, ratios, rounds }, null, 2));
  console.error(
    [
      '| way | pictures a second | CPU ms a picture |',
      '| --- | --: | --: |',
      ...Object.keys(fps).map((name) => `| ${name} | ${fps[name].toFixed(1)} | ${share((r) => r[name].cpuMs)} |`),
      '',
      "| ratio | by the clock | by the CPU of the model's threads | by all CPU |",
      '| --- | --: | --: | --: |',
      ...Object.entries(ratios).map(([name, r]) => `| ${name} | ${r.clock} | ${r.modelCpu ?? ''} | ${r.cpu} |`),
    ].join('\n'),
  );
}
