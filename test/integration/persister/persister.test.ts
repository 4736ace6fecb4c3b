/** The persister with real rings, a real spool and a real Postgres that comes and goes. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PersisterActor } from '../../../src/actors/persister/actor.ts';
import { persisterSettings } from '../../../src/actors/persister/settings.ts';
import { Invoker } from '../../../src/actors/runtime/invoker.ts';
import { Runner } from '../../../src/actors/runtime/runner.ts';
import type { Site } from '../../../src/domain/types.ts';
import { encodeRecord, type Fact, RECORD } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';
import { PostgresFactStore } from '../../../src/store/fact-store.ts';
import { listCameras } from '../../../src/store/list-cameras.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { RejectFile } from '../../../src/store/reject-file.ts';
import { Spool } from '../../../src/store/spool.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { silentLog, startPostgres, startServer, temporaryDir } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { frameFact, passFact, T0, trackFact } from '../store/sample-facts.ts';

const SITE = { name: 'corner' } as Site;

/** The room as its thread runs it, in this thread. */
class Room implements AsyncDisposable {
  readonly dataDir = temporaryDir();
  readonly row = new StatusRow(StatusBoard.allocate(1), 0);
  private readonly url: string;
  private readonly bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  private readonly memory = RecordRing.allocate({ capacity: 1 << 20 });
  private readonly writer = new RecordRingWriter(this.memory, this.bell);
  private runner: Runner;
  private running: Promise<void> | undefined;

  constructor(url: string) {
    this.url = url;
    this.runner = this.makeRunner();
    this.running = this.runner.run();
  }

  async send(fact: Fact): Promise<void> {
    const payload = encodeRecord(fact);
    await until(() => this.writer.tryWrite(RECORD.facts, payload), { what: 'room in the ring', everyMs: 1 });
  }

  async stop(): Promise<void> {
    await this.runner.stop();
    await this.running;
  }

  restart(): void {
    this.runner = this.makeRunner();
    this.running = this.runner.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private makeRunner(): Runner {
    const { dataDir, row, url } = this;
    const settings = persisterSettings.parse({
      ...{ databaseUrl: url, dataDir, cameras: [], keepDetectionsDays: 36_500, batchFacts: 50, processStartedUtc: 0 },
    });
    const actor = new PersisterActor(settings, {
      ...{
        name: 'persister',
        row,
        clock: systemClock,
        steady: systemClock,
        log: silentLog,
        wake: () => this.bell.ring(),
      },
      rings: [new RecordRingReader(this.memory)],
      spool: new Spool({ dir: join(dataDir, 'spool'), segmentBytes: 20_000 }),
      store: new PostgresFactStore(openStore({ url, applicationName: 'test' }), [{ name: 'demo', site: SITE }]),
      rejects: new RejectFile({ path: join(dataDir, 'rejected.ndjson') }),
    });
    return new Runner(new Invoker(actor, row, systemClock), row, this.bell);
  }
}

const frameNumbers = (store: Store): Promise<number[]> =>
  store.ask(async (sql) =>
    (await sql<{ n: number }[]>`select frame::int as n from detections order by frame`).map((r) => r.n),
  );
const count = (store: Store, table: string): Promise<number> =>
  store.ask(async (sql) => (await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)}`)[0]?.n ?? 0);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('the persister', () => {
  it('builds the schema by itself, notes the cameras, and empties its spool', async () => {
    await using database = await startPostgres();
    await using room = new Room(database.url);
    await room.send(passFact(1));
    await until(() => room.row.get('out') === 1, { what: 'the pass to be committed' });
    await using store = openStore({ url: database.url, applicationName: 'test' });
    expect(await count(store, 'passes')).toBe(1);
    expect(await listCameras(store)).toMatchObject([{ name: 'demo', site: SITE }]);
    await room.send(passFact(2));
    await until(() => room.row.get('out') === 2, { what: 'the second pass to be committed' });
    await until(() => room.row.get('gauge1') === 0, { what: 'the spool to be empty' });
    expect(
      readdirSync(join(room.dataDir, 'spool')).map((name) => statSync(join(room.dataDir, 'spool', name)).size),
    ).toEqual([0]);
  });

  it('has every fact exactly once after the database was killed in the middle and came back', async () => {
    await using server = await startServer();
    await using room = new Room(server.url);
    let frame = 0;
    const sendSome = async (): Promise<void> => {
      for (let i = 0; i < 200; i += 1) await room.send(frameFact(frame++));
      await room.send(passFact(frame));
      await room.send(trackFact(frame, T0 + 1));
    };
    await sendSome();
    await until(() => room.row.get('out') > 60, { what: 'the first commits' });
    await sendSome();
    await server.kill();
    for (let i = 0; i < 3; i += 1) await sendSome();
    await until(() => room.row.get('gauge0') === 1, { what: 'the persister to say that it spools' });
    await until(() => room.row.get('waiting') === 0, { what: 'the ring to be empty while the database is away' });
    await server.start();
    await sendSome();
    await until(() => room.row.get('gauge0') === 0 && room.row.get('gauge1') === 0, {
      what: 'the spool to be empty',
      timeoutMs: 20_000,
    });
    await using store = openStore({ url: server.url, applicationName: 'test' });
    expect(await frameNumbers(store)).toEqual(upTo(frame));
    expect(await count(store, 'passes')).toBe(6);
    expect(await count(store, 'tracks')).toBe(6);
    expect(room.row.get('dropped')).toBe(0);
  });

  it('survives a database that is killed again and again', async () => {
    await using server = await startServer();
    await using room = new Room(server.url);
    let frame = 0;
    for (let round = 0; round < 4; round += 1) {
      const before = room.row.get('out');
      for (let i = 0; i < 120; i += 1) await room.send(frameFact(frame++));
      await until(() => room.row.get('out') > before, { what: 'commits of this round', timeoutMs: 20_000 });
      await server.kill();
      for (let i = 0; i < 30; i += 1) await room.send(frameFact(frame++));
      await server.start();
    }
    await until(() => room.row.get('gauge1') === 0, { what: 'the spool to be empty', timeoutMs: 20_000 });
    await using store = openStore({ url: server.url, applicationName: 'test' });
    expect(await frameNumbers(store)).toEqual(upTo(frame));
  });

  it('leaves to its successor what it could not store', async () => {
    await using server = await startServer();
    await using room = new Room(server.url);
    await server.kill();
    for (let n = 0; n < 130; n += 1) await room.send(frameFact(n));
    await room.stop();
    expect(readdirSync(join(room.dataDir, 'spool')).length).toBeGreaterThan(1);
    await server.start();
    room.restart();
    await using store = openStore({ url: server.url, applicationName: 'test' });
    await until(() => room.row.get('gauge1') === 0 && room.row.get('out') >= 130, { what: 'the replay' });
    expect(await frameNumbers(store)).toEqual(upTo(130));
  });

  it('stores everything else when one fact is refused, and writes that one down', async () => {
    await using database = await startPostgres();
    await using room = new Room(database.url);
    const rejected = join(room.dataDir, 'rejected.ndjson');
    for (let n = 0; n < 20; n += 1) await room.send(frameFact(n));
    await room.send(passFact(1, 'full_stop', { vehicle: 'c\u0000r' }));
    for (let n = 20; n < 40; n += 1) await room.send(frameFact(n));
    await until(() => room.row.get('gauge3') === 1 && room.row.get('gauge1') === 0, { what: 'the refusal' });
    await using store = openStore({ url: database.url, applicationName: 'test' });
    expect(await frameNumbers(store)).toEqual(upTo(40));
    expect(await count(store, 'passes')).toBe(0);
    expect(existsSync(rejected)).toBe(true);
    const entry = JSON.parse(readFileSync(rejected, 'utf8')) as { reason: string; fact: string };
    expect(entry.reason).toContain('Postgres refuses the data');
    expect(JSON.parse(entry.fact)).toEqual(passFact(1, 'full_stop', { vehicle: 'c\u0000r' }));
  });

  it('builds the schema again when the database was replaced by an empty one', async () => {
    await using database = await startPostgres();
    await using room = new Room(database.url);
    await room.send(passFact(1));
    await until(() => room.row.get('out') === 1, { what: 'the first pass' });
    await using store = openStore({ url: database.url, applicationName: 'test' });
    await store.ask((sql) => sql.unsafe('drop schema public cascade; create schema public'));
    await room.send(passFact(2));
    await until(() => room.row.get('out') === 2, { what: 'the second pass', timeoutMs: 10_000 });
    expect(await count(store, 'passes')).toBe(1);
  });
});
