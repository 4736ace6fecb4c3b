#!/usr/bin/env node
/**
 * How many WebRTC viewers the built-in hub carries: a stream of a given bit rate, more and more viewers in processes of their own,
 * and for each number the hub's CPU, what got lost, how late pictures come, and how long the first one takes. JSON on stdout,
 * a line a step on stderr. Needs `npm run build` and ffmpeg.
 *
 *   node bench/hub-viewers.mjs [--viewers 1,10,25,50] [--seconds 20] [--kbps 2000] [--processes 2] [--decrypt]
 *
 * Latency: from the publisher's last byte of a picture, seen by a tap before the hub, to its last packet at a viewer, same host
 * clock. Loss: packets that never came, after the viewers' own requests for repetition; the part that the kernel dropped at full
 * receive buffers is the viewers' own slowness. Limit: viewers share the machine with the hub, and cost more than it does.
 */
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const TICK_S = 1 / 100;
const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '1,10,25,50' },
    seconds: { type: 'string', default: '20' },
    kbps: { type: 'string', default: '2000' },
    processes: { type: 'string', default: '2' },
    decrypt: { type: 'boolean', default: false },
  },
});
const steps = [];
for (const count of values.viewers.split(',').map(Number)) {
  const step = await measure(count, Number(values.seconds));
  process.stderr.write(`${JSON.stringify(step)}\n`);
  steps.push(step);
}
console.log(
  JSON.stringify({ cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, ...values, steps }, null, 2),
);

async function measure(count, seconds) {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-bench-'));
  const children = [];
  try {
    const clip = makeClip(dir, Number(values.kbps));
    const ports = { rtspPort: 0, webrtcPort: 0, hlsPort: 0, apiPort: 0 };
    const hub = fork(join(root, 'dist/media/hub/main.js'), {
      env: { ...process.env, STOPSIGN_HUB: JSON.stringify(ports), STOPSIGN_LOG_LEVEL: 'error' },
    });
    children.push(hub);
    const [{ urls }] = await once(hub, 'message');
    const tap = await openTap(Number(new URL(urls.rtsp).port));
    const from = ['-re', '-stream_loop', '-1', '-i', clip, '-an', '-c', 'copy'];
    const to = ['-f', 'rtsp', '-rtsp_transport', 'tcp', '-pkt_size', '1200', `rtsp://127.0.0.1:${tap.port}/cam`];
    children.push(spawn('ffmpeg', ['-loglevel', 'error', '-nostdin', ...from, ...to], { stdio: 'ignore' }));
    await ready(`${urls.api}/v3/paths/get/cam`);

    const firsts = [];
    const failures = [];
    let again = 0;
    const processes = Array.from({ length: Math.min(Number(values.processes), count) }, () => {
      const child = fork(join(root, 'bench/hub-viewers/viewer-process.mjs'));
      child.on('message', ({ first, failed, again: isAgain }) => {
        if (isAgain) again += 1;
        if (first !== undefined) firsts.push(first);
        if (failed !== undefined) failures.push(failed);
      });
      children.push(child);
      return child;
    });
    for (let n = 0; n < count; n += 1) {
      processes[n % processes.length].send({ view: `${urls.webrtc}/cam/whep`, decrypt: values.decrypt });
      await delay(150);
    }
    for (let n = 0; n < 400 && firsts.length + failures.length < count; n += 1) await delay(100);
    await delay(1_000);
    for (const child of processes) child.send({ measure: true });
    const before = snapshot(hub.pid, processes);
    await delay(seconds * 1_000);
    const after = snapshot(hub.pid, processes);
    const results = await Promise.all(
      processes.map(async (child) => {
        const answer = new Promise((resolve) => child.on('message', ({ result }) => result && resolve(result)));
        child.send({ finish: true });
        return answer;
      }),
    );
    const viewers = results.flat();
    const sum = (pick) => viewers.reduce((total, viewer) => total + pick(viewer), 0);
    const latencies = viewers
      .flatMap(({ arrivals }) => arrivals.map(([rtp, atMs]) => atMs - (tap.sent.get(rtp) ?? Number.NaN)))
      .filter(Number.isFinite);
    const share = (key) => round((after[key] - before[key]) / (after.atS - before.atS), 2);
    const expected = sum((viewer) => viewer.expected);
    return {
      viewers: count,
      failed: failures,
      handshakesRepeated: again,
      mbpsEach: round((sum(({ bytes }) => bytes) * 8) / count / seconds / 1e6, 2),
      packetsPerS: Math.round(expected / seconds),
      hubCores: share('hubS'),
      hubRssMb: Math.round(after.hubRssMb),
      viewerCores: share('viewersS'),
      othersCores: round(share('busyS') - share('hubS') - share('viewersS'), 2),
      lostPercent: round(100 * (1 - sum(({ received }) => received) / Math.max(expected, 1)), 3),
      droppedAtViewers: after.udpDrops - before.udpDrops,
      latencyMs: percentiles(latencies),
      firstPictureMs: percentiles(firsts),
      load: loadavg()[0],
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

function makeClip(dir, kbps) {
  const clip = join(dir, 'clip.mp4');
  const rate = ['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`];
  const x264 = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '0',
    '-g',
    '25',
    '-x264-params',
    'nal-hrd=cbr:repeat-headers=1',
  ];
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25,noise=alls=12:allf=t', '-t', '10'];
  execFileSync('ffmpeg', [
    '-loglevel',
    'error',
    '-nostdin',
    '-y',
    ...source,
    '-pix_fmt',
    'yuv420p',
    ...x264,
    ...rate,
    clip,
  ]);
  return clip;
}

/** Forwards the publisher's bytes and notes when the last packet of each picture went to the hub. */
async function openTap(target) {
  const sent = new Map();
  const server = net.createServer((near) => {
    const far = net.connect(target, '127.0.0.1');
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    far.pipe(near);
    let rest = Buffer.alloc(0);
    near.on('data', (chunk) => {
      const atMs = performance.timeOrigin + performance.now();
      far.write(chunk);
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        if (rest.length < 4) return;
        if (rest[0] === 0x24) {
          const end = 4 + rest.readUInt16BE(2);
          if (rest.length < end) return;
          if (rest[1] === 0 && rest[5] & 0x80) sent.set(rest.readUInt32BE(8), atMs);
          rest = rest.subarray(end);
        } else {
          const head = rest.indexOf('\r\n\r\n');
          if (head < 0) return;
          const body = Number(/content-length: *(\d+)/i.exec(rest.toString('latin1', 0, head))?.[1] ?? 0);
          if (rest.length < head + 4 + body) return;
          rest = rest.subarray(head + 4 + body);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  return { port: server.address().port, sent };
}

async function ready(url) {
  for (let n = 0; n < 200; n += 1) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok && (await response.json()).ready) return;
    await delay(100);
  }
  throw new Error('the publisher did not come');
}

function snapshot(hubPid, processes) {
  const busy = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const [user, nice, system, , , irq, softirq] = busy;
  const udp =
    readFileSync('/proc/net/snmp', 'utf8')
      .match(/^Udp: (\d.*)$/m)?.[1]
      .split(' ')
      .map(Number) ?? [];
  return {
    atS: performance.now() / 1_000,
    hubS: cpuOf(hubPid),
    viewersS: processes.reduce((total, { pid }) => total + cpuOf(pid), 0),
    busyS: (user + nice + system + irq + softirq) * TICK_S,
    hubRssMb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${hubPid}/status`, 'utf8'))?.[1]) / 1_024,
    udpDrops: udp[4] ?? 0,
  };
}

function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_S;
}

function percentiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (p) => round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN, 1);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
