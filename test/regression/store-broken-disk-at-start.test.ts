/** A data folder that cannot be written made the persister's thread die at every start, although Postgres worked. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { persisterSpec } from '../../src/actors/persister/spec.ts';
import { Supervisor } from '../../src/actors/runtime/supervisor.ts';
import type { Runtime } from '../../src/config/runtime.ts';
import { encodeRecord, RECORD } from '../../src/rpc/records.ts';
import { firstTrackIds } from '../../src/store/first-track-ids.ts';
import { LazySpool } from '../../src/store/lazy-spool.ts';
import { openStore } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { passFact } from '../integration/store/sample-facts.ts';
import { silentLog, startPostgres, temporaryDir } from '../support/postgres.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';

const RING = 'facts:supervisor';

/** A file where the folder should be: not even root can write into that. */
function brokenDataDir(): string {
  const dataDir = temporaryDir();
  writeFileSync(join(dataDir, 'spool'), '');
  return dataDir;
}

it('stores facts in the database while the disk is of no use', async () => {
  await using database = await startPostgres();
  const dataDir = brokenDataDir();
  const runtime = { cameras: [], databaseUrl: database.url, dataDir, keepDetectionsDays: 7 } as unknown as Runtime;
  const supervisor = new Supervisor({
    plan: {
      rings: [{ name: RING, kind: 'records', spec: { capacity: 1 << 16 } }],
      children: [persisterSpec(runtime)],
    },
    clock: systemClock,
    log: silentLog,
    root: pathToFileURL(`${projectRoot()}/dist/`),
    trusted: [],
    newId: () => 'incident',
    onIncident: () => {},
    onEscalation: (error) => Promise.reject(error),
  });
  await supervisor.start();
  const row = supervisor.house.board.row('persister');
  supervisor.house.supervisorWriter(RING)?.tryWrite(RECORD.facts, encodeRecord(passFact(1)));
  await until(() => row.get('out') === 1, { what: 'the pass to be committed', timeoutMs: 15_000 });
  expect(row.get('generation')).toBe(1);
  await supervisor.close();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  expect(await store.ask((sql) => sql`select count(*)::int as n from passes`)).toEqual([{ n: 1 }]);
  rmSync(dataDir, { recursive: true });
});

it('takes to the disk as soon as that works again, with all that a predecessor left there', () => {
  const dataDir = brokenDataDir();
  const dir = join(dataDir, 'spool');
  const spool = new LazySpool({ dir });
  expect(() => spool.append(encodeRecord({ n: 2 }))).toThrow();
  expect(spool.pendingBytes).toBe(0);
  rmSync(dir);
  const predecessor = new LazySpool({ dir });
  predecessor.append(encodeRecord({ n: 1 }));
  predecessor.close();
  spool.append(encodeRecord({ n: 2 }));
  const first = spool.read(10);
  spool.release(first);
  expect([...first.lines, ...spool.read(10).lines]).toEqual(['{"n":1}', '{"n":2}']);
  spool.close();
  rmSync(dataDir, { recursive: true });
});

it('lets the track numbers go on by the time, because nobody knows what the spool holds', async () => {
  await using database = await startPostgres();
  const dataDir = brokenDataDir();
  const nowUs = Date.UTC(2026, 0, 1) * 1_000;
  expect(await firstTrackIds(database.url, ['demo'], nowUs, dataDir)).toEqual({ demo: 63_158_400 });
  rmSync(dataDir, { recursive: true });
});
