/** Two cameras in one analyzer, everything real: what happens to one is not felt by the other. */
import { expect, it } from 'vitest';
import { openAnalyzer } from '../support/analyzer.ts';
import { until } from '../support/until.ts';

it('a decoder that is replaced, and a camera that is gone, leave the epoch and the frames of the other alone', async () => {
  await using analyzer = await openAnalyzer({ others: ['side'] });
  const { board, supervisor, push } = analyzer;
  const tracked = (camera: string) => board.row(`tracker:${camera}`).get('in');
  const moves = async (camera: string, what: string) => {
    const from = tracked(camera);
    await until(() => tracked(camera) > from + 10, { timeoutMs: 30_000, everyMs: 50, what });
  };
  const side = () => {
    const row = board.row('decoder:side');
    return { epoch: row.get('gauge1'), generation: row.get('generation'), restarts: row.get('restarts') };
  };
  await moves('demo', 'analysed frames of the first camera');
  await moves('side', 'analysed frames of the second camera');
  const before = side();
  const epoch = board.row('decoder:demo').get('gauge1');

  await supervisor.control.restart('decoder:demo', 'test');
  await moves('demo', 'analysed frames of the replaced decoder');
  expect(board.row('decoder:demo').get('gauge1')).toBeGreaterThan(epoch);
  await moves('side', 'analysed frames beside it');
  expect(side()).toEqual(before);

  await push.kill();
  await until(() => board.row('decoder:demo').get('gauge0') === 0, {
    timeoutMs: 20_000,
    everyMs: 50,
    what: 'a camera that is gone',
  });
  await moves('side', 'analysed frames beside a camera that is gone');
  expect(side()).toEqual(before);
  const { consumed, skipped, inRing, committed } = supervisor.house.frameCounts('frames:side');
  expect(committed - consumed - skipped - inRing).toBe(0);
}, 120_000);
