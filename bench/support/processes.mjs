/** CPU and memory of a process and all below it, from /proc. Used by the benchmarks that watch the whole program. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of `sysconf(_SC_CLK_TCK)`; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** @returns {{ cpuSeconds: number, memoryMb: number, processes: Map<number, { name: string, cpu: number, mb: number }> }} */
export function usage(root) {
  const all = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const name = readFileSync(`/proc/${entry}/cmdline`, 'utf8')
        .split('\0')
        .slice(0, 2)
        .map((part) => part.split('/').slice(-2).join('/'))
        .join(' ');
      const cpu = (Number(rest[11]) + Number(rest[12])) / TICKS;
      all.set(Number(entry), { parent: Number(rest[1]), cpu, name });
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (pid) => [pid, ...[...all].filter(([, p]) => p.parent === pid).flatMap(([child]) => below(child))];
  const mine = below(root).flatMap((pid) => {
    const process = all.get(pid);
    return process ? [[pid, { ...process, mb: proportionalMb(pid) }]] : [];
  });
  return {
    cpuSeconds: mine.reduce((sum, [, p]) => sum + p.cpu, 0),
    memoryMb: mine.reduce((sum, [, p]) => sum + p.mb, 0),
    processes: new Map(mine),
  };
}

/** Shared pages count by their share (PSS), so that the sum over processes is right. */
function proportionalMb(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** Cores and memory of each process between two looks. */
export function byName(before, after, seconds) {
  const rows = {};
  for (const [pid, p] of after.processes) {
    const cores = (p.cpu - (before.processes.get(pid)?.cpu ?? 0)) / seconds;
    if (cores >= 0.005) rows[`${p.name} (${pid})`] = { cores: Number(cores.toFixed(3)), memoryMb: Math.round(p.mb) };
  }
  return rows;
}
