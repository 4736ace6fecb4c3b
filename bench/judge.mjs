#!/usr/bin/env node
/**
 * How well the judge measures: thousands of single passes with exact kinematics and a detector's seeded noise, straight
 * into the judge (no tracker, no other vehicles, no pictures). Definitions and dated results: docs/verdicts.md.
 *
 *   npx tsc -p tsconfig.node.json && node bench/judge.mjs --passes 2000 > judge.json
 *   node bench/judge.mjs --cells 'even.*15 fps.*1 px' --passes 300
 *
 * All cells are measured in rounds of --round passes; after each the table so far goes to stderr (Markdown). stdout is
 * JSON, at the end.
 */
import { parseArgs } from 'node:util';
import { siteGeometry } from '../dist/domain/geometry/site-geometry.js';
import { judgePass } from '../dist/domain/stop/judge-pass.js';
import { CAMERAS } from '../dist/sim/cameras.js';
import { pinhole } from '../dist/sim/pinhole.js';
import { seededRandom } from '../dist/sim/random.js';
import { drawPass, singlePass, ZONE_M } from '../dist/sim/single-pass.js';
import { siteOf } from '../dist/sim/site-of.js';
import { predecessor, publishedRow } from './judge-predecessor.mjs';

const { values: args } = parseArgs({
  options: {
    passes: { type: 'string', default: '2000' },
    cells: { type: 'string', default: '.*' },
    round: { type: 'string', default: '250' },
    help: { type: 'boolean', default: false },
  },
});
if (args.help) {
  process.stdout.write('node bench/judge.mjs [--passes N] [--cells REGEX of cell names] [--round N]\n');
  process.exit(0);
}
const PASSES = Number(args.passes);
const ROUND = Number(args.round);
const WANTED = new RegExp(args.cells);

const SIZE = { width: 1280, height: 720 };
const POLICY = { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95, detector_error: 0 };
const KMH = 3.6;

const STANDS_S = [0, 0.25, 0.5, 1, 1.5, 2, 3];
const RATES = [10, 15, 30, 'variable'];
const NOISES_PX = [0.5, 1, 1.5];

/** Every cell: who drives (even or soft foot), what is seen, how often. Misses are drawn from 0 … 10 % for each pass. */
function allCells() {
  const cells = [];
  const add = (group, cell) => {
    const what = cell.slowestMps > 0 ? `min ${(cell.slowestMps * KMH).toFixed(1)} km/h` : `D ${cell.standS}`;
    const rate = cell.fps === 'variable' ? 'variable' : `${cell.fps} fps`;
    const name = `${group} · ${cell.camera} · ${rate} · ${cell.noisePx} px · ${what}`;
    cells.push({ group, name, ...cell });
  };
  const base = { camera: 'corner', slowestMps: 0, standS: 0, drift: 0.5, isSoft: false, fps: 15, noisePx: 1 };
  for (const fps of RATES) {
    for (const noisePx of NOISES_PX) for (const standS of STANDS_S) add('even', { ...base, fps, noisePx, standS });
  }
  for (const noisePx of NOISES_PX) for (const standS of STANDS_S) add('white', { ...base, noisePx, standS, drift: 0 });
  for (const noisePx of NOISES_PX)
    for (const standS of STANDS_S) add('soft', { ...base, noisePx, standS, isSoft: true });
  for (const isSoft of [false, true]) {
    for (const slowestMps of [0.25, 0.5, 1, 1.5, 2, 3]) {
      add(isSoft ? 'rolling soft' : 'rolling', { ...base, slowestMps, isSoft });
    }
  }
  for (const camera of Object.keys(CAMERAS)) add('camera', { ...base, camera, standS: 1.5 });
  for (const [fromS, toS] of [
    [0.5, 1.5],
    [-0.5, 1],
    [1.2, 2.6],
    [-0.5, 2.5],
  ]) {
    add(`hidden ${fromS} … ${toS} s`, { ...base, standS: 2, hidden: { fromS, toS } });
  }
  return cells;
}

const sites = new Map();
function siteFor(camera) {
  if (!sites.has(camera)) {
    const view = CAMERAS[camera];
    const site = siteOf({
      name: camera,
      camera: view,
      size: SIZE,
      site: { units: 'km/h', timezone: 'UTC', zoneM: ZONE_M, policy: POLICY },
    });
    const result = siteGeometry(site);
    if (!result.ok) throw new Error(result.problems.join('; '));
    sites.set(camera, { site, geometry: result.geometry, pinhole: pinhole(view, SIZE) });
  }
  return sites.get(camera);
}

/** Errors of one quantity: bias, standard deviation, 95th percentile of the absolute error, coverage in percent. */
class Errors {
  #errors = [];
  #covered = 0;
  #tooHigh = 0;
  #widths = [];

  add({ value, lo, hi }, truth) {
    this.#errors.push(value - truth);
    this.#widths.push(hi - lo);
    if (lo - 1e-9 <= truth && truth <= hi + 1e-9) this.#covered++;
    else if (lo > truth) this.#tooHigh++;
  }

  summary() {
    const n = this.#errors.length;
    if (n === 0) return null;
    const bias = this.#errors.reduce((sum, e) => sum + e, 0) / n;
    const sigma = Math.sqrt(this.#errors.reduce((sum, e) => sum + (e - bias) ** 2, 0) / n);
    const sorted = this.#errors.map(Math.abs).sort((a, b) => a - b);
    const widths = this.#widths.sort((a, b) => a - b);
    return {
      n,
      bias,
      sigma,
      p95: sorted[Math.min(n - 1, Math.floor(0.95 * n))],
      coverage: (100 * this.#covered) / n,
      above: (100 * this.#tooHigh) / n,
      width: widths[n >> 1],
    };
  }
}

/** One cell, to which passes can be added. */
class Measurement {
  #cell;
  #passes = 0;
  #none = 0;
  #judgeMs = 0;
  #encroached = 0;
  #verdicts = {};
  #oldVerdicts = {};
  #old = new Errors();
  #out = {
    stopped: new Errors(),
    minSpeed: new Errors(),
    approach: new Errors(),
    distance: new Errors(),
    braking: new Errors(),
  };

  constructor(cell) {
    this.#cell = cell;
  }

  /** Judges the passes up to number `until`. */
  measure(until) {
    for (; this.#passes < until; this.#passes++) this.#judgeOne(this.#passes);
  }

  #judgeOne(i) {
    const cell = this.#cell;
    const out = this.#out;
    const { site, geometry, pinhole: camera } = siteFor(cell.camera);
    const random = seededRandom(i + 1, cell.name);
    const pass = drawPass(random, cell.standS, cell.slowestMps, cell.isSoft);
    const faults = {
      fps: cell.fps === 'variable' ? 15 : cell.fps,
      isVariable: cell.fps === 'variable',
      noisePx: cell.noisePx,
      drift: cell.drift,
      miss: 0.1 * random.uniform(),
      ...(cell.hidden ? { hidden: cell.hidden } : {}),
    };
    const { samples, truth } = singlePass(pass, faults, camera, random, 1.7e9);
    const begin = performance.now();
    const judged = judgePass({ geometry, site, samples, vehicleClass: 'car', ending: 'crossed' });
    this.#judgeMs += performance.now() - begin;
    if (!judged) {
      this.#none++;
      return;
    }
    this.#verdicts[judged.verdict] = (this.#verdicts[judged.verdict] ?? 0) + 1;
    if (judged.encroached) this.#encroached++;
    out.stopped.add(judged.stoppedS, truth.stoppedS);
    if (judged.minSpeed) out.minSpeed.add(judged.minSpeed, truth.minMps * KMH);
    if (judged.approachSpeed) out.approach.add(judged.approachSpeed, truth.enteredMps * KMH);
    if (judged.stopDistanceM && cell.slowestMps === 0) out.distance.add(judged.stopDistanceM, truth.stopDistanceM);
    if (judged.decelerationMps2) {
      const from = truth.profile.timeAt(-ZONE_M);
      out.braking.add(judged.decelerationMps2.mean, (truth.enteredMps - truth.minMps) / (truth.restS - from));
    }
    const said = cell.group === 'even' ? predecessor(site, samples) : null;
    if (!said) return;
    this.#old.add({ value: said.stopDuration, lo: 0, hi: 0 }, truth.stoppedS);
    this.#oldVerdicts[said.verdict] = (this.#oldVerdicts[said.verdict] ?? 0) + 1;
  }

  summary() {
    const quantities = Object.entries(this.#out).map(([name, errors]) => [name, errors.summary()]);
    return {
      ...this.#cell,
      passes: this.#passes,
      none: this.#none,
      perSecond: Math.round((1000 * this.#passes) / this.#judgeMs),
      ...Object.fromEntries(quantities),
      encroached: this.#encroached,
      verdicts: this.#verdicts,
      predecessor: this.#cell.group === 'even' ? { ...this.#old.summary(), verdicts: this.#oldVerdicts } : null,
    };
  }
}

const f = (value, digits = 3) =>
  value === undefined || value === null ? '–' : value.toFixed(digits).replace('-', '−');
const share = (verdicts, name) => {
  const all = Object.values(verdicts).reduce((sum, n) => sum + n, 0);
  return all === 0 ? '–' : ((100 * (verdicts[name] ?? 0)) / all).toFixed(0);
};

function markdown(results) {
  const lines = [
    '| cell | stop bias s | σ | p95 | coverage % | min speed bias km/h | σ | p95 | coverage % | full/rolling/no/unsure % | distance bias m | coverage % | approach bias km/h | p95 | coverage % | predecessor bias s | σ | p95 |',
    `|${'---|'.repeat(18)}`,
  ];
  for (const r of results) {
    const verdicts = ['full_stop', 'rolling_stop', 'no_stop', 'indeterminate']
      .map((v) => share(r.verdicts, v))
      .join('/');
    const { stopped: d, minSpeed: v, distance: g, approach: a } = r;
    const old = r.predecessor;
    lines.push(
      `| ${r.name} | ${f(d?.bias)} | ${f(d?.sigma)} | ${f(d?.p95)} | ${f(d?.coverage, 1)} | ${f(v?.bias, 2)} | ${f(v?.sigma, 2)} | ${f(v?.p95, 2)} | ${f(v?.coverage, 1)} | ${verdicts} | ${f(g?.bias, 2)} | ${f(g?.coverage, 1)} | ${f(a?.bias, 2)} | ${f(a?.p95, 2)} | ${f(a?.coverage, 1)} | ${f(old?.bias, 2)} | ${f(old?.sigma, 2)} | ${f(old?.p95, 2)} |`,
    );
  }
  return lines.join('\n');
}

const cells = allCells().filter((cell) => WANTED.test(cell.name));
const begun = performance.now();
const published = publishedRow();
process.stderr.write(`predecessor under the published conditions: ${published.map((v) => v.toFixed(2)).join(' ')}\n`);
const measurements = cells.map((cell) => new Measurement(cell));
let results = [];
for (let until = Math.min(ROUND, PASSES); ; until = Math.min(until + ROUND, PASSES)) {
  for (const measurement of measurements) measurement.measure(until);
  results = measurements.map((measurement) => measurement.summary());
  const seconds = (performance.now() - begun) / 1000;
  process.stderr.write(`\n${until} passes a cell, ${seconds.toFixed(0)} s\n\n${markdown(results)}\n`);
  if (until >= PASSES) break;
}
process.stdout.write(
  `${JSON.stringify({ passes: PASSES, policy: POLICY, published, node: process.version, results }, null, 1)}\n`,
);
