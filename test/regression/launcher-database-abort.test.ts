/** Ctrl-C while the database recovers: the start is given up and the server ended, not waited for. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCluster } from '../../src/launcher/postgres-cluster.ts';
import { PostgresHome } from '../../src/launcher/postgres-home.ts';
import { startServer } from '../../src/launcher/postgres-server.ts';
import { inspectProcess } from '../../src/launcher/process-identity.ts';
import { silentLog } from '../support/postgres.ts';
import { until } from '../support/until.ts';

/** A program in the place of Postgres that never gets anywhere; it leaves its number in the folder it works in. */
function stuckProgram() {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-stuck-'));
  const program = join(dir, 'stuck');
  writeFileSync(program, '#!/bin/sh\necho $$ > starts.new; cat starts.new >> starts; exec sleep 600\n');
  chmodSync(program, 0o755);
  const home = PostgresHome.open(join(dir, 'postgres'), null, silentLog);
  const starts = join(home.home, 'starts');
  return {
    home,
    program,
    pids: () => (existsSync(starts) ? readFileSync(starts, 'utf8').trim().split('\n').map(Number) : []),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

test.runIf(process.platform === 'linux')('a server that is not ready yet is ended, and not started again', async () => {
  using stuck = stuckProgram();
  const abort = new AbortController();
  const binaries = { initdb: stuck.program, postgres: stuck.program };
  const starting = startServer(stuck.home, binaries, null, abort.signal);
  await until(() => stuck.pids().length === 1, { what: 'the server' });
  const startedMs = performance.now();
  abort.abort();
  await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - startedMs).toBeLessThan(4_000);
  expect(stuck.pids().map(inspectProcess)).toEqual([null]);
});

test.runIf(process.platform === 'linux')('a cluster that is being made is given up', async () => {
  using stuck = stuckProgram();
  const abort = new AbortController();
  const binaries = { initdb: stuck.program, postgres: stuck.program };
  const making = createCluster(stuck.home, binaries, null, silentLog, abort.signal);
  await until(() => stuck.pids().length === 1, { what: 'initdb' });
  abort.abort();
  await expect(making).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(stuck.pids().map(inspectProcess)).toEqual([null]);
});
