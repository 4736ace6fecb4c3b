/**
 * One launcher per data folder. The lock is a file that names its owner; a file whose owner no longer runs is taken
 * over. Called by `run.ts` before anything is started.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';
import { inspectProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts';

const ATTEMPTS = 5;

export class LauncherLock implements Disposable {
  readonly #file: string;
  readonly #text: string;
  /** true: the previous owner ended without tidying up. */
  readonly wasStale: boolean;

  /** Throws PORT_TAKEN when another launcher holds the folder. */
  static acquire(dataDir: string, pid: number = process.pid): LauncherLock {
    const file = lockFile(dataDir);
    const own = inspectProcess(pid) ?? { pid, startTicks: 0, bootId: '' };
    const text = JSON.stringify({ pid: own.pid, startTicks: own.startTicks, bootId: own.bootId });
    let wasStale = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryCreate(file, text)) return new LauncherLock(file, text, wasStale);
      const held = tryRead(file);
      if (held === null) continue;
      const owner = lockOwner(dataDir);
      if (owner) throw heldBy(dataDir, owner.pid);
      wasStale = removeStale(file, held) || wasStale;
    }
    throw new StopsignError('INTERNAL', `The lock ${file} could not be taken in ${ATTEMPTS} attempts.`, {
      remedy: 'Delete the file if no other StopSign runs on this folder.',
    });
  }

  private constructor(file: string, text: string, wasStale: boolean) {
    this.#file = file;
    this.#text = text;
    this.wasStale = wasStale;
  }

  /** Idempotent; never removes a lock that somebody else took meanwhile. */
  release(): void {
    if (tryRead(this.#file) === this.#text) rmSync(this.#file, { force: true });
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The launcher that runs on this data folder now, or null. */
export function lockOwner(dataDir: string): ProcessIdentity | null {
  const owner = parseOwner(tryRead(lockFile(dataDir)) ?? '');
  const live = owner && inspectProcess(owner.pid);
  return owner && live && isSameProcess(owner, live) ? owner : null;
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'launcher.lock');
}

/** Atomic with the content in it: a lock without an owner's name never exists. */
function tryCreate(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves the stale file aside; if another launcher's fresh lock was caught instead, it is put back. */
function removeStale(file: string, expected: string): boolean {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return false;
  }
  const caught = tryRead(aside);
  if (caught !== expected) {
    try {
      linkSync(aside, file);
    } catch {
      // Somebody has locked again in between: theirs counts.
    }
  }
  rmSync(aside, { force: true });
  return caught === expected;
}

function parseOwner(text: string): ProcessIdentity | null {
  try {
    const owner = JSON.parse(text) as Partial<ProcessIdentity> | null;
    if (!Number.isInteger(owner?.pid) || !Number.isFinite(owner?.startTicks)) return null;
    return owner as ProcessIdentity;
  } catch {
    return null;
  }
}

function heldBy(dataDir: string, pid: number): StopsignError {
  return new StopsignError('PORT_TAKEN', `StopSign already runs on the data folder ${dataDir} (process ${pid}).`, {
    remedy: 'Stop it first, or give this one a folder of its own with STOPSIGN_DATA_DIR (and PORT).',
  });
}

function tryRead(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
