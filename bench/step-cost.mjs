#!/usr/bin/env node
/**
 * What one step of the judge costs on one core with 1, 10 and 100 vehicles in view, and whether its memory grows over an
 * hour of traffic. JSON on stdout, a few lines to read on stderr.
 *
 *   node --expose-gc bench/step-cost.mjs [--seconds 60] [--minutes 60]
 *
 * Traffic is made up: lanes of vehicles that drive through the picture at 3 to 12 m/s, some of which stand for some
 * seconds, boxes off by 1 px, 30 frames a second; for the hour ten vehicles in view at 10 frames a second. An observation
 * is one frame with all its boxes. Heap is what is left after a collection; the state is the analyzer's snapshot as JSON, which
 * holds everything that a step can see. Needs a build (npm run build:node).
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = process.env.STOPSIGN_DIST ?? join(root, 'dist');
const { createAnalyzer, step } = await import(join(dist, 'domain/site-analyzer.js'));
const { snapshotAnalyzer } = await import(join(dist, 'domain/snapshot/analyzer-snapshot.js'));
const { siteSchema } = await import(join(dist, 'config/site.js'));
const { seededRandom } = await import(join(dist, 'sim/random.js'));

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, minutes: { type: 'string', default: '60' } },
});
const site = siteSchema.parse(
  parse(readFileSync(join(root, 'test/fixtures/sites/synthetic-street.yaml'), 'utf8')).site,
);
const LANES = 20;

/** Vehicles that drive through the picture, each in a lane of its own height; who leaves comes again as another. */
class Traffic {
  constructor(count) {
    this.random = seededRandom(7, 'traffic');
    this.vehicles = Array.from({ length: count }, (_, k) => this.newcomer(k, 0, this.random.between(0, 1280)));
  }

  newcomer(k, t, x) {
    const lane = k % LANES;
    const stands = this.random.uniform() < 0.4;
    return {
      x,
      t,
      lane,
      speed: this.random.between(60, 240) * (lane % 2 === 0 ? 1 : -1),
      standAt: stands ? this.random.between(300, 900) : null,
      standS: stands ? this.random.between(1, 12) : 0,
    };
  }

  at(t, frame) {
    const detections = this.vehicles.map((vehicle, k) => {
      const dt = t - vehicle.t;
      vehicle.t = t;
      const isAt = vehicle.standAt !== null && (vehicle.x - vehicle.standAt) * Math.sign(vehicle.speed) >= 0;
      if (isAt && vehicle.standS > 0) vehicle.standS -= dt;
      else vehicle.x += vehicle.speed * dt;
      if (vehicle.x < -100 || vehicle.x > 1380) {
        this.vehicles[k] = this.newcomer(k, t, vehicle.speed > 0 ? -60 : 1340);
        return this.box(this.vehicles[k]);
      }
      return this.box(vehicle);
    });
    return { tsUtc: t, frame, detections };
  }

  box({ x, lane }) {
    const y = 180 + 24 * lane;
    const height = 20 + 2 * lane;
    const edge = () => this.random.normal();
    return {
      bbox: [x - height + edge(), y + edge(), x + height + edge(), y + height + edge()],
      score: this.random.between(0.6, 0.9),
      class: 'car',
    };
  }
}

const cost = [1, 10, 100].map((vehicles) => measure(vehicles, 30, Number(values.seconds)));
const hour = memory(10, 10, Number(values.minutes));
const cpu = cpus()[0]?.model ?? 'unknown';
console.log(JSON.stringify({ made: new Date().toISOString(), node: process.version, cpu, cost, hour }, null, 1));

function measure(vehicles, fps, seconds) {
  const traffic = new Traffic(vehicles);
  const observations = Array.from({ length: seconds * fps }, (_, frame) => traffic.at(frame / fps, frame));
  let state = analyzer();
  const warm = Math.floor(observations.length / 4);
  const took = [];
  let events = 0;
  let cpuBegan = process.cpuUsage();
  observations.forEach((observation, k) => {
    if (k === warm) cpuBegan = process.cpuUsage();
    const began = process.hrtime.bigint();
    const [next, output] = step(state, observation);
    const ended = process.hrtime.bigint();
    state = next;
    events += output.events.length;
    if (k >= warm) took.push(Number(ended - began) / 1000);
  });
  // Processor time, collections included: it does not depend on who else wants the machine.
  const { user, system } = process.cpuUsage(cpuBegan);
  const mean = (user + system) / took.length;
  took.sort((a, b) => a - b);
  const result = {
    vehicles,
    observations_per_s: Math.round(1e6 / mean),
    boxes_per_s: Math.round((vehicles * 1e6) / mean),
    cpu_us: round(mean),
    p50_us: round(took[took.length >> 1]),
    p99_us: round(took[Math.floor(took.length * 0.99)]),
    events,
  };
  process.stderr.write(`${vehicles} vehicles: ${result.observations_per_s} observations/s, p99 ${result.p99_us} µs\n`);
  return result;
}

function memory(vehicles, fps, minutes) {
  if (!globalThis.gc) {
    process.stderr.write('no memory measured: run with --expose-gc\n');
    return null;
  }
  const traffic = new Traffic(vehicles);
  let state = analyzer();
  const heap = [];
  for (let frame = 0; frame <= minutes * 60 * fps; frame++) {
    if (frame % (60 * fps) === 0) {
      globalThis.gc();
      heap.push({
        minute: frame / (60 * fps),
        mb: process.memoryUsage().heapUsed / 2 ** 20,
        stateKb: JSON.stringify(snapshotAnalyzer(state)).length / 1024,
        tracks: state.vehicles.size,
      });
    }
    [state] = step(state, traffic.at(frame / fps, frame));
  }
  // The first ten minutes fill histories and caches.
  const later = heap.filter(({ minute }) => minute >= Math.min(10, minutes / 3));
  const result = {
    vehicles,
    fps,
    minutes,
    heap_mb_per_hour: round(slope(later.map(({ minute, mb }) => [minute / 60, mb]))),
    heap_mb: heap.filter((_, k) => k % 10 === 0).map(({ mb }) => round(mb)),
    state_kb_per_hour: round(slope(later.map(({ minute, stateKb }) => [minute / 60, stateKb]))),
    state_kb: heap.filter((_, k) => k % 10 === 0).map(({ stateKb }) => Math.round(stateKb)),
    most_tracks: Math.max(...heap.map(({ tracks }) => tracks)),
    next_track_id: state.tracker.nextId,
  };
  process.stderr.write(`${minutes} minutes: ${result.heap_mb_per_hour} MB an hour (${result.heap_mb.join(', ')})\n`);
  return result;
}

function analyzer() {
  return createAnalyzer({ camera: 'bench', site, configVersion: '1', modelSha256: null, firstTrackId: 1 });
}

function slope(points) {
  const mean = (k) => points.reduce((sum, p) => sum + p[k], 0) / points.length;
  const [mx, my] = [mean(0), mean(1)];
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx;
}

function round(value) {
  return Math.round(value * 100) / 100;
}
