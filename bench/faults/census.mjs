/** What the house has at this moment: processes, threads, descriptors, memory, files. Linux: read from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** @returns every process below the launcher, and the launcher, each by what it is */
export function census(launcherPid) {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid) => {
    for (let at = pid; at; at = parents.get(at)) if (at === launcherPid) return true;
    return false;
  };
  const processes = [...parents.keys()]
    .filter(isOurs)
    .map((pid) => look(pid))
    .filter(Boolean);
  const sum = (key) => processes.reduce((total, one) => total + one[key], 0);
  const byName = {};
  for (const one of processes) {
    byName[one.name] ??= { processes: 0, threads: 0, sockets: 0, descriptors: 0, pssMib: 0 };
    const group = byName[one.name];
    group.processes += 1;
    for (const key of ['threads', 'sockets', 'descriptors', 'pssMib']) group[key] += one[key];
  }
  return { processes, byName, pssMib: sum('pssMib'), threads: sum('threads') };
}

export const isAlive = ({ pid, startTicks }) => stat(pid)?.startTicks === startTicks;

/** Every file below, by path. */
export function filesBelow(folder) {
  try {
    return readdirSync(folder, { recursive: true }).map(String).sort();
  } catch {
    return [];
  }
}

function look(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    const own = stat(pid);
    if (!own || command === '') return null;
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`));
    const pss = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0;
    return {
      pid,
      startTicks: own.startTicks,
      name: nameOf(command),
      threads: readdirSync(`/proc/${pid}/task`).length,
      descriptors: links.length,
      sockets: links.filter((target) => target.startsWith('socket:')).length,
      pssMib: Number(pss) / 1024,
    };
  } catch {
    // It has just ended.
    return null;
  }
}

function nameOf(command) {
  if (command.includes('media/hub/main.js')) return 'hub';
  if (command.includes('dist/main.js')) return 'analyzer';
  if (command.includes('cli.js up')) return 'launcher';
  if (/^(setpriv|ffmpeg)/.test(command)) return 'camera';
  if (command.startsWith('postgres') || command.includes('/postgres ')) return 'postgres';
  return command.split(' ')[0];
}

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { parent: Number(fields[1]), startTicks: Number(fields[19]) };
  } catch {
    return null;
  }
}

const parentOf = (pid) => stat(pid)?.parent ?? 0;
const pids = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function link(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
