/** The whole program on a clip, in a folder of its own that is gone afterwards. Used by live.mjs and memory.mjs. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LiveSocket } from './live-socket.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts the house, lets `work(pid)` run, stops it; what `work` returns. Fails when the house ends before that. */
export async function withHouse({ port, clip, config }, work) {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-bench-'));
  // Postgres runs as another user when started by root, and must be able to enter.
  chmodSync(dir, 0o755);
  const flags = config ? ['--config', resolve(config)] : [];
  const system = spawn(process.execPath, [join(root, 'dist/cli.js'), 'up', ...flags], {
    cwd: dir,
    env: {
      ...process.env,
      PORT: port,
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
    return await Promise.race([ended, work(system.pid)]);
  } finally {
    system.kill('SIGTERM');
    if (system.exitCode === null) await new Promise((done) => system.once('exit', done));
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Hands the live messages of a camera to `onMessage`. @returns the socket */
export async function listen(port, camera, onMessage) {
  for (const deadline = performance.now() + 60_000; ; ) {
    const socket = new LiveSocket(`ws://127.0.0.1:${port}/ws/metadata?camera=${camera}`);
    const isOpen = await new Promise((done) => {
      socket.once('open', () => done(true));
      socket.once('error', () => done(false));
    });
    if (isOpen) {
      socket.on('message', (data) => onMessage(JSON.parse(data.toString())));
      return socket;
    }
    if (performance.now() > deadline) throw new Error('the system did not come up within 60 s');
    await pause(250);
  }
}

/** The samples of one family of /metrics: the label `actor` → value. */
export async function metric(port, name) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.matchAll(new RegExp(`^${name}\\{actor="([^"]+)"\\} (\\S+)$`, 'gm'));
  return Object.fromEntries([...lines].map(([, actor, value]) => [actor, Number(value)]));
}
