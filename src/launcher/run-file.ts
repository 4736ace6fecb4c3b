/**
 * What is running, written down in the data folder, so that the next start can tidy up after a launcher that was
 * killed. Only the launcher reads and writes it, and only while it holds the lock. What cannot be written (a full disk)
 * is logged and left: the tidying up is worth less than the house that runs.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../telemetry/log.ts';
import { inspectProcess, type ProcessIdentity } from './process-identity.ts';

export interface RunRecord extends ProcessIdentity {
  readonly name: string;
  /** A piece of its command line, checked before it is killed. */
  readonly marker: string;
}

export class RunFile {
  readonly #file: string;
  readonly #draft: string;
  readonly #log: Log;
  readonly #records = new Map<string, RunRecord>();

  constructor(dataDir: string, log: Log) {
    this.#file = join(dataDir, 'run.json');
    this.#draft = `${this.#file}.draft`;
    this.#log = log;
  }

  /** What the predecessor left written; a damaged file counts as empty. */
  readPrevious(): readonly RunRecord[] {
    try {
      const parsed: unknown = JSON.parse(readFileSync(this.#file, 'utf8'));
      return Array.isArray(parsed) ? parsed.filter(isRecord) : [];
    } catch {
      return [];
    }
  }

  /** A process that cannot be identified is not written down: nobody could safely end it. */
  remember(name: string, pid: number, marker: string): void {
    const live = inspectProcess(pid);
    if (!live) return;
    this.#records.set(name, { name, marker, pid, startTicks: live.startTicks, bootId: live.bootId });
    this.#write();
  }

  forget(name: string): void {
    if (this.#records.delete(name)) this.#write();
  }

  remove(): void {
    this.#records.clear();
    for (const file of [this.#file, this.#draft]) rmSync(file, { force: true });
  }

  #write(): void {
    try {
      writeFileSync(this.#draft, JSON.stringify([...this.#records.values()], null, 1));
      renameSync(this.#draft, this.#file);
    } catch (error) {
      this.#log.warn({ err: error }, `${this.#file} cannot be written: after a crash, processes may be left running`);
    }
  }
}

function isRecord(value: unknown): value is RunRecord {
  const record = value as Partial<RunRecord> | null;
  return (
    Number.isInteger(record?.pid) &&
    Number.isFinite(record?.startTicks) &&
    typeof record?.bootId === 'string' &&
    typeof record?.name === 'string' &&
    typeof record?.marker === 'string'
  );
}
