#!/usr/bin/env node
/**
 * How long a person waits for the picture: time to the first frame, and how the page gets over the death of the hub, the camera,
 * the network path and the analyzer. A real browser before the whole program. JSON on stdout, tables on stderr. Needs Chromium
 * (CHROMIUM, or where Debian puts it).
 *
 *   node bench/reconnect.mjs [--loads 10] [--times 5] [--painted 1] [--causes hub,camera,network,analyzer] [--outage 8]
 *     [--port 18180] [--blind]
 *
 * First frame: of a browser that was never here, from the start of the navigation and from the POST of the offer (HLS: from the
 * first request of the playlist; WebRTC is refused before, as for a camera with H.265) to the first requestVideoFrameCallback.
 * Causes: `noticed`, from the blow until the page no longer calls it playing; `back`, how long the cause itself was away (a
 * killed process is started again by the launcher, the network comes back after --outage seconds); `reconnect`, from then to
 * the first moving picture; `frozen`, the longest time between two displayed frames; `fps`, displayed frames a second before the
 * blow and while the cause was away; `black`, paintings of the compositor in which the picture was black, in --painted more runs,
 * of which nothing else is taken, since watching slows them down. --blind hides the held picture, to see that black is found.
 * Limit: one host does all, without a GPU.
 */
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { causesOf } from './reconnect/causes.mjs';
import { openNetworkPath } from './reconnect/network-path.mjs';
import { openWatchedPage } from './reconnect/watched-page.mjs';
import { listen, pause, root, withHouse } from './support/house.mjs';

const FIRST_FRAME_WITHIN_MS = 60_000;
const STEADY_FRAMES = 45;
/** Watched before the blow. */
const BEFORE_MS = 2_000;
/** After the cause is back and the picture moves: the state settles. */
const AFTER_MS = 3_000;
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--autoplay-policy=no-user-gesture-required', '--disable-features=WebRtcHideLocalIpsWithMdns'],
];
const BLOWS_PER_HOUSE = 2;
const { values } = parseArgs({
  options: {
    loads: { type: 'string', default: '10' },
    times: { type: 'string', default: '5' },
    painted: { type: 'string', default: '1' },
    causes: { type: 'string', default: 'hub,camera,network,analyzer' },
    outage: { type: 'string', default: '8' },
    port: { type: 'string', default: '18180' },
    clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
    blind: { type: 'boolean', default: false },
  },
});

const result = await measure();
console.log(JSON.stringify(result, null, 2));
console.error(tables(result));

async function measure() {
  const executablePath = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const firstFrame = await inHouse(() => loads(browser, `http://127.0.0.1:${values.port}`));
    const causes = {};
    for (const name of values.causes.split(',').filter(Boolean)) causes[name] = await blows(browser, name);
    const machine = { cpu: cpus()[0]?.model, load: loadavg()[0], browser: browser.version() };
    return { date: new Date().toISOString(), ...machine, firstFrame, causes };
  } finally {
    await browser.close();
  }
}

/** @param work gets the process id of a house that answers */
function inHouse(work) {
  return withHouse(values, async (pid) => {
    const socket = await listen(values.port, 'demo', () => {});
    socket.close();
    return await work(pid);
  });
}

async function loads(browser, url) {
  const ways = { webrtc: [], hls: [] };
  for (let i = 0; i < Number(values.loads); i++) {
    for (const [way, rows] of Object.entries(ways)) {
      const watched = await openWatchedPage(browser, url, { isHls: way === 'hls' });
      const { startMs, offers, playlistMs, frames } = await untilFrames(watched, 1);
      const askedMs = way === 'hls' ? playlistMs : offers[0];
      rows.push({ fromNavigation: frames[0] - startMs, fromAsking: frames[0] - askedMs });
      console.error(`load ${i + 1}, ${way}: ${whole(frames[0] - startMs)} ms`);
      await watched.close();
    }
  }
  const figures = (rows) => ({
    fromNavigationMs: spread(rows.map(({ fromNavigation }) => fromNavigation)),
    fromAskingMs: spread(rows.map(({ fromAsking }) => fromAsking)),
  });
  return { webrtc: figures(ways.webrtc), hls: figures(ways.hls) };
}

/** One cause; every few blows before a new house, because one that is hit often waits longer before it starts a part again. */
async function blows(browser, name) {
  const { times, painted } = values;
  const kinds = Array.from({ length: Number(times) + Number(painted) }, (_, i) => i >= Number(times));
  const done = [];
  while (done.length < kinds.length) {
    await inHouse(async (pid) => {
      const path = await openNetworkPath(Number(values.port));
      try {
        const strike = causesOf({ pid, port: values.port, path, outageMs: Number(values.outage) * 1_000 })[name];
        for (const isPaintWatched of kinds.slice(done.length, done.length + BLOWS_PER_HOUSE)) {
          done.push(await blow(browser, path, strike, isPaintWatched));
          console.error(`${name} ${done.length}: ${JSON.stringify(done.at(-1))}`);
        }
      } finally {
        path.close();
      }
    });
  }
  const rows = done.slice(0, Number(times));
  const paints = done.slice(Number(times));
  const of = (key) => spread(rows.map((row) => row[key]).filter((value) => value !== null));
  return {
    noticedMs: of('noticedMs'),
    noticedTimes: rows.filter(({ noticedMs }) => noticedMs !== null).length,
    backMs: of('backMs'),
    reconnectMs: of('reconnectMs'),
    frozenMs: of('frozenMs'),
    fpsBefore: of('fpsBefore'),
    fpsWhileAway: of('fpsWhileAway'),
    black: paints.reduce((sum, { black }) => sum + black, 0),
    painted: paints.reduce((sum, paint) => sum + paint.painted, 0),
  };
}

/** One cause, once, before a page of its own. */
async function blow(browser, path, strike, isPaintWatched) {
  const watched = await openWatchedPage(browser, path.url, { path });
  try {
    const before = await untilFrames(watched, STEADY_FRAMES);
    if (values.blind) await watched.page.addStyleTag({ content: '.stage-still { visibility: hidden }' });
    const unwatch = isPaintWatched ? await watched.watchPaint() : null;
    await pause(BEFORE_MS);
    const struckMs = Date.now();
    const backAtMs = await strike();
    await untilFrames(watched, before.frames.length + STEADY_FRAMES, backAtMs);
    await pause(AFTER_MS);
    const { frames, stops } = await watched.read();
    const paint = await unwatch?.();
    const gap = longestGap(frames.filter((ms) => ms > struckMs - 100));
    const fps = (fromMs, toMs) => frames.filter((ms) => ms > fromMs && ms <= toMs).length / ((toMs - fromMs) / 1_000);
    const noticed = stops.find((ms) => ms > struckMs);
    return {
      noticedMs: noticed === undefined ? null : whole(noticed - struckMs),
      backMs: whole(backAtMs - struckMs),
      reconnectMs: noticed === undefined ? null : whole(gap.toMs - backAtMs),
      frozenMs: whole(gap.ms),
      fpsBefore: whole(fps(struckMs - BEFORE_MS, struckMs)),
      fpsWhileAway: whole(fps(struckMs, backAtMs)),
      ...(paint && { painted: paint.painted, black: paint.black.length }),
    };
  } finally {
    await watched.close();
  }
}

/** @param afterMs given: so many frames, and the newest of them after this moment, with the picture called playing */
async function untilFrames(watched, count, afterMs = 0) {
  for (const deadline = Date.now() + FIRST_FRAME_WITHIN_MS; Date.now() < deadline; await pause(50)) {
    const seen = await watched.read();
    const isPlaying = (await watched.page.locator('.stage.is-playing').count()) > 0;
    const fresh = seen.frames.filter((ms) => ms > afterMs).length;
    if (isPlaying && fresh >= Math.min(count, STEADY_FRAMES)) return seen;
  }
  throw new Error(`no picture within ${FIRST_FRAME_WITHIN_MS / 1_000} s`);
}

function longestGap(frames) {
  let gap = { ms: 0, toMs: frames[0] ?? 0 };
  for (let i = 1; i < frames.length; i++) {
    const ms = frames[i] - frames[i - 1];
    if (ms > gap.ms) gap = { ms, toMs: frames[i] };
  }
  return gap;
}

function spread(list) {
  if (list.length === 0) return null;
  const sorted = list.toSorted((a, b) => a - b);
  return {
    n: sorted.length,
    p50: whole(sorted[Math.ceil(sorted.length / 2) - 1]),
    min: whole(sorted[0]),
    max: whole(sorted.at(-1)),
  };
}

function whole(value) {
  return Math.round(value);
}

function tables({ firstFrame, causes }) {
  const cell = (figures) => (figures === null ? '–' : `${figures.p50} / ${figures.max}`);
  const lines = ['| first frame, ms: p50 / max | from navigation | from the offer or playlist |', '|---|---|---|'];
  for (const [way, { fromNavigationMs, fromAskingMs }] of Object.entries(firstFrame)) {
    lines.push(`| ${way} | ${cell(fromNavigationMs)} | ${cell(fromAskingMs)} |`);
  }
  lines.push(
    '',
    '| killed, ms: p50 / max | noticed | back | reconnect | frozen | fps before, while away (p50) | black |',
  );
  lines.push('|---|---|---|---|---|---|---|');
  for (const [name, row] of Object.entries(causes)) {
    const figures = [row.noticedMs, row.backMs, row.reconnectMs, row.frozenMs].map(cell);
    const fps = `${row.fpsBefore?.p50 ?? '–'}, ${row.fpsWhileAway?.p50 ?? '–'}`;
    lines.push(`| ${name} | ${figures.join(' | ')} | ${fps} | ${row.black} of ${row.painted} |`);
  }
  return lines.join('\n');
}
