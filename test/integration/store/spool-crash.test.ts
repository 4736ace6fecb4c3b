/** What the spool has acknowledged is there after kill -9 of its process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Spool } from '../../../src/store/spool.ts';
import { temporaryDir } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

it('keeps every acknowledged fact over kill -9, several times in a row', async () => {
  const dir = temporaryDir();
  for (let round = 1; round <= 4; round += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'append-forever.mjs'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => said.length > 1_000 * round, { what: 'a number of facts', timeoutMs: 20_000, everyMs: 1 });
    child.kill('SIGKILL');
    await once(child, 'close');
    const acknowledged = said.slice(0, said.lastIndexOf('\n')).split('\n').map(Number);

    const spool = new Spool({ dir });
    const found: number[] = [];
    while (spool.pendingBytes > 0) {
      const batch = spool.read(100);
      found.push(...batch.lines.map((line) => (JSON.parse(line) as { n: number }).n));
      spool.release(batch);
    }
    spool.close();
    expect(found.slice(0, acknowledged.length)).toEqual(acknowledged);
    // One more at most: written, but killed before it could say so.
    expect(found.length - acknowledged.length).toBeLessThanOrEqual(1);
  }
  rmSync(dir, { recursive: true, force: true });
});
