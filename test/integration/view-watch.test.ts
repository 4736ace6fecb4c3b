/** A live camera that is knocked by 40 px: one event is stored, verdicts are suspended, the operator's word resumes them. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConditionEvent, PassEvent } from '../../src/domain/types.ts';
import type { ServerMessage } from '../../src/rpc/live.ts';
import { openStore } from '../../src/store/open-store.ts';
import { recentEvents } from '../../src/store/recent-events.ts';
import { openAnalyzer } from '../support/analyzer.ts';
import { temporaryDir } from '../support/postgres.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';
import { WsClient } from '../support/ws-client.ts';

const TOKEN = 'a-token-only-for-tests';
/** The first pass of the demo is over then. */
const KNOCKED_AT_S = 14;
const LENGTH_S = 50;
const dir = temporaryDir();
let analyzer: Awaited<ReturnType<typeof openAnalyzer>>;
let socket: WsClient;

beforeAll(async () => {
  const clip = join(dir, 'knocked.mp4');
  const at = KNOCKED_AT_S;
  const filter = [
    '[0:v]fps=10,split[a][b]',
    `[a]trim=0:${at},setpts=PTS-STARTPTS[before]`,
    `[b]trim=${at}:${LENGTH_S},setpts=PTS-STARTPTS,crop=1240:720:0:0,pad=1280:720:40:0[after]`,
    '[before][after]concat=n=2:v=1[v]',
  ].join(';');
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '26', '-bf', '0'];
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-threads', '1', '-i', join(projectRoot(), 'demo/demo.mp4'), '-filter_complex', filter],
    ...['-map', '[v]', ...x264, '-x264-params', 'keyint=10:scenecut=0:repeat-headers=1', clip],
  ]);
  analyzer = await openAnalyzer({ clip });
  socket = new WsClient(`${analyzer.url.replace('http', 'ws')}/ws/metadata?camera=demo`);
}, 60_000);
afterAll(async () => {
  await socket?.[Symbol.asyncDispose]();
  await analyzer?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const told = () => socket.messages.flatMap((m: ServerMessage) => (m.type === 'event' ? [m.event] : []));
const passes = () => told().filter((event): event is PassEvent => event.type === 'pass');
const conditions = () => told().filter((event): event is ConditionEvent => event.type === 'camera_moved');

async function call(procedure: string, input: unknown, cookie = ''): Promise<Response> {
  return fetch(`${analyzer.url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(input),
  });
}

describe('a live camera that is knocked', () => {
  it('is told once, with how far it moved, and the status and every frame say so', async () => {
    const [moved] = await until(() => (conditions().length > 0 ? conditions() : null), {
      what: 'the camera to be found out',
      timeoutMs: 45_000,
    });
    const { sentence, shift_px } = moved?.detail ?? {};
    expect(moved).toMatchObject({ camera: 'demo', detail: { phase: 'began' } });
    expect((shift_px as number[])[0]).toBeCloseTo(40, -0.5);
    expect(sentence).toMatch(/^The camera moved by (39|40|41) px at \d\d:\d\d:\d\d; its calibration no longer fits\.$/);
    await until(() => socket.messages.some((m) => m.type === 'status' && m.view?.sentence === sentence), {
      what: 'status',
    });
    await until(() => socket.messages.some((m) => m.type === 'frame' && m.view?.state === 'moved'), {
      what: 'a frame',
    });
  });

  it('stays suspended when the thread that judges is killed, and tells nothing twice in the database', async () => {
    const row = analyzer.board.row('tracker:demo');
    const generation = row.get('generation');
    await analyzer.supervisor.terminate('tracker:demo');
    await until(() => row.get('generation') > generation && row.state === 'running', { what: 'the successor' });
    const from = socket.messages.length;
    await until(() => socket.messages.slice(from).some((m) => m.type === 'frame' && m.view !== undefined), {
      what: 'a frame',
    });
    await using store = openStore({ url: analyzer.databaseUrl, applicationName: 'test', maxConnections: 1 });
    const stored = await until(
      async () => {
        const events = await recentEvents(store, { type: 'camera_moved', limit: 10 });
        return events.length > 0 ? events : null;
      },
      { what: 'the event in the database', timeoutMs: 10_000 },
    );
    expect(stored).toEqual([conditions()[0]]);
  });

  it('gets no verdict until an admin confirms the view', async () => {
    const sentence = String(conditions()[0]?.detail['sentence']);
    const pass = await until(() => passes().find(({ reason }) => reason === sentence), {
      what: 'a pass without verdict',
      timeoutMs: 30_000,
    });
    expect(pass).toMatchObject({ verdict: 'indeterminate', min_speed: null, approach_speed: null });
    expect((await call('admin.confirmView', { camera: 'demo', as: 'same' })).status).toBe(401);
    const login = await call('admin.login', { token: TOKEN });
    const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await call('admin.confirmView', { camera: 'nobody', as: 'same' }, cookie)).status).toBe(404);
    expect((await call('admin.confirmView', { camera: 'demo', as: 'same' }, cookie)).status).toBe(200);
    const ended = await until(() => conditions().find(({ detail }) => detail['phase'] === 'ended'), {
      what: 'the end',
    });
    expect(ended.detail).toMatchObject({ how: 'confirmed' });
    const judged = await until(() => passes().find((each) => each.entered_utc > ended.ts_utc), {
      what: 'a pass after that',
      timeoutMs: 40_000,
    });
    expect(judged.verdict).not.toBe('indeterminate');
    expect(judged.min_speed).not.toBeNull();
  });

  it('keeps what it learned in the data folder', () => {
    expect(readdirSync(join(analyzer.dataDir, 'views'))).toEqual(['demo.json']);
  });
});
