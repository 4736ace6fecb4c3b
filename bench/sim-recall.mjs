#!/usr/bin/env node
/**
 * How well real detectors see a rendered clip, against its exact truth. JSON on stdout, tables to read on stderr.
 *
 *   node bench/sim-recall.mjs [--clip demo/demo.mp4] [--models yolox-nano,centernet-mobilenetv3] [--threads 1]
 *
 * The truth is read from `<clip>.truth.ndjson`. What is counted and how is told in docs/sim.md, "The score": this runs
 * the detectors over every frame and scores their boxes at the threshold each is used with. Needs a build
 * (npm run build:node) and the models (npx stopsign models pull).
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = (file) => import(join(root, 'dist', file));
const { readTruth } = await dist('sim/truth-file.js');
const { scoreBoxes } = await dist('sim/score/score-boxes.js');
const { boxTable } = await dist('sim/score/score-table.js');
const { resolveModel } = await dist('models/resolve.js');
const { openDetector } = await dist('vision/detector.js');
const { loadBackend } = await dist('media/decode/backend.js');

const THRESHOLDS = { yolox: 0.25, centernet: 0.3 };

const { values } = parseArgs({
  options: {
    clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
    truth: { type: 'string' },
    models: { type: 'string', default: 'yolox-nano,centernet-mobilenetv3' },
    threads: { type: 'string', default: '1' },
  },
});
const truth = await readTruth(values.truth ?? values.clip.replace(/\.mp4$/, '.truth.ndjson'));
const results = [];
for (const name of values.models.split(',')) results.push(await measure(name));
console.log(JSON.stringify({ clip: values.clip, models: results }, null, 1));

async function measure(name) {
  const model = await resolveModel({ use: name, modelsDir: join(root, 'models'), env: process.env });
  const { path, family, input, classes } = model;
  const detector = await openDetector(
    { path, family: family ?? undefined, input: input ?? undefined, classes: classes ?? undefined },
    { threads: Number(values.threads), minScore: 0.1, nmsIou: 0.5 },
  );
  const file = await (await loadBackend()).openFile(values.clip);
  const frames = [];
  try {
    for (let pictures = await file.next(); pictures !== null; pictures = await file.next()) {
      for (const picture of pictures) {
        const tsUtc = truth.frames[frames.length]?.t;
        if (tsUtc === undefined) throw new Error('the clip has more frames than its truth');
        frames.push({ tsUtc, detections: await detector.detect(tight(picture)) });
      }
    }
  } finally {
    await file.close();
    await detector.close();
  }
  const threshold = THRESHOLDS[family] ?? 0.25;
  const boxes = scoreBoxes(truth, frames, 0, threshold);
  process.stderr.write(`${name} at ${threshold}\n${boxTable(boxes)}\n`);
  return { model: name, threshold, ...boxes };
}

/** The decoder's planes with padding taken out, as the detector wants them. */
function tight({ width, height, fullRange, planes }) {
  const [y, u, v] = planes.map(({ data, stride }, i) => {
    const [w, h] = i === 0 ? [width, height] : [Math.ceil(width / 2), Math.ceil(height / 2)];
    if (stride === w) return data.subarray(0, w * h);
    const out = new Uint8Array(w * h);
    for (let row = 0; row < h; row++) out.set(data.subarray(row * stride, row * stride + w), row * w);
    return out;
  });
  return { width, height, fullRange, y, u, v };
}
