/** The whole house as `stopsign up` starts it: real Postgres, hub, ffmpeg and analyzer. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../src/launcher/ports.ts';
import { inspectProcess } from '../../../src/launcher/process-identity.ts';
import { Launched } from '../../support/launched.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';

const ROOT = projectRoot();
let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-house-'));
  // Postgres runs under an account of its own when the tests run as root: it must get here, or it settles elsewhere.
  chmodSync(dir, 0o755);
  const demo = readFileSync(join(ROOT, 'demo/demo.site.yaml'), 'utf8');
  const ports = await Promise.all(
    ['rtsp', 'webrtc', 'hls', 'api'].map(async (name) => `  ${name}_port: ${await freePort('127.0.0.1')}`),
  );
  writeFileSync(join(dir, 'site.yaml'), `${demo}\nhub:\n${ports.join('\n')}\n`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

/** Only what matters of the environment, so that the machine's own settings change nothing. */
function up(extra: NodeJS.ProcessEnv = {}, config = join(dir, 'site.yaml')): Launched {
  const env = {
    ...process.env,
    STOPSIGN_LOG_LEVEL: 'info',
    DATABASE_URL: '',
    MEDIA_HUB: '',
    STOPSIGN_CONFIG: '',
    PORT: '0',
    STOPSIGN_DATA_DIR: join(dir, 'data'),
    ...extra,
  };
  return new Launched([process.execPath, join(ROOT, 'dist/cli.js'), 'up', '--config', config], env, dir);
}

async function address(launched: Launched): Promise<string> {
  const line = await launched.line(({ msg }) => msg === 'StopSign is running', 'the house', 60_000);
  return String(line['url']);
}

/** Every process whose command line names our folder or that belongs to the given launcher. */
function household(launcherPid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  return rows
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter((match) => match && (Number(match[2]) === launcherPid || match[3]?.includes(dir)))
    .map((match) => Number(match?.[1]))
    .filter((pid) => pid !== launcherPid);
}

/** `ps` itself is the test's child, and the launcher's own number is gone with it. */
const alive = (pids: readonly number[]): number[] => pids.filter((pid) => inspectProcess(pid) !== null);

describe.runIf(process.platform === 'linux')('the house', () => {
  test('runs, stops within five seconds, and leaves nothing', async () => {
    await using launched = up();
    const url = await address(launched);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const members = household(launched.child.pid ?? 0);
    expect(members.length).toBeGreaterThanOrEqual(4);
    const startedMs = performance.now();
    launched.child.kill('SIGTERM');
    expect(await launched.exited).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(alive(members)).toEqual([]);
  });

  test('killed in the middle, its successor takes over and in the end nothing is left', async () => {
    await using first = up();
    await address(first);
    const before = household(first.child.pid ?? 0);
    first.child.kill('SIGKILL');
    await first.exited;
    await using second = up();
    const url = await address(second);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const after = household(second.child.pid ?? 0);
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    expect(alive([...before, ...after])).toEqual([]);
  });

  test('the virtual camera ends together with a killed launcher', async () => {
    await using launched = up();
    await address(launched);
    const record = (
      JSON.parse(readFileSync(join(dir, 'data/run.json'), 'utf8')) as { name: string; pid: number }[]
    ).find(({ name }) => name === 'camera');
    expect(alive([record?.pid ?? 0])).toHaveLength(1);
    launched.child.kill('SIGKILL');
    await until(() => alive([record?.pid ?? 0]).length === 0, { what: 'the end of ffmpeg' });
    await using second = up();
    await address(second);
    second.child.kill('SIGTERM');
    await second.exited;
  });
});

describe('what cannot work ends with one sentence', () => {
  test('a taken port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await using launched = up({ PORT: String(port) });
    expect(await launched.exited).toBe(69);
    expect(launched.stderr).toContain(`Port ${port} on 127.0.0.1 is taken by another program. Stop that program`);
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ['a configuration that is not there', {}, 'nowhere.yaml', 66, 'The configuration nowhere.yaml is not there.'],
    ['a wrong variable', { PORT: 'x' }, 'site.yaml', 64, 'PORT must be a port number'],
    ['a data folder that cannot be', { STOPSIGN_DATA_DIR: '/dev/null/data' }, 'site.yaml', 64, 'cannot be written'],
    ['a clip that is not there', { STOPSIGN_DEMO_CLIP: '/no.mp4' }, 'site.yaml', 66, 'The clip /no.mp4'],
  ])('%s', async (_, env, config, code, sentence) => {
    await using launched = up(env, config);
    expect(await launched.exited).toBe(code);
    expect(launched.stderr).toContain(sentence);
    expect(launched.stderr).not.toContain('    at ');
  });
});
