/**
 * The facts that are not in Postgres yet, on disk: an append-only journal of NDJSON segments. Every fact is written
 * here before its record leaves the ring, and the file is emptied when all of it is committed, so nothing is lost
 * whatever is killed, and an outage of Postgres only makes the journal longer. Used by the persister alone.
 *
 *   <dir>/000000000001.ndjson   oldest; one fact a line; a torn last line (a crash in mid-write) is ignored
 *   <dir>/000000000002.ndjson   …
 *
 * What survives: the death of the thread or the process, everything (a write() has reached the kernel); the loss of
 * power, all but about the last second (`sync` once a second while facts wait, and at the end of each segment).
 * After a restart at most one segment is delivered a second time; inserts are idempotent.
 *
 * The budget: per-frame detections are shed first, when 7/8 of it is used; track summaries and metrics when all of it
 * is; events and passes never, until the disk itself refuses.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../rpc/records.ts';

export interface SpoolOptions {
  readonly dir: string;
  /** Budget of all segments together; default 512 MiB. */
  readonly maxBytes?: number;
  /** A segment that is longer is closed and the next begun; default 8 MiB. */
  readonly segmentBytes?: number;
}

/** Where a read ended; hand it back to `release` once its lines are safe elsewhere. */
export interface SpoolBatch {
  readonly lines: readonly string[];
  readonly segment: number;
  readonly endOffset: number;
}

interface Segment {
  readonly number: number;
  readonly path: string;
  bytes: number;
}

const READ_BYTES = 1 << 20;
const NEWLINE = 0x0a;

export class Spool {
  private readonly dir: string;
  private readonly maxBytes: number;
  private readonly segmentBytes: number;
  /** Oldest first; the last is the one being written. */
  private readonly segments: Segment[] = [];
  private active: { segment: Segment; fd: number };
  private readOffset = 0;
  private isClosed = false;
  private isUnsynced = false;
  private line = Buffer.alloc(1 << 16);

  /** Takes up what a predecessor left. @throws the system's error when the folder cannot be written */
  constructor(options: SpoolOptions) {
    this.dir = options.dir;
    this.maxBytes = options.maxBytes ?? 512 * 2 ** 20;
    this.segmentBytes = options.segmentBytes ?? 8 * 2 ** 20;
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.dir).sort()) {
      if (!/^\d{12}\.ndjson$/.test(name)) continue;
      const path = join(this.dir, name);
      const bytes = statSync(path).size;
      if (bytes === 0) unlinkSync(path);
      else this.segments.push({ number: Number(name.slice(0, 12)), path, bytes });
    }
    this.active = this.beginSegment((this.segments.at(-1)?.number ?? 0) + 1);
  }

  /** Bytes that wait to be stored elsewhere. */
  get pendingBytes(): number {
    return this.bytesOnDisk - this.readOffset;
  }

  /**
   * One fact, as JSON without line breaks; `false` when the budget made it shed. When it returns, the kernel has it.
   * @throws the system's error (ENOSPC, EIO …) when the disk refuses; the journal is then as it was before
   */
  append(payload: Uint8Array): boolean {
    const bytes = payload.length + 1;
    if (this.mustShed(payload, bytes)) return false;
    if (this.active.segment.bytes > 0 && this.active.segment.bytes + bytes > this.segmentBytes) this.rotate();
    if (this.line.length < bytes) this.line = Buffer.alloc(bytes * 2);
    this.line.set(payload);
    this.line[payload.length] = NEWLINE;
    this.writeLine(bytes);
    this.isUnsynced = true;
    return true;
  }

  /** Up to `limit` of the oldest lines, all of one segment; reading again before `release` gives the same. */
  read(limit: number): SpoolBatch {
    for (;;) {
      const segment = this.segments[0] as Segment;
      const batch = this.readSegment(segment, limit);
      const isFinished = batch.lines.length === 0 && segment !== this.active.segment;
      if (!isFinished) return batch;
      this.dropOldest();
    }
  }

  /** Forgets what `batch` held. The journal shrinks to nothing when all of it is released. */
  release(batch: SpoolBatch): void {
    const segment = this.segments[0] as Segment;
    if (segment.number !== batch.segment || this.isClosed) return;
    this.readOffset = batch.endOffset;
    if (this.readOffset < segment.bytes) return;
    if (segment !== this.active.segment) this.dropOldest();
    else {
      ftruncateSync(this.active.fd, 0);
      segment.bytes = 0;
      this.readOffset = 0;
      this.isUnsynced = false;
    }
  }

  /** Brings what was appended onto the disk itself; resolves at once when there is nothing new. */
  sync(): Promise<void> {
    if (!this.isUnsynced || this.isClosed) return Promise.resolve();
    this.isUnsynced = false;
    return new Promise((resolve, reject) => {
      fdatasync(this.active.fd, (error) => {
        if (error && !this.isClosed && error.code !== 'EBADF') reject(error);
        else resolve();
      });
    });
  }

  /** Idempotent. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.active.segment.bytes > 0) fdatasyncSync(this.active.fd);
    closeSync(this.active.fd);
    if (this.active.segment.bytes === 0) unlinkSync(this.active.segment.path);
  }

  private get bytesOnDisk(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  private mustShed(payload: Uint8Array, bytes: number): boolean {
    const used = this.bytesOnDisk + bytes;
    if (used <= (this.maxBytes / 8) * 7) return false;
    const kind = kindOf(payload);
    return kind === 'frame' || (kind !== 'event' && used > this.maxBytes);
  }

  private writeLine(bytes: number): void {
    const { segment, fd } = this.active;
    try {
      for (let written = 0; written < bytes; ) written += writeSync(fd, this.line, written, bytes - written);
      segment.bytes += bytes;
    } catch (error) {
      ftruncateSync(fd, segment.bytes);
      throw error;
    }
  }

  private rotate(): void {
    const { segment, fd } = this.active;
    fdatasyncSync(fd);
    this.active = this.beginSegment(segment.number + 1);
    closeSync(fd);
  }

  /** All that can fail comes first: a number that is in `segments` is never begun a second time. */
  private beginSegment(number: number): { segment: Segment; fd: number } {
    const path = join(this.dir, `${String(number).padStart(12, '0')}.ndjson`);
    const fd = openSync(path, 'a', 0o600);
    try {
      syncDirectory(this.dir);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    const segment = { number, path, bytes: 0 };
    this.segments.push(segment);
    return { segment, fd };
  }

  private readSegment(segment: Segment, limit: number): SpoolBatch {
    const fd = openSync(segment.path, 'r');
    try {
      const left = segment.bytes - this.readOffset;
      for (let size = Math.min(READ_BYTES, left); ; size = Math.min(size * 4, left)) {
        const chunk = readFully(fd, this.readOffset, size);
        const batch = this.cut(segment, chunk, limit);
        if (batch.lines.length > 0 || size >= left) return batch;
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Whole lines only: what follows the last line break is torn, or continues beyond the chunk. */
  private cut(segment: Segment, chunk: Buffer, limit: number): SpoolBatch {
    const lines: string[] = [];
    let start = 0;
    while (lines.length < limit) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      if (end > start) lines.push(chunk.toString('utf8', start, end));
      start = end + 1;
    }
    return { lines, segment: segment.number, endOffset: this.readOffset + start };
  }

  private dropOldest(): void {
    const segment = this.segments.shift() as Segment;
    unlinkSync(segment.path);
    this.readOffset = 0;
  }
}

function kindOf(payload: Uint8Array): Fact['kind'] | null {
  try {
    return (JSON.parse(Buffer.from(payload).toString('utf8')) as Fact).kind;
  } catch {
    return null;
  }
}

function readFully(fd: number, offset: number, bytes: number): Buffer {
  const chunk = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const read = readSync(fd, chunk, filled, bytes - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return chunk.subarray(0, filled);
}

/** So that the new name itself outlives a loss of power. */
function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
