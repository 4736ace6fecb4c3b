/** The analyzer's process is killed while a vehicle of the demo is in the stop zone: its pass is in the database, once. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PassEvent } from '../../../src/domain/types.ts';
import { freePort } from '../../../src/launcher/ports.ts';
import type { LiveEvent, LiveFrame, ServerMessage } from '../../../src/rpc/live.ts';
import { Launched } from '../../support/launched.ts';
import { modelsEnvironment } from '../../support/models.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';
import { WsClient } from '../../support/ws-client.ts';

const ROOT = projectRoot();

async function up(dir: string) {
  const demo = readFileSync(join(ROOT, 'demo/demo.site.yaml'), 'utf8');
  const ports = await Promise.all(
    ['rtsp', 'webrtc', 'hls', 'api'].map(async (name) => `  ${name}_port: ${await freePort('127.0.0.1')}`),
  );
  const config = join(dir, 'site.yaml');
  writeFileSync(config, `${demo}\nhub:\n${ports.join('\n')}\n`);
  const port = await freePort('127.0.0.1');
  const env = {
    ...process.env,
    ...modelsEnvironment(),
    STOPSIGN_LOG_LEVEL: 'info',
    DATABASE_URL: '',
    MEDIA_HUB: '',
    STOPSIGN_CONFIG: '',
    PORT: String(port),
    STOPSIGN_DATA_DIR: join(dir, 'data'),
  };
  const house = new Launched([process.execPath, join(ROOT, 'dist/cli.js'), 'up', '--config', config], env, dir);
  await house.line(({ msg }) => msg === 'StopSign is running', 'the house', 60_000);
  return { house, url: `http://127.0.0.1:${port}` };
}

async function passes(url: string): Promise<readonly PassEvent[]> {
  const answer = await fetch(`${url}/trpc/passes.recent`).catch(() => null);
  if (!answer?.ok) return [];
  return ((await answer.json()) as { result: { data: PassEvent[] } }).result.data;
}

const isEntry = (m: ServerMessage): m is LiveEvent => m.type === 'event' && m.event.type === 'zone_entered';

/** Three seconds of analysed pictures without a gap that a vehicle could drive through. */
function isEven(messages: readonly ServerMessage[]): boolean {
  const times = messages.filter((m): m is LiveFrame => m.type === 'frame').map(({ ts_utc }) => ts_utc);
  const last = times.filter((ts) => ts > (times.at(-1) ?? 0) - 3);
  const gaps = last.slice(1).map((ts, n) => ts - (last[n] ?? ts));
  return times.length > last.length && Math.max(...gaps) < 0.4;
}

test('a vehicle in the zone when the analyzer is killed is one pass in the database', {
  timeout: 180_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-kill-'));
  chmodSync(dir, 0o755);
  try {
    const { house, url } = await up(dir);
    await using _house = house;
    await using socket = new WsClient(`${url.replace('http', 'ws')}/ws/metadata?camera=demo`);
    // A gap of the start, just as a vehicle comes into view, is another story.
    await until(() => isEven(socket.messages), { what: 'pictures at an even rate', timeoutMs: 60_000 });
    const before = socket.messages.length;
    const entered = await until(() => socket.messages.slice(before).find(isEntry), {
      what: 'a vehicle in the zone',
      timeoutMs: 60_000,
    });
    if (entered.event.type !== 'zone_entered') throw new Error('unreachable');
    const { track_id, ts_utc } = entered.event;
    const isWellIn = (m: LiveFrame) => m.type === 'frame' && m.ts_utc > ts_utc + 0.5;
    await until(() => socket.messages.some(isWellIn), { what: 'half a second more of it' });
    const record = JSON.parse(readFileSync(join(dir, 'data/run.json'), 'utf8')) as { name: string; pid: number }[];
    const { pid } = record.find(({ name }) => name === 'analyzer') ?? { pid: 0 };
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGKILL');
    const told = (line: { msg: string }) => /^goes on where the last process ended \d\.\d s ago: [1-9]/.test(line.msg);
    await house.line(told, 'a tracker that goes on', 30_000);
    const isIt = (pass: PassEvent) => pass.track_id === track_id;
    await until(async () => (await passes(url)).some(isIt), { what: 'its pass', timeoutMs: 60_000 });
    // Until the next one is over, nothing more of it comes.
    const isLater = (pass: PassEvent) => pass.track_id > track_id && pass.entered_utc > ts_utc + 4;
    await until(async () => (await passes(url)).some(isLater), { what: 'the next pass', timeoutMs: 60_000 });
    const about = (await passes(url)).filter((pass) => isIt(pass) || Math.abs(pass.entered_utc - ts_utc) < 1.5);
    expect(about.map((pass) => pass.track_id)).toEqual([track_id]);
    const [pass] = about;
    if (pass && !pass.complete) expect(pass.reason).toMatch(/not seen for \d+\.\d s between/);
    expect(readdirSync(join(dir, 'data/trackers')).filter((name) => name.endsWith('.state'))).toEqual(['demo.state']);
    house.child.kill('SIGTERM');
    expect(await house.exited).toBe(0);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});
