#!/usr/bin/env node
/**
 * Breaks a running house in every way it knows, again and again, and measures how it recovers. JSON on stdout, the
 * markdown table in FILE.md, a line a fault on stderr.
 *
 *   node bench/faults.mjs [--times 20] [--port 18390] [--out faults.json] [--only inference] [--minutes 120]
 *
 * The house plays the demo, whose clip keeps time with the wall clock: one lap without a fault says which passes to
 * expect at which moment of a lap; one that is missing later, while its vehicle was in view during a fault, is lost.
 *   detected   from the injection to the begin of the first incident that tells of it
 *   recovered  from the injection until frames are analysed again and /ready says yes
 *   frames     pictures of the camera whose result no viewer got
 *   unnoticed  no incident within 30 s
 *   wrong      looks (20 a second) at which /ready said yes although no frame had been analysed for more than 6 s
 * Faults that end a process are half a minute apart for each process: the launcher then takes each for the first.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const LAP_S = 60;
const APART_MS = 28_000;
const LOOK_MS = 50;
const NOTICED_WITHIN_MS = 30_000;
const RECOVERED_WITHIN_MS = 90_000;
const WRONG_AFTER_MS = 6_000;
/** Passes are expected at the same moment of each lap, give or take. */
const SAME_S = 2.5;

/** A pass is told and stored so long after its end. */
const TOLD_AFTER_S = 8;
const CONTROL_MS = 6_000;

/** `ends`: the process that this fault ends. */
const FAULTS = [
  // What the same count of passes says when nothing is done: the demo's laps are not all alike to the detector.
  ['nothing', 'nothing'],
  ['inference', 'throw'],
  ['inference', 'kill'],
  ['inference', 'hang'],
  ['inference', 'mute'],
  ['inference', 'swallow'],
  ['inference', 'corrupt'],
  ['inference', 'leak'],
  ['inference', 'slow', { factor: 25, seconds: 12 }],
  ['tracker:demo', 'throw'],
  ['tracker:demo', 'kill'],
  ['tracker:demo', 'hang'],
  ['tracker:demo', 'swallow'],
  ['decoder:demo', 'kill'],
  ['decoder:demo', 'hang'],
  ['decoder:demo', 'swallow', { seconds: 30 }],
  ['persister', 'kill'],
  ['persister', 'hang'],
  ['persister', 'descriptors', { seconds: 5 }],
  ['inference', 'hang-native', { ends: 'analyzer' }],
  ['gateway', 'kill', { ends: 'analyzer' }],
  ['gateway', 'hang', { ends: 'analyzer' }],
  ['supervisor', 'hang', { ends: 'analyzer' }],
  ['analyzer', 'kill', { ends: 'analyzer' }],
  ['analyzer', 'hang', { ends: 'analyzer', seconds: 60 }],
  ['hub', 'kill', { ends: 'hub' }],
  ['hub', 'hang', { ends: 'hub', seconds: 60 }],
  ['camera', 'kill', { ends: 'camera' }],
  ['camera', 'hang', { ends: 'camera', seconds: 8 }],
  ['postgres', 'stop', { ends: 'postgres', seconds: 20 }],
];

async function main() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '20' },
      port: { type: 'string', default: '18390' },
      out: { type: 'string' },
      only: { type: 'string', default: '' },
      minutes: { type: 'string', default: '240' },
    },
  });
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-faults-'));
  // Postgres runs as another user when started by root, and must be able to enter.
  chmodSync(dir, 0o755);
  const house = new House(root, dir, values.port, values.out && `${values.out}.log`);
  const stop = () => house.close().finally(() => process.exit(1));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    await house.healthy(60_000);
    await house.login();
    const laps = [await house.passesOfOneLap()];
    const keep = (runs) => {
      const rows = summarize(runs, laps[0], house.passes);
      const passes = [...house.passes.values()];
      if (values.out) writeFileSync(values.out, JSON.stringify({ rows, runs, lap: laps[0], passes }, null, 1));
      if (values.out) writeFileSync(values.out.replace(/\.json$/, '.md'), table(rows));
    };
    const runs = await injectAll(house, values, keep);
    await pause(10_000);
    await house.fetchPasses();
    const passes = await house.ask('passes.recent', { limit: 200 });
    const report = {
      machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() },
      at: new Date().toISOString(),
      expectedPassesALap: laps[0].length,
      rows: summarize(runs, laps[0], house.passes),
      runs,
      passesStored: passes.length,
    };
    const text = JSON.stringify(report, null, 1);
    keep(runs);
    console.log(text);
    console.error(table(report.rows));
  } finally {
    await house.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** All of them in turn, those that end a process with enough time in between. */
async function injectAll(house, { times, only, minutes }, keep) {
  const left = FAULTS.filter(([room]) => room.startsWith(only)).map((fault) => ({ fault, times: Number(times) }));
  const ended = new Map();
  const until = performance.now() + Number(minutes) * 60_000;
  const runs = [];
  const isRipe = ({ fault: [, , { ends } = {}] }) => !ends || performance.now() - (ended.get(ends) ?? -1e9) > APART_MS;
  while (left.some((one) => one.times > 0) && performance.now() < until) {
    // What has to wait for its turn most goes first; then what was done least.
    const ripe = left.filter((one) => one.times > 0 && isRipe(one));
    const next = ripe.sort((a, b) => Number(!!b.fault[2]?.ends) - Number(!!a.fault[2]?.ends) || b.times - a.times)[0];
    if (!next) {
      await pause(500);
      continue;
    }
    next.times -= 1;
    const [room, kind, { ends, ...more } = {}] = next.fault;
    const run = await house.suffer(room, kind, more).catch((error) => {
      console.error(`${room} ${kind}: ${error.message}`);
      return null;
    });
    if (ends) ended.set(ends, performance.now());
    if (!run) continue;
    runs.push(run);
    keep(runs);
    const ms = (value) => (value === null ? '–' : `${(value / 1000).toFixed(2)} s`);
    console.error(
      `${runs.length} ${room} ${kind}: detected ${ms(run.detectedMs)} (${run.cause}) recovered ${ms(run.recoveredMs)} frames ${run.framesLost} exits ${run.exits} wrong ${run.wrong}`,
    );
  }
  return runs;
}

class House {
  constructor(root, dir, port, logFile) {
    this.base = `http://127.0.0.1:${port}`;
    this.token = 'a-token-for-the-benchmark';
    this.cookie = null;
    this.exits = 0;
    /** Capture times of analysed frames of the last minutes, s. */
    this.frames = [];
    this.passes = new Map();
    this.lastFrameMs = -1e9;
    this.isClosed = false;
    this.system = spawn(process.execPath, [join(root, 'dist/cli.js'), 'up', '--enable-faults'], {
      cwd: dir,
      env: {
        ...process.env,
        PORT: port,
        STOPSIGN_DATA_DIR: join(dir, 'data'),
        STOPSIGN_ADMIN_TOKEN: this.token,
        STOPSIGN_MODELS_DIR: process.env.STOPSIGN_MODELS_DIR ?? join(root, 'models'),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.ended = new Promise((done) => this.system.once('exit', (code) => done(code)));
    this.ended.then((code) => {
      if (!this.isClosed) console.error(`THE HOUSE HAS ENDED with code ${code}`);
    });
    let rest = '';
    this.system.stdout.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      if (logFile) appendFileSync(logFile, `${lines.join('\n')}\n`);
      this.exits += lines.filter((line) => line.includes('; starting it again')).length;
    });
    this.watch();
  }

  /** Stays connected over every outage. */
  async watch() {
    while (!this.isClosed) {
      await new Promise((done) => {
        const socket = new WebSocket(`${this.base.replace('http', 'ws')}/ws/metadata?camera=demo`);
        this.socket = socket;
        socket.onclose = done;
        socket.onerror = done;
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.type === 'event' && message.event.type === 'pass') {
            this.passes.set(message.event.id, message.event);
          }
          if (message.type !== 'frame') return;
          this.lastFrameMs = performance.now();
          this.frames.push(message.ts_utc);
          if (this.frames.length > 20_000) this.frames.splice(0, 10_000);
        };
      });
      await pause(50);
    }
  }

  async isReady() {
    try {
      const response = await fetch(`${this.base}/ready`, { signal: AbortSignal.timeout(1_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  async healthy(withinMs) {
    const until = performance.now() + withinMs;
    let since = null;
    while (performance.now() < until) {
      const isWell = performance.now() - this.lastFrameMs < 500 && (await this.isReady());
      since = isWell ? (since ?? performance.now()) : null;
      if (since !== null && performance.now() - since > 1_000) return;
      await pause(LOOK_MS);
    }
    throw new Error(`the house is not well after ${withinMs / 1000} s`);
  }

  async login() {
    const response = await this.post('admin.login', { token: this.token });
    this.cookie = response.headers.getSetCookie()[0].split(';')[0];
  }

  post(path, body) {
    const headers = { 'content-type': 'application/json', ...(this.cookie && { cookie: this.cookie }) };
    const signal = AbortSignal.timeout(5_000);
    return fetch(`${this.base}/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal });
  }

  async ask(path, input) {
    const query = encodeURIComponent(JSON.stringify(input));
    const signal = AbortSignal.timeout(4_000);
    const response = await fetch(`${this.base}/trpc/${path}?input=${query}`, { signal });
    return (await response.json()).result.data;
  }

  /** A whole lap without a fault, and what was judged in it. */
  async passesOfOneLap() {
    const fromUtc = Date.now() / 1000;
    await pause((LAP_S + 8) * 1000);
    const lap = [...this.passes.values()].filter(
      ({ entered_utc }) => entered_utc >= fromUtc - 2 && entered_utc < fromUtc + LAP_S - 2,
    );
    return lap.map((pass) => ({ ...interval(pass), verdict: pass.verdict }));
  }

  async suffer(room, kind, more) {
    await this.healthy(RECOVERED_WITHIN_MS);
    await this.fetchPasses();
    if (kind === 'nothing') return this.doNothing();
    const exitsBefore = this.exits;
    const injectedMs = performance.now();
    const injectedUtc = Date.now() / 1000;
    const inject = () => this.post('admin.fault', { room, kind, ...more }).catch(() => null);
    let response = await inject();
    if (response?.status === 401) {
      // A new gateway knows no sessions of the old one.
      await this.login();
      response = await inject();
    }
    // No answer: what was hit is what should have answered.
    if (response && !response.ok) throw new Error(`${room} ${kind}: ${response.status} ${await response.text()}`);
    const isBrief = more.seconds !== undefined && !['hang', 'stop'].includes(kind);
    let incident = null;
    let outageEndMs = null;
    let sawOutage = false;
    let wrong = 0;
    while (performance.now() - injectedMs < RECOVERED_WITHIN_MS) {
      const nowMs = performance.now();
      const isFlowing = nowMs - this.lastFrameMs < 500;
      const isReady = await this.isReady();
      if (isReady && nowMs - this.lastFrameMs > WRONG_AFTER_MS) wrong += 1;
      if (!isReady || !isFlowing) {
        sawOutage = true;
        outageEndMs = null;
      } else outageEndMs ??= nowMs;
      incident ??= await this.incidentSince(injectedUtc);
      const waitedMs = nowMs - injectedMs;
      if (incident && outageEndMs !== null && nowMs - outageEndMs > 1_000 && waitedMs > (more.seconds ?? 1) * 1_000)
        break;
      if (incident && outageEndMs !== null && nowMs - outageEndMs > 1_000 && !isBrief) break;
      if (!incident && waitedMs > NOTICED_WITHIN_MS) break;
      await pause(LOOK_MS);
    }
    const recoveredMs = outageEndMs === null ? null : sawOutage ? outageEndMs - injectedMs : 0;
    const detectedMs = incident ? (incident.startedUtc - injectedUtc) * 1000 : null;
    return {
      room,
      kind,
      injectedUtc,
      cause: incident ? `${incident.stage} ${incident.cause}` : null,
      detectedMs,
      recoveredMs: recoveredMs === null ? null : Math.max(recoveredMs, detectedMs ?? 0),
      framesLost: this.lostSince(injectedUtc),
      exits: this.exits - exitsBefore,
      wrong,
      endedUtc: Date.now() / 1000,
    };
  }

  /** What no viewer was told while the page was away is stored all the same. */
  async fetchPasses() {
    const stored = await this.ask('passes.recent', { limit: 100 }).catch(() => []);
    for (const pass of stored) this.passes.set(pass.id, pass);
  }

  async doNothing() {
    const injectedUtc = Date.now() / 1000;
    await pause(CONTROL_MS);
    const seen = await this.incidentSince(injectedUtc);
    return {
      room: 'nothing',
      kind: 'nothing',
      injectedUtc,
      cause: seen ? `${seen.stage} ${seen.cause}` : null,
      detectedMs: 0,
      recoveredMs: 0,
      framesLost: this.lostSince(injectedUtc),
      exits: 0,
      wrong: 0,
      endedUtc: Date.now() / 1000,
    };
  }

  async incidentSince(utc) {
    try {
      const incidents = await this.ask('incidents.recent', { limit: 20 });
      const own = incidents.filter(({ cause, startedUtc }) => cause !== 'fault' && startedUtc > utc - 0.01);
      return own.sort((a, b) => a.startedUtc - b.startedUtc)[0] ?? null;
    } catch {
      return null;
    }
  }

  /** By the gaps between capture times. */
  lostSince(utc) {
    const times = this.frames.filter((ts) => ts > utc - 1).sort((a, b) => a - b);
    const gaps = times.slice(1).map((ts, i) => ts - times[i]);
    const step = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 1;
    return gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / step) - 1), 0);
  }

  async close() {
    this.isClosed = true;
    this.socket?.close();
    if (this.system.exitCode === null) this.system.kill('SIGTERM');
    await this.ended;
  }
}

const interval = ({ entered_utc, exited_utc }) => ({ phase: entered_utc % LAP_S, seconds: exited_utc - entered_utc });

/** Passes that a lap without faults has, whose vehicle was in view during the fault, and that nobody told of. */
function passesLost(run, lap, passes) {
  let lost = 0;
  let incomplete = 0;
  for (const expected of lap) {
    const first = Math.floor(run.injectedUtc / LAP_S) - 1;
    for (let n = first; n <= first + 3; n += 1) {
      const entered = n * LAP_S + expected.phase;
      if (entered > run.endedUtc || entered + expected.seconds < run.injectedUtc) continue;
      // It may still come.
      if (entered + expected.seconds + TOLD_AFTER_S > Date.now() / 1000) continue;
      const found = [...passes.values()].find(
        (pass) =>
          Math.abs(pass.exited_utc - entered - expected.seconds) < SAME_S ||
          Math.abs(pass.entered_utc - entered) < SAME_S,
      );
      if (!found) lost += 1;
      else if (!found.complete) incomplete += 1;
    }
  }
  return { lost, incomplete };
}

function summarize(runs, lap, passes) {
  const groups = Map.groupBy ? Map.groupBy(runs, keyOf) : groupBy(runs);
  return [...groups].map(([fault, group]) => {
    const sorted = (key) =>
      group
        .map((run) => run[key])
        .filter((value) => value !== null)
        .sort((a, b) => a - b);
    const at = (key, share) => {
      const values = sorted(key);
      return values.length === 0 ? null : Math.round(values[Math.floor(share * (values.length - 1))]);
    };
    const told = group.map((run) => passesLost(run, lap, passes));
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    return {
      fault,
      n: group.length,
      cause: group.find(({ cause }) => cause)?.cause ?? '–',
      detectedP50Ms: at('detectedMs', 0.5),
      detectedMaxMs: at('detectedMs', 1),
      recoveredP50Ms: at('recoveredMs', 0.5),
      recoveredMaxMs: at('recoveredMs', 1),
      framesLostP50: at('framesLost', 0.5),
      passesLost: sum(told.map(({ lost }) => lost)),
      passesIncomplete: sum(told.map(({ incomplete }) => incomplete)),
      exits: sum(group.map(({ exits }) => exits)),
      unnoticed: group.filter(({ detectedMs }) => detectedMs === null).length,
      wrong: sum(group.map(({ wrong }) => wrong)),
    };
  });
}

function keyOf({ room, kind }) {
  return `${room} ${kind}`;
}

function groupBy(runs) {
  const groups = new Map();
  for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return groups;
}

function table(rows) {
  const s = (ms) => (ms === null ? '–' : (ms / 1000).toFixed(2));
  const head = [
    '| fault | n | seen as | detected p50 / max, s | recovered p50 / max, s | frames p50 | passes lost / incomplete | exits | unnoticed | wrong |',
    '| --- | --: | --- | --: | --: | --: | --: | --: | --: | --: |',
  ];
  const lines = rows.map(
    (r) =>
      `| ${r.fault} | ${r.n} | ${r.cause} | ${s(r.detectedP50Ms)} / ${s(r.detectedMaxMs)} | ${s(r.recoveredP50Ms)} / ${s(r.recoveredMaxMs)} | ${r.framesLostP50} | ${r.passesLost} / ${r.passesIncomplete} | ${r.exits} | ${r.unnoticed} | ${r.wrong} |`,
  );
  return `${[...head, ...lines].join('\n')}\n`;
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

if (typeof WebSocket === 'undefined') {
  const again = spawn(process.execPath, ['--experimental-websocket', '--no-warnings', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  again.on('exit', (code) => process.exit(code ?? 1));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => again.kill(signal));
} else {
  await main();
}
