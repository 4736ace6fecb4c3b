/**
 * Which process a number means. Process numbers are used again, so a process is known by its number, the moment it
 * started and the boot it belongs to. Linux only: elsewhere a process cannot be identified, and nothing is ever killed
 * on a guess.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and start. */
  readonly startTicks: number;
  readonly bootId: string;
}

export interface LiveProcess extends ProcessIdentity {
  /** Arguments, separated by blanks. */
  readonly command: string;
}

/** What runs under this number now; null for nobody (also a zombie), or where /proc is not there. */
export function inspectProcess(pid: number): LiveProcess | null {
  const stat = tryRead(`/proc/${pid}/stat`);
  const bootId = tryRead('/proc/sys/kernel/random/boot_id')?.trim();
  if (!stat || !bootId) return null;
  const parsed = parseStat(stat);
  if (!parsed || parsed.state === 'Z' || parsed.state === 'X') return null;
  const command = (tryRead(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return { pid, startTicks: parsed.startTicks, bootId, command };
}

export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks && a.bootId === b.bootId;
}

/** State (field 3) and start time (field 22) of /proc/PID/stat; the name in field 2 may hold blanks and brackets. */
export function parseStat(stat: string): { state: string; startTicks: number } | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = Number(fields[19]);
  return state && Number.isFinite(startTicks) && fields[19] !== undefined ? { state, startTicks } : null;
}

function tryRead(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
