/**
 * The persister room: one thread an analyzer. Facts of all cameras in, rows in Postgres out.
 *
 *   facts rings ─► spool (disk) ─► batches ─► Postgres
 *
 * A fact is in the spool before its record leaves the ring, so a killed thread or process loses nothing; the spool is
 * emptied as batches are committed. While Postgres is away the spool just grows (see store/spool.ts for its budget).
 * Inserts run beside `doWork`, which therefore never waits for the database.
 *
 * On the board: gauge0 0 = all is well, 1 = spooling, 2 = neither database nor disk; gauge1 bytes in the spool;
 * gauge2 last commit (UTC ms); gauge3 facts refused for good.
 */
import { describeError, StopsignError } from '../../errors.ts';
import { type Fact, RECORD } from '../../rpc/records.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Actor } from '../runtime/actor.ts';
import { backoffMs } from './backoff.ts';
import { insertIsolating } from './isolate.ts';
import { Journal } from './journal.ts';
import type { FactRing, FactStore, Rejects, Spool } from './ports.ts';
import type { PersisterSettings } from './settings.ts';

export interface PersisterParts {
  readonly name: string;
  readonly rings: readonly FactRing[];
  readonly spool: Spool;
  readonly store: FactStore;
  readonly rejects: Rejects;
  readonly row: StatusRow;
  /** UTC, for stamps. */
  readonly clock: Clock;
  /** For intervals: it runs evenly from any origin, whatever the system clock is set to. */
  readonly steady: Clock;
  readonly log: Log;
  /** Rings the room's own bell: a finished insert is work again. */
  wake(): void;
}

type Settings = Pick<PersisterSettings, 'batchFacts' | 'batchMs' | 'keepDetectionsDays'>;

interface Line {
  readonly text: string;
  readonly fact: Fact;
}

const DRAIN_LIMIT = 256;
/** Between two looks at how long this piece of work takes already: on a slow disk each fact may take its time. */
const DRAIN_STEP = 16;
const DRAIN_WITHIN_US = 250_000;
const PURGE_EVERY_US = 3_600_000_000;
const PURGE_SOON_US = 1_000_000;
const FIRST_PURGE_US = 30_000_000;
const DAY_S = 86_400;
/** A fault that words itself anew each time must not fill log and memory. */
const COMPLAINTS_LIMIT = 100;
/** Of the room's `shutdownMs`, so that the rest suffices for closing. */
const FLUSH_WITHIN_MS = 1_200;

export class PersisterActor implements Actor {
  readonly name: string;
  private readonly settings: Settings;
  private readonly parts: PersisterParts;
  private readonly journal: Journal;
  private inFlight: Promise<void> | undefined;
  private failures = 0;
  private retryAtUs = 0;
  /** Facts and bytes that came after the last batch was read, and when the next batch is due because of them. */
  private newFacts = 0;
  private newBytes = 0;
  private dueAtUs = 0;
  /** More waits than what is new: no reason to linger. */
  private isBehind: boolean;
  private purgeAtUs: number;
  private isClosed = false;
  private readonly complaints = new Set<string>();

  constructor(settings: Settings, parts: PersisterParts) {
    this.name = parts.name;
    this.settings = settings;
    this.parts = parts;
    this.journal = new Journal(parts.spool, (sentence) => this.complain(sentence));
    this.isBehind = parts.spool.pendingBytes > 0;
    this.purgeAtUs = parts.steady.nowUs() + FIRST_PURGE_US;
  }

  onStart(): void {
    const { spool, log } = this.parts;
    if (spool.pendingBytes > 0) log.info({ bytes: spool.pendingBytes }, 'facts of the predecessor wait in the spool');
    this.report();
  }

  doWork(): number {
    const moved = this.drainRings();
    this.beginDueWork();
    this.journal.keepDurable(this.parts.steady.nowUs());
    this.report();
    return moved;
  }

  async onClose(): Promise<void> {
    const { journal } = this;
    const { store, log } = this.parts;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_WITHIN_MS);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    this.isClosed = true;
    const { pendingBytes, heldFacts } = journal;
    if (pendingBytes > 0) log.info({ bytes: pendingBytes }, 'facts wait in the spool for the next start');
    if (heldFacts > 0) log.error({ facts: heldFacts }, 'facts are lost: neither disk nor database took them');
    this.report();
    journal.close();
    await store.close();
  }

  private drainRings(): number {
    const { rings, steady } = this.parts;
    const untilUs = steady.nowUs() + DRAIN_WITHIN_US;
    let moved = 0;
    for (const ring of rings) {
      for (let left = DRAIN_LIMIT; left > 0; left -= DRAIN_STEP) {
        const step = ring.drain((type, payload) => this.keep(type, payload), DRAIN_STEP);
        moved += step;
        if (step < DRAIN_STEP || steady.nowUs() >= untilUs) break;
      }
    }
    return moved;
  }

  private keep(type: number, payload: Uint8Array): void {
    const { row, clock, steady } = this.parts;
    row.add('in');
    row.set('lastInUs', clock.nowUs());
    if (type !== RECORD.facts) {
      row.add('errors');
      return;
    }
    const isKept = this.journal.keep(payload);
    if (this.journal.isRefusing) row.add('errors');
    if (!isKept) {
      row.add('dropped');
      return;
    }
    this.newBytes += payload.length + 1;
    if (this.newFacts++ === 0) this.dueAtUs = steady.nowUs() + this.settings.batchMs * 1_000;
  }

  private beginDueWork(): void {
    const nowUs = this.parts.steady.nowUs();
    if (this.inFlight || nowUs < this.retryAtUs) return;
    if (!this.journal.isEmpty && this.isDue(nowUs)) this.begin(this.storeBatch());
    else if (nowUs >= this.purgeAtUs && this.failures === 0) this.begin(this.purge());
  }

  private isDue(nowUs: number): boolean {
    if (this.isBehind || this.newFacts >= this.settings.batchFacts) return true;
    return this.newFacts > 0 && nowUs >= this.dueAtUs;
  }

  private begin(work: Promise<void>): Promise<void> {
    this.inFlight = work.then(
      () => this.succeeded(),
      (error: unknown) => this.failed(error),
    );
    return this.inFlight;
  }

  private async storeBatch(): Promise<void> {
    const { store, row, clock, steady } = this.parts;
    const startedUs = steady.nowUs();
    this.newFacts = 0;
    this.newBytes = 0;
    const batch = this.journal.nextBatch(this.settings.batchFacts);
    const { lines, unreadable } = parse(batch.lines);
    const refused = await insertIsolating(lines, (some) => store.insert(some.map((line) => line.fact)));
    const bad = [...unreadable, ...refused.map(({ item, reason }) => ({ text: item.text, reason }))];
    this.putAside(bad, clock.nowUs() / 1e6);
    batch.release();
    this.isBehind = this.journal.pendingBytes > this.newBytes || this.journal.heldFacts > 0;
    if (!this.isBehind) this.journal.noteSafe(startedUs);
    const nowUs = clock.nowUs();
    row.add('out', lines.length - refused.length);
    row.add('progress');
    row.set('lastOutUs', nowUs);
    row.set('latencyUs', steady.nowUs() - startedUs);
    row.set('gauge2', nowUs / 1_000);
  }

  private putAside(refused: readonly { text: string; reason: string }[], atUtc: number): void {
    const { rejects, row, log } = this.parts;
    if (refused.length === 0) return;
    row.add('errors', refused.length);
    row.add('gauge3', refused.length);
    const { reason } = refused[0] as { reason: string };
    log.error({ facts: refused.length, reason }, 'facts are refused for good; they are kept in rejected.ndjson');
    try {
      for (const { text, reason: why } of refused) rejects.add(text, why, atUtc);
    } catch (error) {
      log.error({ err: error, facts: refused.map(({ text }) => text) }, 'refused facts cannot be written down');
    }
  }

  private async purge(): Promise<void> {
    const { store, clock, steady, log } = this.parts;
    const { deleted, more } = await store.purge(clock.nowUs() / 1e6 - this.settings.keepDetectionsDays * DAY_S);
    this.purgeAtUs = steady.nowUs() + (more ? PURGE_SOON_US : PURGE_EVERY_US);
    if (deleted > 0) log.info({ deleted }, 'old detections deleted');
  }

  private succeeded(): void {
    const { log, spool } = this.parts;
    this.inFlight = undefined;
    if (this.failures > 0)
      log.info({ bytes: spool.pendingBytes }, 'the database is back; what was spooled is stored now');
    this.failures = 0;
    if (!this.journal.isRefusing) this.complaints.clear();
    this.parts.wake();
  }

  private failed(error: unknown): void {
    const { row, steady } = this.parts;
    this.inFlight = undefined;
    this.failures += 1;
    this.isBehind = true;
    this.retryAtUs = steady.nowUs() + backoffMs(this.failures) * 1_000;
    row.add('errors');
    if (!this.isClosed) this.complain(describeError(StopsignError.from(error)));
    this.parts.wake();
  }

  /** Everything into the spool, then as much as Postgres takes while it answers. */
  private async flush(): Promise<void> {
    while (this.drainRings() > 0);
    await this.inFlight;
    while (this.failures === 0 && !this.journal.isEmpty && !this.isClosed) await this.begin(this.storeBatch());
  }

  private report(): void {
    const { row, rings, spool } = this.parts;
    const waiting = rings.reduce((sum, ring) => sum + ring.counts().written - ring.counts().read, 0);
    const isAway = this.failures > 0;
    row.set('waiting', waiting);
    row.set('gauge0', !isAway ? 0 : this.journal.isRefusing ? 2 : 1);
    row.set('gauge1', spool.pendingBytes);
  }

  /** Each complaint is made once until all is well again. */
  private complain(sentence: string): void {
    if (this.complaints.has(sentence) || this.complaints.size >= COMPLAINTS_LIMIT) return;
    this.complaints.add(sentence);
    this.parts.log.warn(sentence);
  }
}

function parse(texts: readonly string[]): { lines: Line[]; unreadable: { text: string; reason: string }[] } {
  const lines: Line[] = [];
  const unreadable: { text: string; reason: string }[] = [];
  for (const text of texts) {
    try {
      lines.push({ text, fact: JSON.parse(text) as Fact });
    } catch (error) {
      unreadable.push({ text, reason: (error as Error).message });
    }
  }
  return { lines, unreadable };
}
