/** The persister with real rings and a real spool, a database that the test plays, and clocks that it turns. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect } from 'vitest';
import { PersisterActor } from '../../../src/actors/persister/actor.ts';
import type { FactStore } from '../../../src/actors/persister/ports.ts';
import { StopsignError } from '../../../src/errors.ts';
import { encodeRecord, type Fact, RECORD } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';
import { Spool } from '../../../src/store/spool.ts';

export type Answer = 'ok' | 'away' | 'hang';

/** Numbers instead of facts: what matters here is which of them arrive. */
export class PlayedStore implements FactStore {
  answer: Answer = 'ok';
  readonly stored: number[] = [];
  readonly batches: number[] = [];
  purges: number[] = [];
  purgeMore = false;
  isClosed = false;

  async insert(facts: readonly Fact[]): Promise<void> {
    const numbers = facts.map((fact) => (fact as unknown as { n: number }).n);
    if (this.answer === 'away') throw new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.');
    if (this.answer === 'hang') return new Promise(() => {});
    if (numbers.some((n) => n < 0)) throw new StopsignError('BAD_INPUT', 'a negative number');
    this.batches.push(numbers.length);
    this.stored.push(...numbers);
  }
  async purge(beforeUtc: number): Promise<{ deleted: number; more: boolean }> {
    this.purges.push(beforeUtc);
    return { deleted: 0, more: this.purgeMore };
  }
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

export class PersisterHouse implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'stopsign-persister-'));
  readonly store = new PlayedStore();
  readonly row = new StatusRow(StatusBoard.allocate(1), 0);
  readonly rejected: string[] = [];
  readonly writers: readonly RecordRingWriter[];
  /** As the system clock shows it; a test may set it. */
  nowUs = 1_700_000_000_000_000;
  syncs = 0;
  diskRefuses = false;
  rejectsRefuse = false;
  actor: PersisterActor;
  private steadyUs = 0;
  private lastSync: Promise<void> = Promise.resolve();
  private readonly rings = [0, 1].map(() => RecordRing.allocate({ capacity: 1 << 16 }));
  private readonly bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  private readonly settings = { batchFacts: 10, batchMs: 250, keepDetectionsDays: 7 };

  constructor() {
    this.writers = this.rings.map((ring) => new RecordRingWriter(ring, this.bell));
    this.actor = this.start();
  }

  /** As after the death of the thread: nothing of the predecessor's memory is left. */
  restart(): void {
    this.actor = this.start();
  }

  send(n: number, kind = 'event', ring = 0): void {
    expect(this.writers[ring]?.tryWrite(RECORD.facts, encodeRecord({ kind, n }))).toBe(true);
  }

  async work(ms = 0): Promise<number> {
    this.nowUs += ms * 1_000;
    this.steadyUs += ms * 1_000;
    const moved = this.actor.doWork();
    // The disk takes its time; the played store answers within a few turns of the event loop.
    await this.lastSync.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.actor.onClose();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private start(): PersisterActor {
    const spool = new Spool({ dir: this.dir });
    const append = spool.append.bind(spool);
    spool.append = (payload) => {
      if (this.diskRefuses) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      return append(payload);
    };
    const sync = spool.sync.bind(spool);
    spool.sync = () => {
      this.syncs += 1;
      this.lastSync = sync();
      return this.lastSync;
    };
    const actor = new PersisterActor(this.settings, {
      name: 'persister',
      rings: this.rings.map((ring) => new RecordRingReader(ring)),
      spool,
      store: this.store,
      rejects: {
        add: (line) => {
          if (this.rejectsRefuse) throw new Error('no space left on device');
          return this.rejected.push(line) > 0;
        },
      },
      row: this.row,
      clock: { nowUs: () => this.nowUs },
      steady: { nowUs: () => this.steadyUs },
      log: pino({ level: 'silent' }),
      wake: () => {},
    });
    actor.onStart();
    return actor;
  }
}
