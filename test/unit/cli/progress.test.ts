/** Progress without a terminal: a line after two seconds, then one every ten; nothing before. */
import { expect, test } from 'vitest';
import { startProgress } from '../../../src/cli/progress.ts';

test('a log file gets a line after two seconds, and one every ten from then on', () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  let nowMs = 0;
  using progress = startProgress({ label: 'frames', total: 400, stream, now: () => nowMs });
  for (nowMs = 0; nowMs <= 25_000; nowMs += 1_000) progress.update(nowMs / 100, '40 fps');
  expect(written).toEqual([
    'frames: 20 of 400 (5 %), 40 fps\n',
    'frames: 120 of 400 (30 %), 40 fps\n',
    'frames: 220 of 400 (55 %), 40 fps\n',
  ]);
});

test('an unknown total is not made up', () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  let nowMs = 0;
  const progress = startProgress({ label: 'frames', total: 0, stream, now: () => nowMs });
  nowMs = 10_000;
  progress.update(77);
  expect(written).toEqual(['frames: 77\n']);
});
