/** Every child may use the time it gives itself, and the house still ends in five seconds. Abort reaches the database. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ProcessSpec } from '../../src/launcher/child-process.ts';
import { type HousePlan, partsOf } from '../../src/launcher/plan.ts';
import { silentLog } from '../support/postgres.ts';
import { projectRoot } from '../support/shared.ts';

const seen = vi.hoisted(() => new Map<string, ProcessSpec>());
vi.mock('../../src/launcher/child-process.ts', () => ({
  startChildProcess: async (spec: ProcessSpec) => void seen.set(spec.name, spec),
}));
beforeEach(() => seen.clear());

const hooks = { onLine: () => {}, onStarted: () => {}, onGone: () => {} };
const plan = (dataDir: string): HousePlan => ({
  dataDir,
  hub: { bind: '127.0.0.1', rtspPort: 1, webrtcPort: 2, hlsPort: 3, apiPort: 4, sources: [] },
  hubUrls: { rtsp: 'rtsp://x', webrtc: 'http://x', hls: 'http://x', api: 'http://x' },
  demoClip: null,
  demoClockS: null,
  databaseUrl: null,
  threads: { poolThreads: 20, modelThreads: 1 },
  runtime: () => ({}) as never,
  env: {},
});

/** The limit that a process sets itself, as its own file states it. */
function ownLimitMs(file: string, constant: string): number {
  const text = readFileSync(join(projectRoot(), file), 'utf8');
  return Number(new RegExp(`const ${constant} = ([\\d_]+);`).exec(text)?.[1]?.replaceAll('_', ''));
}

test('the analyzer gets the threads that were chosen for it, and the environment wins', async () => {
  const poolOf = async (env: NodeJS.ProcessEnv) => {
    const parts = partsOf({ ...plan('/nowhere'), databaseUrl: 'postgres://x', env }, hooks, silentLog);
    await parts.find(({ name }) => name === 'analyzer')?.start(new Map(), new AbortController().signal);
    return seen.get('analyzer')?.env['UV_THREADPOOL_SIZE'];
  };
  expect(await poolOf({})).toBe('20');
  expect(await poolOf({ UV_THREADPOOL_SIZE: '7' })).toBe('7');
});

test('no child is killed within the time it gives itself, and the house ends within five seconds', async () => {
  const parts = partsOf(plan('/nowhere'), hooks, silentLog).filter(({ name }) => name !== 'postgres');
  for (const part of parts) await part.start(new Map(), new AbortController().signal);
  const stopMs = (name: string): number => seen.get(name)?.stopMs ?? Number.NaN;
  expect(stopMs('analyzer')).toBeGreaterThan(ownLimitMs('src/main.ts', 'CLOSE_WITHIN_MS'));
  expect(stopMs('hub')).toBeGreaterThan(ownLimitMs('src/media/hub/main.ts', 'CLOSE_MS'));
  expect(parts.find(({ name }) => name === 'analyzer')?.after).toContain('hub');
  expect(stopMs('analyzer') + stopMs('hub')).toBeLessThan(5_000);
});

test('the database is not even begun when the house is stopping already', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-plan-'));
  try {
    const postgres = partsOf(plan(dir), hooks, silentLog).find(({ name }) => name === 'postgres');
    await expect(postgres?.start(new Map(), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(existsSync(join(dir, 'postgres'))).toBe(false);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
