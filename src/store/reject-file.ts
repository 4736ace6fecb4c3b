/**
 * Where facts go that Postgres refuses for good: rejected.ndjson in the data folder, for a person to look at. It stops
 * growing at its limit; the count goes on. Used by the persister alone.
 */
import { appendFileSync, statSync } from 'node:fs';

export interface RejectFileOptions {
  readonly path: string;
  /** Default 16 MiB. */
  readonly maxBytes?: number;
}

export class RejectFile {
  private readonly path: string;
  private readonly maxBytes: number;

  constructor({ path, maxBytes = 16 * 2 ** 20 }: RejectFileOptions) {
    this.path = path;
    this.maxBytes = maxBytes;
  }

  /**
   * @param line the fact as it came
   * @returns whether it was written down
   * @throws the system's error when the disk refuses
   */
  add(line: string, reason: string, atUtc: number): boolean {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    const entry = `${JSON.stringify({ at_utc: atUtc, reason, fact: line })}\n`;
    if (size + entry.length > this.maxBytes) return false;
    appendFileSync(this.path, entry, { mode: 0o600 });
    return true;
  }
}
