/**
 * The server process of a cluster: which one runs, is it ready, end it. Knows nothing but the files that Postgres
 * itself keeps (postmaster.pid). Used by the embedded Postgres only.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspectProcess } from './process-identity.ts';

/** What postmaster.pid says: line 1 the process, line 4 the port, line 8 how far it is. */
export interface ServerNote {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

const FAST_MS = 2_000;
const IMMEDIATE_MS = 600;
const ALL_MS = FAST_MS + 2 * IMMEDIATE_MS;

/** null without the file, or while it is being written. */
export function readServerNote(cluster: string): ServerNote | null {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid) || pid <= 1) return null;
    return { pid, port: Number(lines[3] ?? 0), isReady: lines[7]?.trim() === 'ready' };
  } catch {
    return null;
  }
}

/**
 * Whether this process is the server of this very cluster: the number alone may belong to somebody else by now. The
 * server works in its data directory, so this holds also after the folder was moved.
 */
export function isServerOf(pid: number, cluster: string): boolean {
  return isPostgres(pid) && workingDir(pid) === cluster;
}

/** Whether some other program certainly has this number now. In doubt it has not: two servers would ruin the cluster. */
export function isForeign(pid: number, cluster: string): boolean {
  if (inspectProcess(pid) === null) return false;
  if (!isPostgres(pid)) return true;
  const dir = workingDir(pid);
  return dir !== null && dir !== cluster;
}

function isPostgres(pid: number): boolean {
  return inspectProcess(pid)?.command.includes('postgres') === true;
}

function workingDir(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/**
 * Fast shutdown (clients are disconnected, everything is written), then immediate shutdown (the next start recovers
 * from the log), then by force. Resolves when the process is gone, within 3.2 s.
 * @param withinMs when there is less time: nothing is lost, but the next start has to recover
 */
export async function endServer(pid: number, isRunning: () => boolean, withinMs = ALL_MS): Promise<void> {
  const immediateMs = Math.min(IMMEDIATE_MS, withinMs / 4);
  const fastMs = Math.min(FAST_MS, withinMs - 2 * immediateMs);
  const steps = [
    { signal: 'SIGINT', waitMs: fastMs },
    { signal: 'SIGQUIT', waitMs: immediateMs },
    { signal: 'SIGKILL', waitMs: immediateMs },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!isRunning()) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
    const deadline = performance.now() + waitMs;
    while (isRunning() && performance.now() < deadline) await sleep(10);
  }
}
