/** How much memory there is for us: the machine's, or what the control groups leave of it. */
import { freemem, totalmem } from 'node:os';
import { type CgroupFolder, cgroupFolders } from './cgroups.ts';
import { type ReadText, readText } from './read-text.ts';

export interface MachineMemory {
  /** Bytes that this process and its relatives may use at most. */
  readonly totalBytes: number;
  /** Bytes that can still be had; what the system would give back from its caches counts. */
  readonly availableBytes: number;
  /** What sets the smaller `availableBytes`. */
  readonly boundBy: 'machine' | 'cgroup';
}

export function machineMemory(read: ReadText = readText): MachineMemory {
  const info = read('/proc/meminfo') ?? '';
  let totalBytes = kibibytes(info, 'MemTotal') ?? totalmem();
  let availableBytes = kibibytes(info, 'MemAvailable') ?? freemem();
  let boundBy: MachineMemory['boundBy'] = 'machine';
  for (const group of cgroupFolders('memory', read)) {
    const { limitBytes, usedBytes } = groupMemory(group, read);
    // Version 1 writes a number beyond all memory for "no limit".
    if (limitBytes === null || limitBytes > totalBytes) continue;
    totalBytes = limitBytes;
    const leftBytes = Math.max(0, limitBytes - usedBytes);
    if (leftBytes >= availableBytes) continue;
    availableBytes = leftBytes;
    boundBy = 'cgroup';
  }
  return { totalBytes, availableBytes, boundBy };
}

function groupMemory({ version, folder }: CgroupFolder, read: ReadText) {
  const [limit, usage, cache] =
    version === 2
      ? (['memory.max', 'memory.current', 'inactive_file'] as const)
      : (['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'] as const);
  const limitBytes = whole(read(`${folder}/${limit}`));
  const cacheBytes = whole(new RegExp(`^${cache} (\\d+)$`, 'm').exec(read(`${folder}/memory.stat`) ?? '')?.[1] ?? null);
  return { limitBytes, usedBytes: (whole(read(`${folder}/${usage}`)) ?? 0) - (cacheBytes ?? 0) };
}

function kibibytes(info: string, field: string): number | null {
  const text = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(info)?.[1];
  return text === undefined ? null : Number(text) * 1_024;
}

/** `max`, an empty file and no file are no number. */
function whole(text: string | null): number | null {
  const digits = text?.trim() ?? '';
  return /^\d+$/.test(digits) ? Number(digits) : null;
}
