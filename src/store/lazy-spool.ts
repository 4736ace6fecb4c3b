/**
 * The spool on a disk that may be read-only or broken: opened at once if that is possible, otherwise with the first
 * fact that the disk takes again. Until then it is an empty spool whose every append throws, so that the persister goes
 * on with Postgres alone. Used by the persister's worker.
 */
import { Spool, type SpoolBatch, type SpoolOptions } from './spool.ts';

export class LazySpool {
  private readonly options: SpoolOptions;
  private spool: Spool | undefined;

  constructor(options: SpoolOptions) {
    this.options = options;
    try {
      this.spool = new Spool(options);
    } catch {
      // The first append says why, to somebody who can tell it.
    }
  }

  /** Bytes that wait to be stored elsewhere; 0 while it cannot be opened. */
  get pendingBytes(): number {
    return this.spool?.pendingBytes ?? 0;
  }

  /** As `Spool.append`. @throws the system's error when the disk refuses */
  append(payload: Uint8Array): boolean {
    this.spool ??= new Spool(this.options);
    return this.spool.append(payload);
  }

  /** As `Spool.read`. */
  read(limit: number): SpoolBatch {
    return this.spool?.read(limit) ?? { lines: [], segment: 0, endOffset: 0 };
  }

  release(batch: SpoolBatch): void {
    this.spool?.release(batch);
  }

  sync(): Promise<void> {
    return this.spool?.sync() ?? Promise.resolve();
  }

  /** Idempotent. */
  close(): void {
    this.spool?.close();
  }
}
