#!/usr/bin/env node
/**
 * How the whole system runs live: starts it on a 720p30 clip, listens to the metadata like a browser, watches the
 * processes from outside. JSON on stdout, a line every 10 s on stderr.
 *
 *   node bench/live.mjs [--minutes 10] [--clip FILE] [--port 18080]
 *
 * Figures: frames decoded and analysed per second, decode-to-WebSocket latency (the analyzer's decode stamp against the
 * arrival here, same host clock), CPU seconds per second and memory of all processes (PSS), memory slope by least
 * squares over the second half. Limit: one host, one viewer without video.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

if (typeof WebSocket === 'undefined') {
  const again = spawn(process.execPath, ['--experimental-websocket', '--no-warnings', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  again.on('exit', (code) => process.exit(code ?? 1));
  process.on('SIGINT', () => again.kill('SIGINT'));
} else {
  await main();
}

async function main() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      clip: { type: 'string' },
      port: { type: 'string', default: '18080' },
    },
  });
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-bench-'));
  // Postgres runs as another user when started by root, and must be able to enter.
  chmodSync(dir, 0o755);
  const clip = values.clip ?? join(root, 'demo/demo.mp4');
  const system = spawn(process.execPath, [join(root, 'dist/cli.js'), 'up'], {
    cwd: dir,
    env: {
      ...process.env,
      PORT: values.port,
      STOPSIGN_DEMO_CLIP: clip,
      STOPSIGN_DATA_DIR: join(dir, 'data'),
      STOPSIGN_MODELS_DIR: process.env.STOPSIGN_MODELS_DIR ?? join(root, 'models'),
      UV_THREADPOOL_SIZE: '16',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  system.stdout.resume();
  try {
    const ended = new Promise((_, reject) => {
      system.once('exit', (code) => reject(new Error(`the system ended with code ${code}`)));
    });
    console.log(
      JSON.stringify(
        await Promise.race([ended, measure(values.port, Number(values.minutes) * 60, system.pid, clip)]),
        null,
        2,
      ),
    );
  } finally {
    system.kill('SIGTERM');
    if (system.exitCode === null) await new Promise((done) => system.once('exit', done));
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(port, seconds, pid, clip) {
  const latencies = [];
  let frames = 0;
  let status = null;
  const socket = await connect(`ws://127.0.0.1:${port}/ws/metadata?camera=demo`);
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'status') status = message;
    if (message.type !== 'frame') return;
    frames += 1;
    latencies.push(performance.timeOrigin + performance.now() - message.stages.decoded / 1000);
  };
  await pause(10_000);
  latencies.length = 0;
  frames = 0;
  const began = performance.now();
  const before = usage(pid);
  const memory = [];
  const decoded = [];
  while (performance.now() - began < seconds * 1000) {
    await pause(10_000);
    const elapsed = (performance.now() - began) / 1000;
    const { memoryMb } = usage(pid);
    memory.push([elapsed, memoryMb]);
    decoded.push(status?.fps.decoded ?? 0);
    console.error(`${elapsed.toFixed(0)} s  ${(frames / elapsed).toFixed(2)} analysed/s  ${memoryMb.toFixed(0)} MB`);
  }
  const elapsed = (performance.now() - began) / 1000;
  const after = usage(pid);
  socket.close();
  latencies.sort((a, b) => a - b);
  const at = (share) => Number(latencies[Math.floor(share * (latencies.length - 1))]?.toFixed(2));
  return {
    machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version },
    clip,
    seconds: Number(elapsed.toFixed(1)),
    analysedPerSecond: Number((frames / elapsed).toFixed(2)),
    decodedPerSecond: Number((decoded.reduce((a, b) => a + b, 0) / decoded.length).toFixed(2)),
    decodeToWebSocketMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    cores: Number(((after.cpuSeconds - before.cpuSeconds) / elapsed).toFixed(2)),
    coresByProcess: byName(before, after, elapsed),
    memoryMb: {
      first: memory[0]?.[1],
      last: memory.at(-1)?.[1],
      slopeMbPerHour: slope(memory.slice(memory.length >> 1)),
    },
    status,
  };
}

async function connect(url) {
  for (const deadline = performance.now() + 60_000; ; ) {
    const socket = new WebSocket(url);
    const opened = await new Promise((done) => {
      socket.onopen = () => done(true);
      socket.onerror = () => done(false);
    });
    if (opened) return socket;
    if (performance.now() > deadline) throw new Error('the system did not come up within 60 s');
    await pause(250);
  }
}

/** CPU seconds and megabytes of a process and all below it, from /proc. */
function usage(root) {
  const all = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const name = readFileSync(`/proc/${entry}/cmdline`, 'utf8')
        .split('\0')
        .slice(0, 2)
        .map((part) => part.split('/').slice(-2).join('/'))
        .join(' ');
      all.set(Number(entry), {
        parent: Number(rest[1]),
        cpu: (Number(rest[11]) + Number(rest[12])) / 100,
        mb: proportionalKb(entry) / 1024,
        name,
      });
    } catch {}
  }
  const below = (pid) => [pid, ...[...all].filter(([, p]) => p.parent === pid).flatMap(([child]) => below(child))];
  const mine = below(root).flatMap((pid) => (all.has(pid) ? [[pid, all.get(pid)]] : []));
  return {
    cpuSeconds: mine.reduce((sum, [, p]) => sum + p.cpu, 0),
    memoryMb: mine.reduce((sum, [, p]) => sum + p.mb, 0),
    processes: new Map(mine),
  };
}

/** Shared pages count by their share (PSS), so that the sum over processes is right. */
function proportionalKb(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}

function byName(before, after, elapsed) {
  const rows = {};
  for (const [pid, p] of after.processes) {
    const cores = (p.cpu - (before.processes.get(pid)?.cpu ?? 0)) / elapsed;
    if (cores >= 0.005) rows[`${p.name} (${pid})`] = { cores: Number(cores.toFixed(3)), memoryMb: Math.round(p.mb) };
  }
  return rows;
}

/** Least squares, MB per hour. */
function slope(points) {
  if (points.length < 3) return null;
  const n = points.length;
  const mx = points.reduce((s, [x]) => s + x, 0) / n;
  const my = points.reduce((s, [, y]) => s + y, 0) / n;
  const sxy = points.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0);
  const sxx = points.reduce((s, [x]) => s + (x - mx) ** 2, 0);
  return Number(((sxy / sxx) * 3600).toFixed(2));
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
