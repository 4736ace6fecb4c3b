/** What is known of a camera's view, on disk and back. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ViewWatchData } from '../../../src/domain/view-watch/view-watch.ts';
import { ViewFile } from '../../../src/store/view-file.ts';
import { temporaryDir } from '../../support/postgres.ts';

const bytes = (sign: number) => Int8Array.from({ length: 2 * 160 * 90 }, (_, i) => sign * ((i % 255) - 127));
const data: ViewWatchData = {
  learned: { cols: 160, rows: 90, looks: 60, recent: bytes(1), first: bytes(-1) },
  suspension: { kind: 'moved', sinceUtc: 1_000.5, shiftPx: [40, -1], turnDeg: 0, zoom: 1, hidden: 0.1 },
  ended: { kind: 'blocked', sinceUtc: 1, untilUtc: 2, how: 'by_itself' },
};

function open(version = 'a') {
  const dir = join(temporaryDir(), 'views');
  const problems: string[] = [];
  const path = join(dir, 'front.json');
  const file = (of = version) => new ViewFile({ path, version: of, onProblem: (problem) => problems.push(problem) });
  return { dir, path, file, problems };
}

describe('the file of a view', () => {
  it('gives back to the next what it was given, to the bit', async () => {
    const { dir, file, problems } = open();
    const first = file();
    first.save({ learned: null, suspension: null, ended: null });
    first.save(data);
    await first.saved();
    expect(await file().load()).toEqual(data);
    expect(await readdir(dir)).toEqual(['front.json']);
    expect(problems).toEqual([]);
  });

  it('knows nothing at first, and nothing under another calibration', async () => {
    const { file, problems } = open();
    expect(await file().load()).toBeNull();
    const one = file();
    one.save(data);
    await one.saved();
    expect(await file('b').load()).toBeNull();
    expect(problems).toEqual([]);
  });

  it.each(['{"v":1', '{"v":1,"version":"a","learned":{"cols":160,"rows":90,"recent":"AA==","first":""}}'])(
    'says so and goes on when it is broken: %s',
    async (text) => {
      const { path, file, problems } = open();
      const one = file();
      one.save(data);
      await one.saved();
      await writeFile(path, text);
      expect(await file().load()).toBeNull();
      expect(problems).toEqual([expect.stringContaining("Cannot read what the camera's view looked like")]);
    },
  );

  it('says so and goes on when the disk refuses', async () => {
    const problems: string[] = [];
    const taken = join(temporaryDir(), 'views');
    await writeFile(taken, 'a file where the folder should be');
    const path = join(taken, 'front.json');
    const file = new ViewFile({ path, version: 'a', onProblem: (problem) => problems.push(problem) });
    file.save(data);
    await file.saved();
    file.save(data);
    await file.saved();
    expect(problems).toHaveLength(2);
  });
});
