/**
 * What can go between a camera and a viewer: how it is broken, and how to know that it is there again. Used by
 * bench/reconnect.mjs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { pause } from '../support/house.mjs';

const LOOK_EVERY_MS = 25;
const BACK_WITHIN_MS = 60_000;

/**
 * @param house {pid, port, path}
 * @returns each with `strike()`: breaks it; resolves, when it is there again, to the moment that was (UTC ms)
 */
export function causesOf({ pid, port, path, outageMs }) {
  const origin = `http://127.0.0.1:${port}`;
  const kill = (pattern) => process.kill(childOf(pid, pattern), 'SIGKILL');
  return {
    hub: async () => {
      kill(/media\/hub\/main\.js/);
      await until(async () => !(await hasStream(origin)), 'the hub to be gone');
      return until(() => hasStream(origin), 'the stream to be at the hub again');
    },
    camera: async () => {
      kill(/ffmpeg.*rtsp:\/\/\S+\/demo/);
      await until(async () => !(await hasStream(origin)), 'the stream to be gone');
      return until(() => hasStream(origin), 'the stream to be at the hub again');
    },
    network: async () => {
      path.cut();
      await pause(outageMs);
      path.mend();
      return Date.now();
    },
    analyzer: async () => {
      kill(/dist\/main\.js/);
      await until(async () => !(await answers(origin)), 'the gateway to be gone');
      return until(() => answers(origin), 'the analyzer to be ready again');
    },
  };
}

/** The hub looks for the stream before it looks at the offer, and this is none. */
async function hasStream(origin) {
  const headers = { 'Content-Type': 'application/sdp' };
  const response = await ask(`${origin}/media/demo/whep`, { method: 'POST', headers, body: 'v=0' });
  return response?.status === 400;
}

async function answers(origin) {
  return (await ask(`${origin}/healthz`))?.status === 200;
}

async function ask(url, init = {}) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response;
  } catch {
    return null;
  }
}

async function until(isSo, what) {
  const endMs = Date.now() + BACK_WITHIN_MS;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`waited ${BACK_WITHIN_MS / 1_000} s for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
  return Date.now();
}

function childOf(parent, pattern) {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (ppid === parent && pattern.test(command)) return Number(entry);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error(`no process ${pattern} below ${parent}`);
}
