#!/usr/bin/env node
/**
 * How well real detectors see a rendered clip, against its exact truth. JSON on stdout, a few lines to read on stderr.
 *
 *   node bench/sim-recall.mjs [--clip demo/demo.mp4] [--models yolox-nano,centernet-mobilenetv3] [--every 1]
 *
 * The truth is read from `<clip>.truth.ndjson`. Counted are vehicles that lie wholly in the picture and are hidden by
 * at most a tenth; found is a box with IoU ≥ 0.5 at the model's threshold. False is a vehicle box that overlaps no
 * vehicle of the truth; an invented run is how many frames in a row a false box stays in its place. Ground contact is the
 * bottom centre of the box against that of the true one: bias and σ in pixels and, through the true camera, in metres
 * along and across the street; the view angle is 0° when the vehicle drives towards the camera, 180° away from it.
 * Needs a build (npm run build:node) and the models (npx stopsign models pull).
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { readTruth } = await import(join(root, 'dist/sim/truth-file.js'));
const { resolveModel } = await import(join(root, 'dist/models/resolve.js'));
const { openDetector } = await import(join(root, 'dist/vision/detector.js'));
const { loadBackend } = await import(join(root, 'dist/media/decode/backend.js'));

const THRESHOLDS = { yolox: 0.25, centernet: 0.3 };
const HEIGHTS = [
  ['below 40 px', 0, 40],
  ['40–60 px', 40, 60],
  ['60–90 px', 60, 90],
  ['90 px and more', 90, Number.POSITIVE_INFINITY],
  ['above 40 px', 40, Number.POSITIVE_INFINITY],
  ['above 60 px', 60, Number.POSITIVE_INFINITY],
];
const ANGLES = [
  ['0–30° (from the front)', 0, 30],
  ['30–60°', 30, 60],
  ['60–120° (from the side)', 60, 120],
  ['120–150°', 120, 150],
  ['150–180° (from behind)', 150, 180.01],
];
const VEHICLES = ['car', 'bus', 'truck', 'motorcycle'];
const STANDING_MPS = 0.02;

const { values } = parseArgs({
  options: {
    clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
    truth: { type: 'string' },
    models: { type: 'string', default: 'yolox-nano,centernet-mobilenetv3' },
    every: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
  },
});
const truth = await readTruth(values.truth ?? values.clip.replace(/\.mp4$/, '.truth.ndjson'));
const toGround = groundOf(truth.header);
const results = [];
for (const name of values.models.split(',')) {
  const result = await measure(name);
  results.push(result);
  process.stderr.write(`${summary(result)}\n`);
}
console.log(
  JSON.stringify(
    { clip: values.clip, frames: truth.frames.length, every: Number(values.every), models: results },
    null,
    1,
  ),
);

async function measure(name) {
  const model = await resolveModel({ use: name, modelsDir: join(root, 'models'), env: process.env });
  const options = { threads: Number(values.threads), minScore: 0.1, nmsIou: 0.5 };
  const detector = await openDetector(
    {
      path: model.path,
      family: model.family ?? undefined,
      input: model.input ?? undefined,
      classes: model.classes ?? undefined,
    },
    options,
  );
  const threshold = THRESHOLDS[model.family] ?? 0.25;
  const tally = newTally();
  const backend = await loadBackend();
  const file = await backend.openFile(values.clip);
  let index = 0;
  try {
    for (let pictures = await file.next(); pictures !== null; pictures = await file.next()) {
      for (const picture of pictures) {
        const frame = truth.frames[index];
        if (frame && index % Number(values.every) === 0) {
          const found = (await detector.detect(tight(picture))).filter(({ score }) => score >= threshold);
          count(tally, frame, found);
        }
        index++;
      }
    }
  } finally {
    await file.close();
    await detector.close();
  }
  return { model: name, threshold, ...report(tally) };
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

function newTally() {
  return {
    frames: 0,
    heights: HEIGHTS.map(() => ({ seen: 0, found: 0 })),
    vehicles: new Map(),
    others: new Map(),
    falseBoxes: 0,
    runs: [],
    longestRun: 0,
    longestAt: null,
    contacts: [],
  };
}

function count(tally, frame, detections) {
  tally.frames++;
  const boxes = detections.filter((detection) => VEHICLES.includes(detection.class));
  for (const body of frame.bodies) {
    const isWhole = body.inside > 0.98 && body.occluded <= 0.1;
    if (!isWhole) continue;
    if (body.vehicle === null || body.vehicle === 'bicycle') {
      const wanted = body.vehicle === null ? ['person'] : ['bicycle', 'person', 'motorcycle'];
      const best = bestOf(
        detections.filter((detection) => wanted.includes(detection.class)),
        body.box,
        0.3,
      );
      add(tally.others, body.id, body.body, best !== null);
      continue;
    }
    const best = bestOf(boxes, body.box, 0.5);
    const height = body.box[3] - body.box[1];
    for (const [i, [, lo, hi]] of HEIGHTS.entries()) {
      if (height < lo || height >= hi) continue;
      tally.heights[i].seen++;
      if (best) tally.heights[i].found++;
    }
    add(tally.vehicles, body.id, body.body, best !== null);
    if (best) tally.contacts.push(contact(body, best.bbox));
  }
  const known = frame.bodies.filter(({ vehicle }) => vehicle !== null);
  const invented = boxes.filter(
    ({ bbox }) => !known.some(({ box }) => iou(box, bbox) > 0.2 || inside(bbox, box) > 0.6),
  );
  tally.falseBoxes += invented.length;
  tally.runs = invented.map(({ bbox: box, class: label, score }) => {
    const before = tally.runs.find((run) => iou(run.box, box) > 0.3);
    return { box, label, score, length: (before?.length ?? 0) + 1 };
  });
  for (const run of tally.runs) {
    if (run.length <= tally.longestRun) continue;
    tally.longestRun = run.length;
    tally.longestAt = {
      frame: frame.frame,
      box: run.box.map(Math.round),
      label: run.label,
      score: round(run.score, 2),
    };
  }
}

function add(map, id, body, isFound) {
  const entry = map.get(id) ?? { body, seen: 0, found: 0 };
  entry.seen++;
  if (isFound) entry.found++;
  map.set(id, entry);
}

function bestOf(detections, box, least) {
  let best = null;
  for (const detection of detections) {
    const overlap = iou(detection.bbox, box);
    if (overlap >= least && (best === null || overlap > best.overlap)) best = { ...detection, overlap };
  }
  return best;
}

function contact(body, box) {
  const found = [(box[0] + box[2]) / 2, box[3]];
  const [camX, , camZ] = truth.header.camera.position;
  const [dx, dz] = [camX - body.ground[0], camZ - body.ground[1]];
  const cos = (Math.cos(body.heading) * dx - Math.sin(body.heading) * dz) / Math.hypot(dx, dz);
  const [gx, gz] = toGround(found);
  const [tx, tz] = toGround(body.contact);
  return {
    angle: (Math.acos(Math.min(1, Math.max(-1, cos))) * 180) / Math.PI,
    isStanding: Math.abs(body.speed) < STANDING_MPS,
    px: [found[0] - body.contact[0], found[1] - body.contact[1]],
    m: [gx - tx, gz - tz],
  };
}

function report(tally) {
  const share = ({ seen, found }) => ({ seen, found, recall: seen === 0 ? null : round(found / seen, 4) });
  const byAngle = (standing) =>
    ANGLES.map(([name, lo, hi]) => {
      const those = tally.contacts.filter((c) => c.isStanding === standing && c.angle >= lo && c.angle < hi);
      return { angle: name, ...spread(those) };
    }).filter(({ boxes }) => boxes > 0);
  return {
    recallByHeight: Object.fromEntries(HEIGHTS.map(([name], i) => [name, share(tally.heights[i])])),
    recallByVehicle: Object.fromEntries(
      [...tally.vehicles].map(([id, entry]) => [id, { body: entry.body, ...share(entry) }]),
    ),
    peopleAndBicycles: Object.fromEntries(
      [...tally.others].map(([id, entry]) => [id, { body: entry.body, ...share(entry) }]),
    ),
    falsePerFrame: round(tally.falseBoxes / tally.frames, 4),
    longestInventedRun: tally.longestRun,
    longestInvented: tally.longestAt,
    contactMoving: byAngle(false),
    contactStanding: byAngle(true),
  };
}

function spread(contacts) {
  const of = (pick) => {
    const mean = contacts.reduce((sum, c) => sum + pick(c), 0) / contacts.length;
    const variance = contacts.reduce((sum, c) => sum + (pick(c) - mean) ** 2, 0) / contacts.length;
    return { bias: round(mean, 3), sigma: round(Math.sqrt(variance), 3) };
  };
  if (contacts.length === 0) return { boxes: 0 };
  return {
    boxes: contacts.length,
    xPx: of((c) => c.px[0]),
    yPx: of((c) => c.px[1]),
    alongM: of((c) => c.m[0]),
    acrossM: of((c) => c.m[1]),
  };
}

function summary({ model, threshold, recallByHeight, falsePerFrame, longestInventedRun, contactMoving }) {
  const heights = Object.entries(recallByHeight)
    .filter(([, { seen }]) => seen > 0)
    .map(([name, { recall, seen }]) => `${name} ${(100 * recall).toFixed(1)} % of ${seen}`);
  const angles = contactMoving.map(
    ({ angle, xPx, yPx, alongM }) =>
      `    ${angle}: x ${xPx.bias.toFixed(1)} ± ${xPx.sigma.toFixed(1)} px, y ${yPx.bias.toFixed(1)} ± ${yPx.sigma.toFixed(1)} px, along ${alongM.bias.toFixed(2)} ± ${alongM.sigma.toFixed(2)} m`,
  );
  return [
    `${model} at ${threshold}: ${heights.join(', ')}`,
    `  false boxes per frame ${falsePerFrame}, longest invented run ${longestInventedRun} frames`,
    '  ground contact while moving (bias ± σ):',
    ...angles,
  ].join('\n');
}

/** Pixels to world [x, z] on the ground, by the true camera's ray. */
function groundOf({ camera, width, height }) {
  const p = camera.position;
  const f = unit(camera.look_at.map((v, i) => v - p[i]));
  const r = unit(cross(f, [0, 1, 0]));
  const u = cross(r, f);
  const focal = height / 2 / Math.tan((camera.fov_deg * Math.PI) / 360);
  return ([x, y]) => {
    const [a, b] = [(x - width / 2) / focal, (height / 2 - y) / focal];
    const ray = f.map((v, i) => v + a * r[i] + b * u[i]);
    const far = -p[1] / ray[1];
    return [p[0] + far * ray[0], p[2] + far * ray[2]];
  };
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a) {
  const length = Math.hypot(...a);
  return a.map((v) => v / length);
}

function overlapArea(a, b) {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return w > 0 && h > 0 ? w * h : 0;
}

function areaOf([x0, y0, x1, y1]) {
  return (x1 - x0) * (y1 - y0);
}

function iou(a, b) {
  const both = overlapArea(a, b);
  return both / (areaOf(a) + areaOf(b) - both || 1);
}

/** Share of `a` that lies in `b`. */
function inside(a, b) {
  return overlapArea(a, b) / (areaOf(a) || 1);
}

function round(value, digits) {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
