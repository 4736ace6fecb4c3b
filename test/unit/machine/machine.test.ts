/** What the system says of memory and cores, from files as they look on real machines and in containers. */
import { describe, expect, it } from 'vitest';
import { cgroupFolders } from '../../../src/machine/cgroups.ts';
import { machineCores } from '../../../src/machine/machine-cores.ts';
import { machineMemory } from '../../../src/machine/machine-memory.ts';

const GIB = 2 ** 30;
const reader = (files: Record<string, string>) => (path: string) => files[path] ?? null;
const meminfo = (total: number, available: number) =>
  `MemTotal:       ${(total * GIB) / 1024} kB\nMemFree:         1 kB\nMemAvailable:   ${(available * GIB) / 1024} kB\n`;

describe('memory of the machine', () => {
  it('is what the system can still give', () => {
    const read = reader({ '/proc/meminfo': meminfo(8, 5) });
    expect(machineMemory(read)).toEqual({ totalBytes: 8 * GIB, availableBytes: 5 * GIB, boundBy: 'machine' });
  });

  it('version 2: the tightest limit of all levels counts, and caches are given back', () => {
    const read = reader({
      '/proc/meminfo': meminfo(8, 7),
      '/proc/self/cgroup': '0::/system.slice/stopsign.service\n',
      '/sys/fs/cgroup/system.slice/stopsign.service/memory.max': 'max\n',
      '/sys/fs/cgroup/system.slice/memory.max': `${2 * GIB}\n`,
      '/sys/fs/cgroup/system.slice/memory.current': `${1.5 * GIB}\n`,
      '/sys/fs/cgroup/system.slice/memory.stat': `anon 5\nfile 7\ninactive_file ${GIB}\nactive_file 1\n`,
    });
    expect(machineMemory(read)).toEqual({ totalBytes: 2 * GIB, availableBytes: 1.5 * GIB, boundBy: 'cgroup' });
  });

  it('version 1 in a container: what is mounted at the root counts when the own path is not to be seen', () => {
    const read = reader({
      '/proc/meminfo': meminfo(8, 7),
      '/proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GIB}\n`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${GIB / 4}\n`,
      '/sys/fs/cgroup/memory/memory.stat': 'cache 1\ntotal_inactive_file 0\n',
    });
    expect(machineMemory(read)).toEqual({ totalBytes: GIB, availableBytes: 0.75 * GIB, boundBy: 'cgroup' });
  });

  it('version 1 without a limit writes a number beyond all memory', () => {
    const read = reader({
      '/proc/meminfo': meminfo(8, 7),
      '/proc/self/cgroup': '4:memory:/\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${7 * GIB}\n`,
    });
    expect(machineMemory(read)).toMatchObject({ totalBytes: 8 * GIB, boundBy: 'machine' });
  });

  it('a group that is over its limit leaves nothing', () => {
    const read = reader({
      '/proc/meminfo': meminfo(8, 7),
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': `${GIB}`,
      '/sys/fs/cgroup/memory.current': `${GIB + 5}`,
    });
    expect(machineMemory(read).availableBytes).toBe(0);
  });

  it('really reads this machine', () => {
    const { totalBytes, availableBytes } = machineMemory();
    expect(totalBytes).toBeGreaterThan(2 ** 28);
    expect(availableBytes).toBeGreaterThan(0);
    expect(availableBytes).toBeLessThanOrEqual(totalBytes);
  });
});

describe('cores', () => {
  const v2 = (max: string) => reader({ '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cpu.max': max });
  it.each([
    ['no groups', 8, reader({}), 8],
    ['no limit', 8, v2('max 100000\n'), 8],
    ['two cores of time', 64, v2('200000 100000\n'), 2],
    ['a core and a half counts as two', 64, v2('150000 100000\n'), 2],
    ['a tenth of a core counts as one', 64, v2('10000 100000\n'), 1],
    ['more time than cores', 4, v2('800000 100000\n'), 4],
    [
      'version 1',
      64,
      reader({
        '/proc/self/cgroup': '3:cpu,cpuacct:/x\n',
        '/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu/x/cpu.cfs_period_us': '100000\n',
      }),
      3,
    ],
    [
      'version 1 without a limit',
      6,
      reader({
        '/proc/self/cgroup': '3:cpu,cpuacct:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      }),
      6,
    ],
  ])('%s', (_what, allowed, read, cores) => expect(machineCores(allowed, read)).toBe(cores));

  it('looks at every level, the own first', () => {
    const read = reader({ '/proc/self/cgroup': '4:memory:/a/b\n0::/c\n' });
    expect(cgroupFolders('memory', read).map(({ folder }) => folder)).toEqual([
      '/sys/fs/cgroup/memory/a/b',
      '/sys/fs/cgroup/memory/a',
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/c',
      '/sys/fs/cgroup',
    ]);
  });
});
