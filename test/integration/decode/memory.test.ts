/** What decoding keeps of pictures long gone: nothing. In a process of its own, whose memory is nobody else's. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeClip, splitAccessUnits } from '../../support/clip.ts';
import { projectRoot } from '../../support/shared.ts';

const WARM_UP = 4_000;
const PICTURES = 20_000;
/** One AVFrame lost with each would be 0.55 kB, 11 MB in all; what two runs differ by is less than 2 MB. */
const MOST_MB = 5;

it('memory does not grow with the pictures that were decoded', async () => {
  await using clip = await makeClip({ width: 64, height: 48, frames: 60, file: 'c.h264' });
  const units = splitAccessUnits(await readFile(clip.path), 'h264');
  const script = `${clip.path}.mjs`;
  await writeFile(script, counting(units.map((unit) => Buffer.from(unit).toString('base64'))));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], {
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  const { backend, decoded, grownMb } = JSON.parse(stdout) as { backend: string; decoded: number; grownMb: number };
  expect({ backend, decoded }).toEqual({ backend: 'node-av', decoded: WARM_UP + PICTURES });
  expect(grownMb).toBeLessThan(MOST_MB);
});

function counting(units: readonly string[]): string {
  const from = (path: string): string => JSON.stringify(pathToFileURL(join(projectRoot(), path)).href);
  return `
    import { loadBackend } from ${from('dist/media/decode/backend.js')};
    import { memoryKinds } from ${from('bench/support/memory-kinds.mjs')};
    const units = ${JSON.stringify(units)}.map((text) => Buffer.from(text, 'base64'));
    const backend = await loadBackend();
    const decoder = await backend.openStream('h264');
    let decoded = 0;
    const decode = async (count) => {
      for (let i = 0; i < count; i += 1) decoded += (await decoder.decode(units[i % units.length], i)).length;
      // Two turns: what was given up in the first is freed in the second.
      for (let turn = 0; turn < 2; turn += 1) {
        globalThis.gc();
        await new Promise(setImmediate);
      }
      return memoryKinds(process.pid).malloc;
    };
    const before = await decode(${WARM_UP});
    const after = await decode(${PICTURES});
    await decoder.close();
    console.log(JSON.stringify({ backend: backend.name, decoded, grownMb: after - before }));
  `;
}
