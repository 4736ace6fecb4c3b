/**
 * Where facts wait for Postgres: in the spool on disk, and in memory while the disk refuses. Everything here is bounded:
 * the spool by its budget, the memory by facts and bytes, the calls for durability by one at a time (a slow disk would
 * otherwise take all the threads that the whole process reads, writes and decodes with). Used by the persister's actor.
 */
import type { Fact } from '../../rpc/records.ts';
import type { Spool } from './ports.ts';

const HELD_LIMIT = 10_000;
/** A pass with what it was judged on takes up to 100 kB; the room's heap is 128 MB. */
const HELD_BYTES = 24 * 2 ** 20;
const SYNC_EVERY_US = 1_000_000;

export interface JournalBatch {
  readonly lines: readonly string[];
  /** Once they are safe elsewhere. */
  release(): void;
}

export class Journal {
  private readonly spool: Spool;
  private readonly onProblem: (sentence: string) => void;
  /** Facts that the disk refused. */
  private held: string[] = [];
  private heldBytes = 0;
  private refuses = false;
  private isSyncing = false;
  /** Up to when all that came is committed or was brought onto the disk. */
  private safeUs = 0;

  constructor(spool: Spool, onProblem: (sentence: string) => void) {
    this.spool = spool;
    this.onProblem = onProblem;
  }

  /** On disk. */
  get pendingBytes(): number {
    return this.spool.pendingBytes;
  }
  get heldFacts(): number {
    return this.held.length;
  }
  get isEmpty(): boolean {
    return this.pendingBytes === 0 && this.held.length === 0;
  }
  /** The last fact could not be written. */
  get isRefusing(): boolean {
    return this.refuses;
  }

  /** False: the fact was shed. A full disk sheds frames and holds all else in memory, until that is full as well. */
  keep(payload: Uint8Array): boolean {
    try {
      this.spoolHeld();
      const isKept = this.spool.append(payload);
      this.refuses = false;
      return isKept;
    } catch (error) {
      this.refuses = true;
      this.onProblem(`The spool cannot be written, facts wait in memory: ${(error as Error).message}.`);
      return this.hold(Buffer.from(payload).toString('utf8'));
    }
  }

  /** The oldest facts; the same ones until they are released. */
  nextBatch(limit: number): JournalBatch {
    if (this.spool.pendingBytes > 0) {
      const batch = this.spool.read(limit);
      return { lines: batch.lines, release: () => this.spool.release(batch) };
    }
    const { held } = this;
    const lines = held.slice(0, limit);
    return {
      lines,
      release: () => {
        // They may be on the disk by now.
        if (held === this.held) this.forget(lines.length);
      },
    };
  }

  /** All that came before `nowUs` is committed. */
  noteSafe(nowUs: number): void {
    this.safeUs = nowUs;
  }

  /** Only what Postgres does not take within a second has to survive a loss of power here. */
  keepDurable(nowUs: number): void {
    if (this.isSyncing || this.spool.pendingBytes === 0 || nowUs - this.safeUs < SYNC_EVERY_US) return;
    this.safeUs = nowUs;
    this.isSyncing = true;
    this.spool
      .sync()
      .catch((error: Error) => this.onProblem(`The spool cannot be brought onto the disk: ${error.message}.`))
      .finally(() => {
        this.isSyncing = false;
      });
  }

  close(): void {
    this.spool.close();
  }

  /** The disk takes facts again: those that waited in memory go first, in their order. */
  private spoolHeld(): void {
    let spooled = 0;
    try {
      for (const text of this.held) {
        this.spool.append(Buffer.from(text, 'utf8'));
        spooled += 1;
      }
    } finally {
      if (spooled > 0) {
        this.held = this.held.slice();
        this.forget(spooled);
      }
    }
  }

  private hold(text: string): boolean {
    const isFull = this.held.length >= HELD_LIMIT || this.heldBytes + text.length > HELD_BYTES;
    if (isFull || isFrame(text)) return false;
    this.held.push(text);
    this.heldBytes += text.length;
    return true;
  }

  private forget(count: number): void {
    for (const text of this.held.splice(0, count)) this.heldBytes -= text.length;
  }
}

function isFrame(text: string): boolean {
  try {
    return (JSON.parse(text) as Fact).kind === 'frame';
  } catch {
    return false;
  }
}
