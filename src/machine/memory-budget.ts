/**
 * What the analyzer may come to hold, before it is started: a number for each ring by name, and for all that is not a ring.
 * Pure. The launcher prints it and refuses a machine that is too small; the watch over memory takes its limit from it.
 */
import { StopsignError } from '../errors.ts';
import type { MachineMemory } from './machine-memory.ts';

export interface MemoryBudget {
  readonly parts: readonly MemoryPart[];
  readonly totalBytes: number;
}

export interface MemoryPart {
  readonly name: string;
  readonly bytes: number;
}

const MIB = 2 ** 20;
/**
 * Measured on Node 20 with one camera at 720p and CenterNet or YOLOX-Nano: 237 MiB of the analyzer's own, 324 with what it
 * shares with others, of which about 10 are rings.
 */
const PROCESS_BYTES = 110 * MIB;
const ROOM_BYTES = 32 * MIB;
const MODEL_BYTES = 60 * MIB;
/** Launcher and hub, and Postgres when it is ours. */
const HOUSE_BYTES = 130 * MIB;
const POSTGRES_BYTES = 60 * MIB;

/**
 * @param rings each ring's bytes if it is used to the full: pages that no picture touches cost nothing until then
 * @param rooms threads beside the main one
 */
export function memoryBudget(rings: readonly MemoryPart[], rooms: number): MemoryBudget {
  const parts = [
    ...rings,
    { name: 'the process itself', bytes: PROCESS_BYTES },
    { name: `${rooms} rooms`, bytes: rooms * ROOM_BYTES },
    { name: 'the model', bytes: MODEL_BYTES },
  ];
  return { parts, totalBytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** @throws StopsignError TOO_SMALL */
export function checkMemory(budget: MemoryBudget, machine: MachineMemory, hasPostgres: boolean): void {
  const needed = budget.totalBytes + HOUSE_BYTES + (hasPostgres ? POSTGRES_BYTES : 0);
  if (machine.availableBytes >= needed) return;
  const [what, remedy] =
    machine.boundBy === 'cgroup'
      ? ['its container or service may still use', 'Raise the memory limit of the container or service']
      : ['this machine can still give', 'End other programs, take a larger machine'];
  const sentence = `StopSign needs ${inMebibytes(needed)} of memory, but ${inMebibytes(machine.availableBytes)} is all that ${what}.`;
  throw new StopsignError('TOO_SMALL', sentence, { remedy: `${remedy}, or configure fewer cameras.` });
}

/** What the analyzer may hold before the watch over memory acts: half of the machine, but never less than it needs. */
export function memoryLimit(budget: MemoryBudget, machine: Pick<MachineMemory, 'totalBytes'>): number {
  const most = Math.max(4_096 * MIB, 2 * budget.totalBytes);
  return Math.round(Math.max(1.25 * budget.totalBytes, Math.min(machine.totalBytes / 2, most)));
}

/** One line for log and check-up: each ring by name, the sum, what the machine gives, and where the watch begins. */
export function describeBudget(budget: MemoryBudget, machine: MachineMemory, limitMb?: number): string {
  const parts = budget.parts.map(({ name, bytes }) => `${name} ${inMebibytes(bytes)}`).join(', ');
  const limit = limitMb === undefined ? memoryLimit(budget, machine) : limitMb * MIB;
  const left = `${inMebibytes(machine.availableBytes)} can be had${machine.boundBy === 'cgroup' ? ' (limited from outside)' : ''}`;
  return `Memory of the analyzer: ${inMebibytes(budget.totalBytes)} at most for ${parts}; ${left}; over ${inMebibytes(limit)} it is relieved`;
}

export function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
