/**
 * onnxruntime's binaries for Linux report models and their use to its maker, with a device id and a database in the home folder
 * and a log in the one for temporary files, unless they are told not to before the first session.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import type { ProcessSpec } from '../../src/launcher/child-process.ts';
import { type HousePlan, partsOf } from '../../src/launcher/plan.ts';
import { silentLog } from '../support/postgres.ts';
import { projectRoot } from '../support/shared.ts';

const seen = vi.hoisted(() => new Map<string, ProcessSpec>());
vi.mock('../../src/launcher/child-process.ts', () => ({
  startChildProcess: async (spec: ProcessSpec) => void seen.set(spec.name, spec),
}));

/** What a fresh machine's environment says; the others in which it is silent anyhow are left out. */
const { CI: _, ORT_DISABLE_TELEMETRY: __, ORT_RUNNING_UNIT_TESTS: ___, ...ENVIRONMENT } = process.env;

/** What is in its home and its folder for temporary files after a process has run `script`. */
async function leftBy(script: string): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-silent-'));
  try {
    const model = join(dir, 'not-a-model.onnx');
    await writeFile(model, 'no model');
    const env = { ...ENVIRONMENT, HOME: join(dir, 'home'), XDG_CACHE_HOME: join(dir, 'home'), TMPDIR: dir };
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, model], { env });
    return (await readdir(dir)).filter((name) => name !== 'not-a-model.onnx');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const href = (path: string): string => JSON.stringify(pathToFileURL(join(projectRoot(), path)).href);

test('a process that opens a model leaves nothing behind', async () => {
  const script = `
    const { openSession } = await import(${href('dist/vision/ort-session.js')});
    await openSession(process.argv[1], { threads: 1 }).catch(() => {});`;
  expect(await leftBy(script)).toEqual([]);
});

test('the analyzer is told before it starts, as its threads could not tell it, and the environment wins', async () => {
  const told = async (env: NodeJS.ProcessEnv) => {
    const parts = partsOf({ ...PLAN, env }, { onLine() {}, onStarted() {}, onGone() {} }, silentLog);
    await parts.find(({ name }) => name === 'analyzer')?.start(new Map(), new AbortController().signal);
    return seen.get('analyzer')?.env['ORT_DISABLE_TELEMETRY'];
  };
  expect(await told({})).toBe('1');
  expect(await told({ ORT_DISABLE_TELEMETRY: '0' })).toBe('0');
});

const PLAN: HousePlan = {
  dataDir: '/nowhere',
  hub: null,
  hubUrls: { rtsp: 'rtsp://x', webrtc: 'http://x', hls: 'http://x', api: 'http://x' },
  demoClip: null,
  demoClockS: null,
  databaseUrl: 'postgres://x',
  threads: { poolThreads: 20, modelThreads: 1 },
  runtime: () => ({}) as never,
  env: {},
};
