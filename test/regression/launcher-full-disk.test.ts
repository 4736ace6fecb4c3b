/** A full disk must not end the house: run.json is for tidying up only. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { type ProcessHooks, type ProcessSpec, startChildProcess } from '../../src/launcher/child-process.ts';
import { inspectProcess } from '../../src/launcher/process-identity.ts';
import { RunFile } from '../../src/launcher/run-file.ts';
import { until } from '../support/until.ts';

function folder() {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-full-'));
  const draft = join(dir, 'run.json.draft');
  return {
    dir,
    // A device that is always full, in the place of the file.
    fill: () => symlinkSync('/dev/full', draft),
    empty: () => rmSync(draft),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function listeningLog() {
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
  return { log, said };
}

const sleeper: ProcessSpec = {
  name: 'sleeper',
  command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
  env: process.env,
  ready: { by: 'spawned' },
  stopMs: 1_000,
  marker: 'setInterval',
};

test.runIf(process.platform === 'linux')('a child comes and goes on a full disk, with a warning', async () => {
  using at = folder();
  const { log, said } = listeningLog();
  const runFile = new RunFile(at.dir, log);
  const gone: string[] = [];
  const hooks: ProcessHooks = {
    onLine: () => {},
    onStarted: (name, pid, marker) => runFile.remember(name, pid, marker),
    onGone(name) {
      runFile.forget(name);
      gone.push(name);
    },
  };
  at.fill();
  const part = await startChildProcess(sleeper, hooks, new AbortController().signal);
  await part.stop();
  await until(() => gone.length === 1, { what: 'the child to be forgotten' });
  expect(said).toHaveLength(2);
  expect(said[0]).toContain('ENOSPC');

  at.empty();
  runFile.remember('later', process.pid, 'node');
  expect(JSON.parse(readFileSync(join(at.dir, 'run.json'), 'utf8'))).toMatchObject([{ name: 'later' }]);
});

test('a child whose start cannot be noted is ended, not left behind', async () => {
  let pid = 0;
  const hooks: ProcessHooks = {
    onLine: () => {},
    onStarted(_, started) {
      pid = started;
      throw new Error('cannot be noted');
    },
    onGone: () => {},
  };
  await expect(startChildProcess(sleeper, hooks, new AbortController().signal)).rejects.toThrow('cannot be noted');
  expect(pid).toBeGreaterThan(1);
  expect(inspectProcess(pid)).toBeNull();
});
