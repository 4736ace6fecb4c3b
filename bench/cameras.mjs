#!/usr/bin/env node
/**
 * Several cameras in one analyzer: starts the whole program, publishes the demo clip once for each camera into its hub over
 * RTSP, listens to every camera's metadata like a browser. JSON on stdout, a table on stderr.
 *
 *   node bench/cameras.mjs [--cameras 2,4] [--seconds 60] [--fps 30] [--gate] [--port 18180] [--house DIR] [--out FILE]
 *
 * Figures per camera: frames decoded and analysed a second, decode-to-WebSocket latency, and how evenly the analysed frames
 * lie: the gaps between their capture times in frames of the camera (p5, p50, p95, max) and their deviation from the mean.
 * Fairness: the smallest share of its frames that a camera had analysed over the largest. CPU: all processes but the
 * publishers. `--fps 60` plays the clip at twice its speed. Limit: one host does all, the publishers too.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const WARM_UP_S = 15;

if (typeof WebSocket === 'undefined') {
  const again = spawn(process.execPath, ['--experimental-websocket', '--no-warnings', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  again.on('exit', (code) => process.exit(code ?? 1));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => again.kill(signal));
} else {
  await main();
}

async function main() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const { values } = parseArgs({
    options: {
      cameras: { type: 'string', default: '2,4' },
      seconds: { type: 'string', default: '60' },
      fps: { type: 'string', default: '30' },
      gate: { type: 'boolean', default: false },
      port: { type: 'string', default: '18180' },
      house: { type: 'string', default: root },
      out: { type: 'string' },
    },
  });
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-cameras-'));
  // Postgres runs as another user when started by root, and must be able to enter.
  chmodSync(dir, 0o755);
  try {
    const clip = clipOf(root, Number(values.fps), dir);
    const runs = [];
    for (const count of values.cameras.split(',').map(Number)) {
      runs.push(await run({ ...values, root, dir, clip, count, seconds: Number(values.seconds) }));
    }
    const report = {
      date: new Date().toISOString(),
      machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version },
      sourceFps: Number(values.fps),
      motionGate: values.gate,
      runs,
    };
    const json = JSON.stringify(report, null, 2);
    if (values.out) writeFileSync(values.out, `${json}\n`);
    console.log(json);
    console.error(table(report));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The demo clip itself, or twice as fast. */
function clipOf(root, fps, dir) {
  const demo = join(root, 'demo/demo.mp4');
  if (fps === 30) return demo;
  const clip = join(dir, `demo-${fps}.mp4`);
  const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', String(fps), '-b:v', '3M'];
  const filter = ['-vf', `setpts=PTS*30/${fps}`, '-r', String(fps)];
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', demo, ...filter, ...encoder, '-an', clip], { stdio: 'inherit' });
  return clip;
}

async function run({ root, dir, clip, count, seconds, port, gate, house }) {
  const names = Array.from({ length: count }, (_, i) => `cam${i + 1}`);
  const first = Number(port);
  const hub = { rtsp: first + 1, webrtc: first + 2, hls: first + 3, api: first + 4 };
  const config = join(dir, `cameras-${count}.yaml`);
  const site = readFileSync(join(root, 'demo/demo.site.yaml'), 'utf8');
  const lines = [
    site,
    'cameras:',
    ...names.map((name) => `  - name: ${name}`),
    ...(gate ? ['inference: { motion_gate: true }'] : []),
    `hub: { rtsp_port: ${hub.rtsp}, webrtc_port: ${hub.webrtc}, hls_port: ${hub.hls}, api_port: ${hub.api} }`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const system = spawn(process.execPath, [join(resolve(house), 'dist/cli.js'), 'up', '--config', config], {
    cwd: dir,
    env: { ...process.env, PORT: port, STOPSIGN_DATA_DIR: join(dir, `data-${count}`), UV_THREADPOOL_SIZE: '16' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((_, reject) => {
    system.once('exit', (code) => reject(new Error(`the system ended with code ${code}`)));
  });
  ended.catch(() => {});
  const publishers = [];
  try {
    return await Promise.race([
      ended,
      (async () => {
        await untilUp(`http://127.0.0.1:${hub.api}/v3/paths/list`);
        for (const name of names) {
          publishers.push(publish(clip, `rtsp://127.0.0.1:${hub.rtsp}/${name}`));
          // So that they do not all show the same scene.
          await pause(1_300);
        }
        return measure({ names, port, seconds, pid: system.pid });
      })(),
    ]);
  } finally {
    for (const publisher of publishers) publisher.kill('SIGKILL');
    system.kill('SIGTERM');
    if (system.exitCode === null) await new Promise((done) => system.once('exit', done));
  }
}

function publish(clip, url) {
  const input = ['-re', '-stream_loop', '-1', '-i', clip, '-an', '-c', 'copy'];
  const output = ['-f', 'rtsp', '-rtsp_transport', 'tcp', '-pkt_size', '1200', url];
  return spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', ...input, ...output], { stdio: 'ignore' });
}

async function measure({ names, port, seconds, pid }) {
  const listeners = [];
  for (const name of names) listeners.push(await listen(name, port));
  await pause(WARM_UP_S * 1_000);
  for (const listener of listeners) listener.reset();
  const began = performance.now();
  const before = usage(pid);
  const loads = [];
  while (performance.now() - began < seconds * 1_000) {
    await pause(Math.min(5_000, seconds * 1_000 - (performance.now() - began)));
    loads.push(loadavg()[0]);
    for (const listener of listeners) listener.note();
  }
  const elapsed = (performance.now() - began) / 1_000;
  const cores = (usage(pid) - before) / elapsed;
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const cameras = listeners.map((listener) => listener.figures(elapsed));
  for (const listener of listeners) listener.close();
  const shares = cameras.map(({ share }) => share);
  const rates = cameras.map(({ analysedPerSecond }) => analysedPerSecond);
  return {
    cameras: names.length,
    seconds: round(elapsed),
    cores: round(cores, 2),
    load: { first: round(loads[0]), last: round(loads.at(-1)) },
    fairness: { share: round(Math.min(...shares) / Math.max(...shares), 3) },
    analysedPerSecond: round(rates.reduce((a, b) => a + b, 0)),
    meanFrameMs: gauge(metrics, 'stopsign_actor_latency_seconds{actor="inference"}'),
    perCamera: cameras,
  };
}

async function listen(camera, port) {
  let socket;
  let frames = [];
  let status = null;
  let decoded = [];
  const sampled = [];
  for (const deadline = performance.now() + 60_000; ; ) {
    socket = new WebSocket(`ws://127.0.0.1:${port}/ws/metadata?camera=${camera}`);
    const opened = await new Promise((done) => {
      socket.onopen = () => done(true);
      socket.onerror = () => done(false);
    });
    if (opened) break;
    if (performance.now() > deadline) throw new Error('the system did not come up within 60 s');
    await pause(250);
  }
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'status') status = message;
    if (message.type !== 'frame') return;
    const latencyMs = performance.timeOrigin + performance.now() - message.stages.decoded / 1_000;
    frames.push({ frame: message.frame, epoch: message.epoch, utc: message.ts_utc, latencyMs });
  };
  return {
    reset: () => {
      frames = [];
      decoded = [];
    },
    note: () => {
      decoded.push(status?.fps.decoded ?? 0);
      sampled.push(status?.sampling ?? null);
    },
    close: () => socket.close(),
    figures: (elapsed) => {
      const decodedPerSecond = mean(decoded);
      const analysedPerSecond = frames.length / elapsed;
      const frameS = 1 / decodedPerSecond;
      const gaps = frames.slice(1).map(({ utc }, i) => (utc - frames[i].utc) / frameS);
      const latencies = frames.map(({ latencyMs }) => latencyMs);
      return {
        camera,
        decodedPerSecond: round(decodedPerSecond, 2),
        analysedPerSecond: round(analysedPerSecond, 2),
        share: round(analysedPerSecond / decodedPerSecond, 3),
        latencyMs: { p50: round(at(latencies, 0.5)), p95: round(at(latencies, 0.95)), max: round(at(latencies, 1)) },
        gapFrames: {
          ...{ p5: round(at(gaps, 0.05)), p50: round(at(gaps, 0.5)), p95: round(at(gaps, 0.95)) },
          max: round(at(gaps, 1)),
        },
        gapDeviation: round(deviation(gaps) / mean(gaps), 3),
        said: sampled.at(-1),
      };
    },
  };
}

/** CPU seconds of a process and all below it, from /proc. */
function usage(root) {
  const all = new Map();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!existsSync(`/proc/${entry}/stat`)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      all.set(Number(entry), { parent: Number(rest[1]), cpu: (Number(rest[11]) + Number(rest[12])) / 100 });
    } catch {}
  }
  const below = (pid) => [pid, ...[...all].filter(([, p]) => p.parent === pid).flatMap(([child]) => below(child))];
  return below(root).reduce((sum, pid) => sum + (all.get(pid)?.cpu ?? 0), 0);
}

async function untilUp(url) {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await pause(250)) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
  }
  throw new Error('the hub did not come up within 60 s');
}

function gauge(metrics, name) {
  const line = metrics.split('\n').find((each) => each.startsWith(name));
  return line ? round(Number(line.slice(name.length)) * 1_000) : null;
}

function table({ sourceFps, runs }) {
  const rows = runs.flatMap((one) =>
    one.perCamera.map((c) =>
      [
        ...[one.cameras, c.camera, c.decodedPerSecond, c.analysedPerSecond, c.share, c.latencyMs.p50, c.latencyMs.p95],
        ...[
          `${c.gapFrames.p5} / ${c.gapFrames.p50} / ${c.gapFrames.p95}`,
          c.gapDeviation,
          one.fairness.share,
          one.cores,
        ],
      ].join(' | '),
    ),
  );
  const head =
    'cameras | camera | decoded/s | analysed/s | share | p50 ms | p95 ms | gaps, frames | deviation | fairness | cores';
  return [`source ${sourceFps} fps`, head, ...rows].join('\n');
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
function round(value, digits = 1) {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
}
function at(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}
function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
