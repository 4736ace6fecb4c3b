/** How many cores work for us: those the process may run on, and no more than the control groups' share of time. */
import { availableParallelism } from 'node:os';
import { type CgroupFolder, cgroupFolders } from './cgroups.ts';
import { type ReadText, readText } from './read-text.ts';

/** A whole number, at least 1; a part of a core counts as one. */
export function machineCores(allowed: number = availableParallelism(), read: ReadText = readText): number {
  const shares = cgroupFolders('cpu', read).map((group) => coresOf(group, read));
  return Math.max(1, Math.ceil(Math.min(allowed, ...shares)));
}

function coresOf({ version, folder }: CgroupFolder, read: ReadText): number {
  const [quota, period] =
    version === 2
      ? (read(`${folder}/cpu.max`) ?? '').trim().split(' ').map(Number)
      : [Number(read(`${folder}/cpu.cfs_quota_us`) ?? Number.NaN), Number(read(`${folder}/cpu.cfs_period_us`) ?? 0)];
  // "max" and -1 mean: no limit.
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return Number.POSITIVE_INFINITY;
  return quota / period;
}
