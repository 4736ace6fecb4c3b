/** The persister on its own thread, under the supervisor: its thread may be killed at any moment. Compiled code. */
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { persisterSpec } from '../../../src/actors/persister/spec.ts';
import { Supervisor } from '../../../src/actors/runtime/supervisor.ts';
import type { Runtime } from '../../../src/config/runtime.ts';
import { encodeRecord, type Fact, RECORD } from '../../../src/rpc/records.ts';
import type { RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { silentLog, startPostgres, temporaryDir } from '../../support/postgres.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';
import { frameFact, passFact } from '../store/sample-facts.ts';

const RING = 'facts:supervisor';

it('has every fact exactly once although its thread is killed again and again', async () => {
  await using database = await startPostgres();
  const dataDir = temporaryDir();
  const runtime = { cameras: [], databaseUrl: database.url, dataDir, keepDetectionsDays: 36_500 } as unknown as Runtime;
  const supervisor = new Supervisor({
    plan: {
      rings: [{ name: RING, kind: 'records', spec: { capacity: 1 << 20 } }],
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
  const ring = supervisor.house.supervisorWriter(RING) as RecordRingWriter;
  const send = async (fact: Fact): Promise<void> => {
    const payload = encodeRecord(fact);
    await until(() => ring.tryWrite(RECORD.facts, payload), { what: 'room in the ring', everyMs: 1 });
  };
  let frame = 0;
  for (let round = 0; round < 4; round += 1) {
    const before = row.get('out');
    for (let i = 0; i < 300; i += 1) await send(frameFact(frame++));
    await send(passFact(round));
    await until(() => row.get('out') > before, { what: 'a commit of this round', timeoutMs: 15_000 });
    for (let i = 0; i < 40; i += 1) await send(frameFact(frame++));
    await supervisor.terminate('persister');
  }
  await send(passFact(99));
  await until(() => row.state === 'running' && row.get('waiting') === 0, {
    what: 'the last successor',
    timeoutMs: 15_000,
  });
  await supervisor.close();

  await using store = openStore({ url: database.url, applicationName: 'test' });
  const stored = await store.ask((sql) => sql`select frame::int as n from detections order by frame`);
  expect(stored.map((found) => found['n'])).toEqual(Array.from({ length: frame }, (_, n) => n));
  expect(await store.ask((sql) => sql`select count(*)::int as n from passes`)).toEqual([{ n: 5 }]);
  rmSync(dataDir, { recursive: true, force: true });
});
