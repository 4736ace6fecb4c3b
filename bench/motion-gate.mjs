#!/usr/bin/env node
/**
 * What the motion gate saves and whether it costs anything: each clip is judged twice in the same run, with every frame
 * looked at and with the gate. JSON on stdout, progress on stderr.
 *
 *   node bench/motion-gate.mjs [CLIP SITE.yaml …]      without clips: the demo
 *   stopsign sim render bench/quiet-street.yaml --out quiet.mp4      a clip on which it has something to save
 *
 * Figures: frames analysed, CPU seconds of the process (decoding included) and their ratio, and every pass with its verdict in
 * both. Limit: a replay, so the CPU of what the page and the database need is not in it.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const load = (path) => import(join(root, 'dist', path));
const { loadConfigFile } = await load('config/load.js');
const { loadBackend } = await load('media/decode/backend.js');
const { resolveCommandModel } = await load('cli/command-model.js');
const { replayVideo } = await load('replay/replay.js');
const { systemClock } = await load('telemetry/clock.js');
const { createLog } = await load('telemetry/log.js');

const { positionals } = parseArgs({ allowPositionals: true });
const clips = positionals.length > 0 ? positionals : [join(root, 'demo/demo.mp4'), join(root, 'demo/demo.site.yaml')];
const results = [];
for (let i = 0; i + 1 < clips.length; i += 2) results.push(await compare(clips[i], clips[i + 1]));
console.log(JSON.stringify({ date: new Date().toISOString(), node: process.version, results }, null, 2));

async function compare(clip, config) {
  const all = await judge(clip, config, false);
  const gated = await judge(clip, config, true);
  const sameVerdicts = JSON.stringify(all.passes.map(verdictOf)) === JSON.stringify(gated.passes.map(verdictOf));
  const sameMoments = JSON.stringify(all.moments) === JSON.stringify(gated.moments);
  return {
    clip,
    framesAnalysed: { all: all.analysed, gated: gated.analysed, share: round(gated.analysed / all.analysed) },
    cpuSeconds: { all: round(all.cpu), gated: round(gated.cpu), share: round(gated.cpu / all.cpu) },
    sameVerdicts,
    sameMoments,
    moments: { all: all.moments, gated: gated.moments },
    passes: all.passes.map((pass, n) => ({ all: told(pass), gated: told(gated.passes[n]) })),
  };
}

async function judge(clip, path, isGated) {
  const { config } = loadConfigFile(path);
  const site = config.site ?? config.cameras?.[0]?.site;
  const model = await resolveCommandModel(config);
  const camera = 'bench';
  const passes = [];
  const counts = {};
  let analysed = 0;
  const { image, stop_line, approach, stop_zone, vehicles } = site;
  const before = process.cpuUsage();
  await replayVideo({
    tracker: { camera, site, configVersion: 'bench', modelSha256: null, firstTrackId: 1 },
    log: createLog({ process: 'bench' }).child({}, { level: 'warn' }),
    clock: systemClock,
    backend: await loadBackend(),
    path: clip,
    inference: {
      cameras: [camera],
      model: {
        path: model.path,
        family: model.family ?? undefined,
        input: model.input ?? undefined,
        classes: model.classes ?? undefined,
      },
      ...{ minScore: config.model.min_score, nmsIou: config.model.nms_iou, threads: config.model.threads ?? 1 },
      ...(isGated && { gates: { [camera]: { image, stop_line, approach, stop_zone, vehicles } } }),
    },
    onFrame: () => {
      analysed += 1;
    },
    onEvent: (event) => {
      if (event.type === 'pass') passes.push(event);
      counts[event.type] = (counts[event.type] ?? 0) + 1;
    },
  });
  const { user, system } = process.cpuUsage(before);
  console.error(`${clip} ${isGated ? 'with the gate' : 'every frame'}: ${analysed} frames, ${passes.length} passes`);
  return { passes, moments: counts, analysed, cpu: (user + system) / 1e6 };
}

function verdictOf({ verdict, vehicle, complete }) {
  return { verdict, vehicle, complete };
}

function told(pass) {
  if (!pass) return null;
  const { verdict, entered_utc, stopped_s, min_speed, approach_speed } = pass;
  return { verdict, entered_utc: round(entered_utc), stopped_s, min_speed, approach_speed };
}

function round(value) {
  return Number(value.toFixed(2));
}
