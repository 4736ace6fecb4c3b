#!/usr/bin/env node
/**
 * How many viewers one gateway serves: the real gateway thread, fed with live messages at 30 a second, and WebSocket clients
 * in a process of their own, some of which stop reading.
 *
 *   node bench/fanout.mjs [--clients 100,300,1000] [--seconds 15] [--slow 20] [--tracks 5] [--rate 30]
 *
 * For each number of clients: share of the messages that arrived at those who read, latency from the moment a message was
 * written into the ring to the clients' socket callback (one host, one clock), CPU of the gateway's thread and of the clients'
 * process, change of the process' RSS per client (a connection costs some kB: less than what else moves in it). Then, with
 * the largest number, `slow` of them stop reading: what becomes of them, and of the others. JSON on stdout, a table on stderr.
 *
 * Limit: the clients run in one JavaScript thread, whose own queueing is part of the latency; loopback has no loss. Addresses
 * are told by X-Forwarded-For, as behind a reverse proxy: one address may hold 32 connections. Needs a build, and a
 * descriptor limit (`ulimit -n`) above the number of clients.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { LiveSocket } from './support/live-socket.mjs';

const CAMERA = 'bench';
/** Messages that are under way at the end of a step still count. */
const UNDER_WAY_MS = 500;
/** Time for slow ones to be noticed: they are disconnected after 10 s. */
const SLOW_SECONDS = 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const nowMs = () => performance.timeOrigin + performance.now();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const round = (value) => Math.round(100 * value) / 100;

if (process.argv[2] === 'clients') await runClients();
else await main();

async function main() {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '100,300,1000' },
      seconds: { type: 'string', default: '15' },
      slow: { type: 'string', default: '20' },
      tracks: { type: 'string', default: '5' },
      rate: { type: 'string', default: '30' },
    },
  });
  const gateway = await openGateway();
  const clients = fork(fileURLToPath(import.meta.url), ['clients'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ask = async (question) => {
    clients.send(question);
    const [answer] = await once(clients, 'message');
    return answer;
  };
  const feed = startFeed(gateway, Number(values.tracks), Number(values.rate));
  const steps = [];
  try {
    await pause(3_000);
    const idleMb = rssMb();
    const measure = async (step) => {
      const from = feed.next();
      await ask({ type: 'begin', from });
      const before = { at: nowMs(), cpu: gateway.cpuMs() };
      await pause(step.seconds * 1_000);
      const ms = nowMs() - before.at;
      const cores = (gateway.cpuMs() - before.cpu) / ms;
      const to = feed.next();
      await pause(UNDER_WAY_MS);
      const result = {
        ...step,
        ...(await ask({ type: 'end', sent: to - from, to, ms })),
        gatewayCores: round(cores),
        ...gateway.viewers(),
      };
      steps.push({ ...result, messageBytes: feed.bytes });
      console.error(JSON.stringify(steps.at(-1)));
    };
    for (const count of values.clients.split(',').map(Number)) {
      await ask({ type: 'connect', count, port: gateway.port });
      await pause(1_000);
      const kbPerClient = round((1_024 * (rssMb() - idleMb)) / count);
      await measure({ clients: count, slow: 0, seconds: Number(values.seconds), kbPerClient });
    }
    const slow = Number(values.slow);
    if (slow > 0) {
      await ask({ type: 'stall', count: slow });
      await measure({ clients: steps.at(-1).clients, slow, seconds: SLOW_SECONDS });
    }
  } finally {
    feed.stop();
    clients.kill();
    await gateway.close();
  }
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() };
  console.log(JSON.stringify({ machine, rate: Number(values.rate), tracks: Number(values.tracks), steps }, null, 2));
  console.error(table(steps));
}

function table(steps) {
  const rows = steps.map(
    ({ clients, slow, viewersLeft, delivered, perSecond, latencyMs, gatewayCores, clientCores, kbPerClient }) => {
      const { p50, p95, p99, max } = latencyMs;
      const who = slow > 0 ? `${clients}, ${slow} stuck: ${viewersLeft} stay` : `${clients}`;
      const cells = [who, delivered, perSecond, p50, p95, p99, max, gatewayCores, clientCores, kbPerClient ?? ''];
      return `| ${cells.join(' | ')} |`;
    },
  );
  const head = [
    'clients',
    'delivered',
    'messages/s',
    'p50 ms',
    'p95',
    'p99',
    'max',
    'gateway cores',
    'client cores',
    'RSS, kB/client',
  ];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows].join('\n');
}

/** The gateway room on its thread, in a house without anybody else. */
async function openGateway() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const dist = process.env.STOPSIGN_DIST ?? join(root, 'dist');
  const from = (path) => import(join(dist, path));
  const { House } = await from('actors/runtime/house.js');
  const { RoomThread } = await from('actors/runtime/room-thread.js');
  const { DEFAULT_TIMES } = await from('actors/runtime/child-spec.js');
  const { createRoom } = await from('actors/runtime/create-room.js');
  const { RECORD } = await from('rpc/records.js');
  const { systemClock } = await from('telemetry/clock.js');
  const { createLog } = await from('telemetry/log.js');
  const { loadConfigFile } = await from('config/load.js');
  const { config } = loadConfigFile(join(root, 'demo/demo.site.yaml'));
  const child = (name, reads, writes) => ({ ...DEFAULT_TIMES, name, entry: '', reads, writes, settings: {} });
  const rings = [`tracks:${CAMERA}`, `signals:${CAMERA}`].map((name) => {
    return { name, kind: 'records', spec: { capacity: 2 ** 20 } };
  });
  const hub = {
    rtsp: 'rtsp://127.0.0.1:1',
    webrtc: 'http://127.0.0.1:1',
    hls: 'http://127.0.0.1:1',
    api: 'http://127.0.0.1:1',
  };
  const settings = {
    host: '127.0.0.1',
    port: 0,
    webDir: root,
    hub,
    cameras: [{ name: CAMERA, site: config.site, demo: false, truth: null }],
    databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
    adminToken: 'only for this benchmark',
    viewers: 'public',
    version: 'bench',
    model: { name: 'none', sha256: '' },
  };
  const children = [
    {
      ...child(
        'gateway',
        rings.map(({ name }) => name),
        [],
      ),
      settings,
    },
    child(`decoder:${CAMERA}`, [], [`signals:${CAMERA}`]),
    child('inference', [], []),
    child(`tracker:${CAMERA}`, [], [`tracks:${CAMERA}`]),
    child('persister', [], []),
  ];
  const house = new House({ rings, children });
  const before = new Set(readdirSync('/proc/self/task'));
  const shell = pathToFileURL(join(dist, 'actors/gateway/worker.js'));
  const { port2 } = new MessageChannel();
  const thread = new RoomThread(shell, { ...house.roomData(children[0], 1), supervisor: port2, logLevel: 'warn' });
  await thread.ready;
  const mine = readdirSync('/proc/self/task').filter((task) => !before.has(task));
  const tracker = createRoom(
    { ...house.roomData(children[3], 1), control: null, supervisor: null },
    createLog({ process: 'bench' }),
    systemClock,
  );
  const ring = tracker.recordWriter(`tracks:${CAMERA}`);
  return {
    port: house.board.row('gateway').get('gauge0'),
    publish: (payload) => ring.tryWrite(RECORD.live, payload),
    /** Messages that slow ones lost, and who is still there, as the gateway itself counts. */
    viewers: () => {
      const row = house.board.row('gateway');
      return { dropped: row.get('dropped'), viewersLeft: row.get('gauge1') };
    },
    /** Of the gateway's thread and those it started. */
    cpuMs: () => mine.reduce((sum, task) => sum + taskCpuMs(task), 0),
    close: () => thread.stop(2_000, () => false),
  };
}

function taskCpuMs(task) {
  try {
    return Number(readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

/** After a collection of this thread's own garbage: it is no part of the gateway. */
function rssMb() {
  collect();
  return process.memoryUsage.rss() / 2 ** 20;
}

/** Frames as the tracker writes them; `emitted` comes last, so that clients find it without parsing. */
function startFeed({ publish }, tracks, rate) {
  const box = (id) => ({
    ...{ id, bbox: [100.25, 200.5, 300.75, 400.125], speed: 12.3, speed_unit: 'km/h', direction: 1.57 },
    ...{ is_parked: false, class: 'car', score: 0.91, state: 'approaching' },
  });
  const boxes = Array.from({ length: tracks }, (_, id) => box(id));
  const encoder = new TextEncoder();
  const dimensions = { raw_dimensions: { w: 1280, h: 720 }, scaled_dimensions: { w: 1280, h: 720 } };
  const feed = { bytes: 0, next: () => ticks, stop: () => clearInterval(timer) };
  const began = performance.now();
  let ticks = 0;
  const timer = setInterval(() => {
    for (; ticks < ((performance.now() - began) * rate) / 1_000; ticks += 1) {
      const us = nowMs() * 1_000;
      const stages = { received: us, decoded: us, inferred: us, tracked: us, emitted: us };
      const frame = { v: 1, type: 'frame', ts_utc: us / 1e6, frame: ticks, epoch: 1, rtp: ticks * 3_000 };
      const payload = encoder.encode(JSON.stringify({ ...frame, tracks: boxes, ...dimensions, stages }));
      feed.bytes = payload.length;
      publish(payload);
    }
  }, 5);
  return feed;
}

/** The clients' process: connects, counts, measures, stalls some; one answer a question. */
async function runClients() {
  const sockets = [];
  let latencies = [];
  /** How often each frame arrived. */
  let byFrame = new Map();
  let from = 0;
  let began = { at: 0, cpu: process.cpuUsage() };
  let stalled = 0;
  const closed = {};

  const connect = async (count, port) => {
    while (sockets.length < count) {
      const batch = Array.from({ length: Math.min(50, count - sockets.length) }, (_, i) => {
        const n = sockets.length + i;
        const address = `10.0.${(n >> 4) & 255}.${(n >> 12) + 1}`;
        const headers = { 'x-forwarded-for': address };
        const socket = new LiveSocket(`ws://127.0.0.1:${port}/ws/metadata?camera=${CAMERA}`, headers);
        socket.on('message', (data) => onMessage(n, data));
        socket.on('close', (code) => {
          closed[code] = (closed[code] ?? 0) + 1;
        });
        return socket;
      });
      await Promise.all(batch.map((socket) => once(socket, 'open')));
      sockets.push(...batch);
    }
  };
  const onMessage = (n, data) => {
    const text = data.toString('latin1');
    const at = text.lastIndexOf('"emitted":');
    const frame = Number.parseInt(text.slice(text.indexOf('"frame":') + 8), 10);
    if (at < 0 || n < stalled || frame < from) return;
    byFrame.set(frame, (byFrame.get(frame) ?? 0) + 1);
    latencies.push(nowMs() - Number.parseFloat(text.slice(at + 10)) / 1_000);
  };
  const begin = () => {
    latencies = [];
    byFrame = new Map();
    began = { at: nowMs(), cpu: process.cpuUsage() };
  };
  const end = ({ sent, to, ms }) => {
    const sorted = Float64Array.from(latencies).sort();
    const at = (share) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
    const { user, system } = process.cpuUsage(began.cpu);
    const readers = sockets.length - stalled;
    const arrived = [...byFrame].reduce((sum, [frame, times]) => sum + (frame < to ? times : 0), 0);
    return {
      delivered: Math.round((10_000 * arrived) / (sent * readers)) / 10_000,
      perSecond: Math.round((1_000 * arrived) / ms),
      latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
      clientCores: round((user + system) / 1_000 / (nowMs() - began.at)),
      closedByCode: { ...closed },
    };
  };
  process.on('message', async (question) => {
    if (question.type === 'connect') await connect(question.count, question.port);
    if (question.type === 'begin') {
      from = question.from;
      begin();
    }
    if (question.type === 'stall') {
      stalled = question.count;
      for (const socket of sockets.slice(0, stalled)) socket.pause();
    }
    process.send(question.type === 'end' ? end(question) : {});
  });
}
