/**
 * Ends what a killed predecessor left running. The decision is pure and careful: a process is ended only when number,
 * start time, boot and command line all agree with what was written down.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspectProcess, isSameProcess, type LiveProcess } from './process-identity.ts';
import type { RunRecord } from './run-file.ts';

export type Inspect = (pid: number) => LiveProcess | null;

/** The records whose process still runs and is certainly ours. */
export function findLeftovers(records: readonly RunRecord[], inspect: Inspect, ownPid: number): readonly RunRecord[] {
  return records.filter((record) => {
    if (record.pid === ownPid || record.pid <= 1) return false;
    const live = inspect(record.pid);
    return live !== null && isSameProcess(record, live) && live.command.includes(record.marker);
  });
}

const POLITE_MS = 1_500;
const FORCED_MS = 1_000;

/** SIGTERM, then SIGKILL. Resolves with those that were found. */
export async function endLeftovers(records: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const found = findLeftovers(records, inspectProcess, process.pid);
  signalAll(found, 'SIGTERM');
  const stubborn = await waitUntilGone(found, POLITE_MS);
  signalAll(stubborn, 'SIGKILL');
  await waitUntilGone(stubborn, FORCED_MS);
  return found;
}

async function waitUntilGone(records: readonly RunRecord[], withinMs: number): Promise<readonly RunRecord[]> {
  const deadline = performance.now() + withinMs;
  let left = findLeftovers(records, inspectProcess, process.pid);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(20);
    left = findLeftovers(left, inspectProcess, process.pid);
  }
  return left;
}

function signalAll(records: readonly RunRecord[], signal: NodeJS.Signals): void {
  for (const record of records) {
    try {
      process.kill(record.pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }
}
