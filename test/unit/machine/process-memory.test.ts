import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { residentBytes } from '../../../src/machine/process-memory.ts';

describe('what a process holds', () => {
  it('is about what the system says', () => {
    expect(residentBytes()).toBeGreaterThan(20 * 2 ** 20);
  });

  it('is not known, and no error, while no file can be opened', () => {
    const script = `
      import { openSync } from 'node:fs';
      const { residentBytes } = await import(process.argv[1]);
      try { for (;;) openSync('/dev/null', 'r'); } catch {}
      process.stdout.write(String(residentBytes()));`;
    const node = `"${process.execPath}" --input-type=module -e "$0" "$1"`;
    const compiled = resolve('dist/machine/process-memory.js');
    expect(execFileSync('bash', ['-c', `ulimit -n 64; ${node}`, script, compiled]).toString()).toBe('null');
  });
});
