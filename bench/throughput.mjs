#!/usr/bin/env node
/**
 * How near a replay comes to what its parts allow. Four things by turns in one process, so that whatever else the
 * machine does meets all of them alike:
 *
 *   model      `session.run` alone, on one picture, again and again
 *   replay     the whole replay: decode, ring, letterbox, model, tracker, facts
 *   decoder    the decoder alone: every picture of the file, touched by nobody
 *   pipeline   the whole replay with a detector that finds nothing at no cost
 *
 *   node bench/throughput.mjs [--clip FILE] [--rounds 5] [--frames 300] [--threads 1] [--model NAME]
 *
 * JSON on stdout, a markdown table on stderr. Loading the model and the first tenth of the pictures do not count. Ratios are
 * medians over the rounds: replay by model (what inference allows), pipeline by decoder (what decoding allows), by the
 * clock; and the first by the CPU time of the busiest thread, the model's, which other programs disturb less: with
 * `--threads 1` that is the ratio of a machine with cores to spare. Needs a build (npm run build:node).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

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
      threads: { type: 'string', default: '1' },
      model: { type: 'string' },
    },
  });
  const { config } = loadConfigFile(join(root, 'demo/demo.site.yaml'));
  if (values.model) config.model.use = values.model;
  const model = await resolveCommandModel(config);
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-bench-'));
  try {
    const clip = join(dir, 'clip.mp4');
    const cut = ['-v', 'error', '-i', values.clip, '-frames:v', values.frames, '-c', 'copy', clip];
    execFileSync('ffmpeg', cut);
    const backend = await loadBackend();
    const bench = { config, model, clip, backend, frames: Number(values.frames), threads: Number(values.threads) };
    const ways = { model: await modelAlone(bench), replay: replayOf(bench), decoder: decoderOf(bench) };
    ways.pipeline = replayOf(bench, new URL('null-inference.mjs', import.meta.url));
    const rounds = [];
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const figures = {};
      for (const [name, way] of Object.entries(ways)) figures[name] = await way();
      // The first warms up.
      if (round > 0) rounds.push(figures);
      console.error(`${round === 0 ? 'warm-up' : `round ${round}`}  ${JSON.stringify(figures)}`);
    }
    report(rounds, { backend: backend.name, model: model.name, threads: bench.threads, frames: bench.frames });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** From the moment that a tenth of the pictures is through to the last one. */
function stopwatch(frames) {
  const first = Math.ceil(frames / 10);
  let start = null;
  return {
    /** @param count of pictures that are through */
    at(count) {
      if (start === null && count >= first) start = { count, ms: performance.now(), cpu: cpuByThread() };
    },
    figures(count) {
      const pictures = count - start.count;
      const busiest = Math.max(...[...cpuByThread()].map(([thread, ms]) => ms - (start.cpu.get(thread) ?? 0)));
      const round = (value) => Math.round(1_000 * value) / 1_000;
      return {
        fps: round((1_000 * pictures) / (performance.now() - start.ms)),
        busiestThreadMs: round(busiest / pictures),
      };
    },
  };
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
  const options = { threads, minScore: 0.1, nmsIou: 0.5 };
  const detector = await openDetector(describe(model), options);
  const { input } = detector;
  await detector.close();
  const session = await openSession(model.path, { threads });
  const picture = Float32Array.from({ length: 3 * input.width * input.height }, (_, i) => (i * 37) % 256);
  return async () => {
    const watch = stopwatch(frames);
    for (let i = 0; i < frames; i += 1) {
      watch.at(i);
      await session.run(picture, input);
    }
    return watch.figures(frames);
  };
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
    const watch = stopwatch(frames);
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

function report(rounds, settings) {
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const fps = Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, median(rounds.map((r) => r[name].fps))]));
  const share = (pick) => Math.round(1_000 * median(rounds.map(pick))) / 1_000;
  const ratios = {
    replayByModel: share(({ replay, model }) => replay.fps / model.fps),
    replayByModelOwnCpu: share(({ replay, model }) => model.busiestThreadMs / replay.busiestThreadMs),
    pipelineByDecoder: share(({ pipeline, decoder }) => pipeline.fps / decoder.fps),
  };
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() };
  console.log(JSON.stringify({ machine, ...settings, medianFps: fps, ratios, rounds }, null, 2));
  console.error(
    [
      '| way | pictures a second | of its limit |',
      '| --- | --- | --- |',
      `| model alone | ${fps.model.toFixed(1)} | |`,
      `| replay | ${fps.replay.toFixed(1)} | ${ratios.replayByModel} (own CPU ${ratios.replayByModelOwnCpu}) |`,
      `| decoder alone | ${fps.decoder.toFixed(1)} | |`,
      `| replay without model | ${fps.pipeline.toFixed(1)} | ${ratios.pipelineByDecoder} |`,
    ].join('\n'),
  );
}
