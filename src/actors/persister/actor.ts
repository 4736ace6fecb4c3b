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
const SYNC_EVERY_US = 1_000_000;
const PURGE_EVERY_US = 3_600_000_000;
const PURGE_SOON_US = 1_000_000;
const FIRST_PURGE_US = 30_000_000;
const DAY_S = 86_400;
const HELD_LIMIT = 10_000;
/** Of the room's `shutdownMs`, so that the rest suffices for closing. */
const FLUSH_WITHIN_MS = 1_200;

export class PersisterActor implements Actor {
  readonly name: string;
  private readonly settings: Settings;
  private readonly parts: PersisterParts;
  private inFlight: Promise<void> | undefined;
  private failures = 0;
  private retryAtUs = 0;
  /** Facts that the disk refused; they are stored from here. */
  private readonly held: string[] = [];
  private isDiskRefusing = false;
  /** Facts and bytes that came after the last batch was read, and when the next batch is due because of them. */
  private newFacts = 0;
  private newBytes = 0;
  private dueAtUs = 0;
  /** More waits than what is new: no reason to linger. */
  private isBehind: boolean;
  private purgeAtUs: number;
  /** Up to when all that came is committed or was brought onto the disk. */
  private safeUs = 0;
  private isClosed = false;
  private readonly complaints = new Set<string>();

  constructor(settings: Settings, parts: PersisterParts) {
    this.name = parts.name;
    this.settings = settings;
    this.parts = parts;
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
    this.keepDurable();
    this.report();
    return moved;
  }

  async onClose(): Promise<void> {
    const { spool, store, log } = this.parts;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_WITHIN_MS);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    this.isClosed = true;
    if (spool.pendingBytes > 0) log.info({ bytes: spool.pendingBytes }, 'facts wait in the spool for the next start');
    if (this.held.length > 0)
      log.error({ facts: this.held.length }, 'facts are lost: neither disk nor database took them');
    this.report();
    spool.close();
    await store.close();
  }

  private drainRings(): number {
    let moved = 0;
    for (const ring of this.parts.rings) {
      moved += ring.drain((type, payload) => this.keep(type, payload), DRAIN_LIMIT);
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
    if (!this.append(payload)) {
      row.add('dropped');
      return;
    }
    this.newBytes += payload.length + 1;
    if (this.newFacts++ === 0) this.dueAtUs = steady.nowUs() + this.settings.batchMs * 1_000;
  }

  /** When the disk refuses, frames are shed and all else is held in memory, until that is full as well. */
  private append(payload: Uint8Array): boolean {
    try {
      const isKept = this.parts.spool.append(payload);
      this.isDiskRefusing = false;
      return isKept;
    } catch (error) {
      this.isDiskRefusing = true;
      this.parts.row.add('errors');
      this.complain(`The spool cannot be written, facts wait in memory: ${(error as Error).message}.`);
      const text = Buffer.from(payload).toString('utf8');
      const isFrame = parse([text]).lines[0]?.fact.kind === 'frame';
      if (isFrame || this.held.length >= HELD_LIMIT) return false;
      this.held.push(text);
      return true;
    }
  }

  private beginDueWork(): void {
    const nowUs = this.parts.steady.nowUs();
    if (this.inFlight || nowUs < this.retryAtUs) return;
    if (this.isWaiting && this.isDue(nowUs)) this.begin(this.storeBatch());
    else if (nowUs >= this.purgeAtUs && this.failures === 0) this.begin(this.purge());
  }

  private get isWaiting(): boolean {
    return this.parts.spool.pendingBytes > 0 || this.held.length > 0;
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
    const batch = this.nextBatch();
    const { lines, unreadable } = parse(batch.lines);
    const refused = await insertIsolating(lines, (some) => store.insert(some.map((line) => line.fact)));
    const bad = [...unreadable, ...refused.map(({ item, reason }) => ({ text: item.text, reason }))];
    this.putAside(bad, clock.nowUs() / 1e6);
    batch.release();
    this.isBehind = this.parts.spool.pendingBytes > this.newBytes || this.held.length > 0;
    if (!this.isBehind) this.safeUs = startedUs;
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

  private nextBatch(): { lines: readonly string[]; release(): void } {
    const { spool } = this.parts;
    const { batchFacts } = this.settings;
    if (spool.pendingBytes > 0) {
      const batch = spool.read(batchFacts);
      return { lines: batch.lines, release: () => spool.release(batch) };
    }
    const lines = this.held.slice(0, batchFacts);
    return { lines, release: () => void this.held.splice(0, lines.length) };
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
    if (!this.isDiskRefusing) this.complaints.clear();
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

  /** Only what Postgres does not take within a second has to survive a loss of power here. */
  private keepDurable(): void {
    const { spool, steady } = this.parts;
    const nowUs = steady.nowUs();
    if (spool.pendingBytes === 0 || nowUs - this.safeUs < SYNC_EVERY_US) return;
    this.safeUs = nowUs;
    spool.sync().catch((error: Error) => this.complain(`The spool cannot be brought onto the disk: ${error.message}.`));
  }

  /** Everything into the spool, then as much as Postgres takes while it answers. */
  private async flush(): Promise<void> {
    while (this.drainRings() > 0);
    await this.inFlight;
    while (this.failures === 0 && this.isWaiting && !this.isClosed) await this.begin(this.storeBatch());
  }

  private report(): void {
    const { row, rings, spool } = this.parts;
    const waiting = rings.reduce((sum, ring) => sum + ring.counts().written - ring.counts().read, 0);
    const isAway = this.failures > 0;
    row.set('waiting', waiting);
    row.set('gauge0', !isAway ? 0 : this.isDiskRefusing ? 2 : 1);
    row.set('gauge1', spool.pendingBytes);
  }

  /** Each complaint is made once until all is well again. */
  private complain(sentence: string): void {
    if (this.complaints.has(sentence)) return;
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
