#!/usr/bin/env node
/**
 * HOTA, MOTA, IDF1 and id switches of every tracker on labelled recordings and on synthetic scenarios. JSON on stdout, a
 * markdown table on stderr.
 *
 *   node bench/track.mjs [--mot DIR] [--only recordings|scenarios] [--trackers stopsign,bytetrack,ocsort] [--seeds 1]
 *
 * Recordings (--mot, left out without it): TUD-Campus and KITTI tracking 0006, 0010, 0012, 0016 with public detections,
 * labels as `stopsign track --score` reads them. Scenarios: detections of an imagined detector (boxes off by 1 px, half of
 * it drifting, 3 % missed, invented boxes, time stamps off by 2 ms) against exact boxes; a vehicle that is hidden by more
 * than 70 %, cut off by more than 85 % or less than 12 px high is not asked for. Needs a build (npm run build:node).
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = process.env.STOPSIGN_DIST ?? join(root, 'dist');
const from = (path) => import(join(dist, path));
const { TRACKERS, trackFrames } = await from('domain/tracking/trackers.js');
const { scoreTracks } = await from('domain/mot-metrics/score-tracks.js');
const { withoutIgnored, COUNT_ALL } = await from('domain/mot-metrics/ignored.js');
const { parseMot } = await from('cli/track.js');
const { parseLabels, parseKittiDetections } = await from('cli/track-labels.js');
const { loadScenario } = await from('sim/scenario-file.js');
const { observe } = await from('sim/observe.js');
const { frameTimes, pictureShift, shownTime, worldAt } = await from('sim/world.js');
const { seenBodies } = await from('sim/seen.js');
const { pinhole } = await from('sim/pinhole.js');

const VEHICLES = ['car', 'truck', 'bus', 'motorcycle'];
const SCENARIOS = [
  'busy-street',
  'crossing-hides',
  'oncoming-hides',
  'queue-of-three',
  'side-by-side',
  'dice',
  'park-and-leave',
];
const RATES = [10, 15, 30, 'variable'];

const { values } = parseArgs({
  options: {
    mot: { type: 'string' },
    only: { type: 'string' },
    trackers: { type: 'string', default: TRACKERS.join(',') },
    scenarios: { type: 'string', default: SCENARIOS.join(',') },
    seeds: { type: 'string', default: '1' },
    noise: { type: 'string', default: '1' },
    miss: { type: 'string', default: '0.03' },
  },
});
const trackers = values.trackers.split(',');
const rows = [];
if (values.mot && values.only !== 'scenarios') {
  score('TUD-Campus', 25, motRows('tud-campus/det.txt'), labels('tud-campus/gt.txt'));
  for (const name of ['0006', '0010', '0012', '0016']) {
    const rows = parseKittiDetections(readFileSync(join(values.mot, `kitti/${name}.car-det.txt`), 'utf8'));
    score(`KITTI ${name}`, 10, rows, labels(`kitti/${name}.gt.txt`));
  }
}
if (values.only !== 'recordings') {
  for (const name of values.scenarios.split(',')) for (const rate of RATES) scoreScenario(name, rate);
}
console.log(JSON.stringify({ made: new Date().toISOString(), node: process.version, rows }, null, 1));
process.stderr.write(table());

function motRows(file) {
  return parseMot(readFileSync(join(values.mot, file), 'utf8'));
}

function labels(file) {
  return parseLabels(readFileSync(join(values.mot, file), 'utf8'));
}

function score(sequence, fps, detections, { frames: labelled, rules }) {
  const count = Math.max(...labelled.keys(), ...detections.map((row) => row.frame));
  const truth = Array.from({ length: count }, (_, k) => labelled.get(k + 1));
  const frames = Array.from({ length: count }, (_, k) => ({ time: k / fps, boxes: [] }));
  for (const { frame, left, top, width, height, score } of detections) {
    frames[frame - 1].boxes.push({ bbox: [left, top, left + width, top + height], score });
  }
  for (const tracker of trackers) add(tracker, sequence, fps, [{ frames, truth, rules }]);
}

function scoreScenario(name, rate) {
  const runs = [];
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const plain = loadScenario(name);
    const isVariable = rate === 'variable';
    const fps = isVariable ? plain.fps : rate;
    const scenario = isVariable
      ? {
          ...plain,
          disturbance: {
            ...plain.disturbance,
            variableFps: { minFps: 8, maxFps: 30, changeEveryS: 1.5, dropShare: 0.1 },
          },
        }
      : plain;
    runs.push(play(scenario, fps, seed));
  }
  for (const tracker of trackers) add(tracker, name, rate, runs);
}

function play(scenario, fps, seed) {
  const camera = pinhole(scenario.camera, scenario.size);
  const faults = {
    noisePx: Number(values.noise),
    drift: 0.5,
    miss: Number(values.miss),
    invented: 0.005,
    jitterS: 0.002,
    seed,
    fps,
  };
  const times = frameTimes(scenario, fps);
  const ids = new Map();
  const frames = [];
  const truth = [];
  for (const { tsUtc, frame, detections } of observe(scenario, faults)) {
    frames.push({ time: tsUtc, boxes: detections.filter((d) => VEHICLES.includes(d.class)) });
    const t = times[frame];
    const bodies = seenBodies(camera, worldAt(scenario, shownTime(scenario, t)), pictureShift(scenario, t));
    const boxes = bodies.flatMap(({ state, box, inside, occluded }) => {
      if (!VEHICLES.includes(state.vehicle)) return [];
      if (!ids.has(state.id)) ids.set(state.id, ids.size + 1);
      const isIgnored = occluded > 0.7 || inside < 0.15 || box[3] - box[1] < 12;
      return [{ id: ids.get(state.id), bbox: box, isIgnored }];
    });
    truth.push({ boxes, regions: [] });
  }
  return { frames, truth, rules: COUNT_ALL };
}

/** The runs are scored as one long recording. */
function add(tracker, sequence, fps, runs) {
  const labelled = runs.flatMap(({ frames, truth, rules }, run) => {
    const perSecond = typeof fps === 'number' ? fps : 30;
    const parameters = { frameRate: perSecond };
    const ids = [...trackFrames(tracker, frames, parameters)];
    return frames.map(({ boxes }, k) => {
      const tracks = boxes.flatMap(({ bbox }, i) => (ids[k][i] < 0 ? [] : [{ id: ids[k][i], bbox }]));
      const clean = withoutIgnored(truth[k] ?? { boxes: [], regions: [] }, tracks, rules);
      const apart = (list) => list.map(({ id, bbox }) => ({ id: id + run * 1e6, bbox }));
      return { truth: apart(clean.truth), tracks: apart(clean.tracks) };
    });
  });
  const { hota, clear, identity, objects, tracks, truthBoxes } = scoreTracks(labelled);
  const percent = (share) => (share === null ? null : Math.round(share * 1000) / 10);
  rows.push({
    sequence,
    fps,
    tracker,
    hota: percent(hota?.hota ?? null),
    deta: percent(hota?.deta ?? null),
    assa: percent(hota?.assa ?? null),
    mota: percent(clear.mota),
    idf1: percent(identity.idf1),
    switches: clear.switches,
    false_positives: clear.falsePositives,
    misses: clear.misses,
    truth_boxes: truthBoxes,
    objects,
    tracks,
  });
}

function table() {
  const cell = (value) => String(value ?? '–');
  const lines = ['| sequence | fps | tracker | HOTA | DetA | AssA | MOTA | IDF1 | IDSW | FP | FN | objects | tracks |'];
  lines.push(`|${' --- |'.repeat(13)}`);
  for (const r of rows) {
    const numbers = [r.hota, r.deta, r.assa, r.mota, r.idf1, r.switches, r.false_positives, r.misses];
    lines.push(`| ${[r.sequence, r.fps, r.tracker, ...numbers, r.objects, r.tracks].map(cell).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}
