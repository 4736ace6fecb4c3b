/** The house under test: started as `stopsign up --enable-faults`, watched like a viewer does, asked like an admin does. */
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from './pause.mjs';

const LOOK_MS = 50;

export class House {
  /** @param root a StopSign that is built: its own clone, when others work on this one */
  constructor({ root, port, logFile }) {
    this.dir = mkdtempSync(join(tmpdir(), 'stopsign-faults-'));
    // Postgres runs as another user when started by root, and must be able to enter.
    chmodSync(this.dir, 0o755);
    this.tmp = join(this.dir, 'tmp');
    mkdirSync(this.tmp);
    chmodSync(this.tmp, 0o1777);
    this.data = join(this.dir, 'data');
    this.base = `http://127.0.0.1:${port}`;
    this.token = 'a-token-for-the-benchmark';
    this.cookie = null;
    /** Ends of processes that nobody asked for, by part. */
    this.exits = {};
    /** Capture times of analysed frames of the last minutes, s. */
    this.frames = [];
    /** By id: told to a viewer; read from the store. */
    this.told = new Map();
    this.stored = new Map();
    this.lastFrameMs = -1e9;
    /** By so much the house's clock was made to jump ahead at times, s. */
    this.aheadS = 0;
    this.isClosed = false;
    this.hasEnded = false;
    this.system = spawn(process.execPath, [join(root, 'dist/cli.js'), 'up', '--enable-faults'], {
      cwd: this.dir,
      env: {
        ...process.env,
        PORT: String(port),
        TMPDIR: this.tmp,
        STOPSIGN_DATA_DIR: this.data,
        STOPSIGN_ADMIN_TOKEN: this.token,
        STOPSIGN_MODELS_DIR: process.env.STOPSIGN_MODELS_DIR ?? join(root, 'models'),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.ended = new Promise((done) => this.system.once('exit', (code) => done(code)));
    this.ended.then((code) => {
      this.hasEnded = true;
      if (!this.isClosed) console.error(`THE HOUSE HAS ENDED with code ${code}`);
    });
    let rest = '';
    this.system.stdout.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      if (logFile) appendFileSync(logFile, `${lines.join('\n')}\n`);
      for (const line of lines.filter((one) => one.includes('; starting it again'))) {
        const { part } = JSON.parse(line);
        this.exits[part] = (this.exits[part] ?? 0) + 1;
      }
    });
    this.watch();
  }

  /** All passes that anybody knows of; what is stored may be more complete. */
  get passes() {
    return [...new Map([...this.told, ...this.stored]).values()];
  }

  /** Stays connected over every outage. */
  async watch() {
    while (!this.isClosed) {
      await new Promise((done) => {
        const socket = new WebSocket(`${this.base.replace('http', 'ws')}/ws/metadata?camera=demo`);
        this.socket = socket;
        socket.onclose = done;
        socket.onerror = done;
        socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
      });
      await pause(50);
    }
  }

  hear(message) {
    if (message.type === 'event' && message.event.type === 'pass') this.told.set(message.event.id, message.event);
    if (message.type !== 'frame') return;
    this.lastFrameMs = performance.now();
    this.frames.push(this.unjumped(message.ts_utc));
    if (this.frames.length > 20_000) this.frames.splice(0, 10_000);
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

  get isFlowing() {
    return performance.now() - this.lastFrameMs < 500;
  }

  /** Resolves when it has been well for a second. */
  async healthy(withinMs) {
    const until = performance.now() + withinMs;
    let since = null;
    while (performance.now() < until && !this.hasEnded) {
      const isWell = this.isFlowing && (await this.isReady());
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

  /** No answer is an answer here: what was hit may be what should have answered. */
  async inject({ room, kind, seconds, factor }) {
    if (kind === 'clock') this.aheadS = factor * 60;
    const body = { room, kind, ...(seconds && { seconds }), ...(factor && { factor }) };
    const once = () => this.post('admin.fault', body).catch(() => null);
    let response = await once();
    if (response?.status === 401) {
      // A new gateway knows no sessions of the old one.
      await this.login().catch(() => {});
      response = await once();
    }
    if (response && !response.ok) throw new Error(`${room} ${kind}: ${response.status} ${await response.text()}`);
  }

  async ask(path, input) {
    const query = encodeURIComponent(JSON.stringify(input));
    const response = await fetch(`${this.base}/trpc/${path}?input=${query}`, { signal: AbortSignal.timeout(4_000) });
    return (await response.json()).result.data;
  }

  async metrics() {
    const response = await fetch(`${this.base}/metrics`, { signal: AbortSignal.timeout(2_000) });
    return response.text();
  }

  /** What no viewer was told while the page was away is stored all the same. */
  async fetchPasses() {
    const stored = await this.ask('passes.recent', { limit: 200 }).catch(() => []);
    for (const pass of stored) this.stored.set(pass.id, pass);
  }

  /** Those of before are known by their ids: what was stamped while the clock was ahead is younger than all, for minutes. */
  async incidentIds() {
    return new Set((await this.ask('incidents.recent', { limit: 50 })).map(({ id }) => id));
  }

  /** The first since then that is not the injection itself. @param known `incidentIds` of before */
  async incidentSince(utc, known) {
    try {
      const incidents = (await this.ask('incidents.recent', { limit: 50 })).filter(({ id }) => !known.has(id));
      const told = incidents.map((one) => ({ ...one, startedUtc: this.unjumped(one.startedUtc) }));
      const own = told.filter(({ cause, startedUtc }) => cause !== 'fault' && startedUtc > utc - 0.01);
      return own.sort((a, b) => a.startedUtc - b.startedUtc)[0] ?? null;
    } catch {
      return null;
    }
  }

  /** A time that lies in the future was stamped while the clock was ahead. */
  unjumped(utc) {
    return utc > Date.now() / 1000 + 5 ? utc - this.aheadS : utc;
  }

  /** Pictures whose result no viewer got, by the gaps between capture times. */
  lostSince(utc) {
    const times = this.frames.filter((ts) => ts > utc - 1).sort((a, b) => a - b);
    const gaps = times.slice(1).map((ts, i) => ts - times[i]);
    const step = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 1;
    return gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / step) - 1), 0);
  }

  /** Ends it, in order; resolves with its code. What it leaves in its folders is there until `remove`. */
  async close() {
    this.isClosed = true;
    this.socket?.close();
    if (this.system.exitCode === null) this.system.kill('SIGTERM');
    return this.ended;
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
