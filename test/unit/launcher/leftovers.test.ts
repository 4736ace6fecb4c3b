/** What a killed predecessor left is ended only when it is certainly ours. */
import { describe, expect, test } from 'vitest';
import { findLeftovers } from '../../../src/launcher/leftovers.ts';
import { inspectProcess, type LiveProcess, parseStat } from '../../../src/launcher/process-identity.ts';
import type { RunRecord } from '../../../src/launcher/run-file.ts';

const RECORD: RunRecord = { name: 'hub', marker: 'dist/media/hub/main.js', pid: 4711, startTicks: 900, bootId: 'boot' };
const LIVE: LiveProcess = { pid: 4711, startTicks: 900, bootId: 'boot', command: 'node /app/dist/media/hub/main.js' };

describe('leftovers', () => {
  test('a process that agrees in everything is one', () => {
    expect(findLeftovers([RECORD], () => LIVE, 1)).toEqual([RECORD]);
  });

  test.each([
    ['nobody runs under the number', null],
    ['the number was given to a later process', { ...LIVE, startTicks: 901 }],
    ['the machine was started anew', { ...LIVE, bootId: 'other' }],
    ['the command is another', { ...LIVE, command: 'postgres: checkpointer' }],
  ])('it is left alone when %s', (_, live) => {
    expect(findLeftovers([RECORD], () => live, 1)).toEqual([]);
  });

  test('the launcher itself and process 1 are never ended', () => {
    expect(findLeftovers([RECORD], () => LIVE, RECORD.pid)).toEqual([]);
    expect(findLeftovers([{ ...RECORD, pid: 1 }], () => ({ ...LIVE, pid: 1 }), 2)).toEqual([]);
  });
});

describe('the identity of a process', () => {
  test('is read past a name with blanks and brackets', () => {
    const rest = `S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20 21`;
    expect(parseStat(`77 (a) b (c)) ${rest}`)).toEqual({ state: 'S', startTicks: 4242 });
    expect(parseStat('77 (short) S 1')).toBeNull();
  });

  test.runIf(process.platform === 'linux')('of this very process is found and stays the same', () => {
    const first = inspectProcess(process.pid);
    expect(first?.startTicks).toBeGreaterThan(0);
    expect(inspectProcess(process.pid)).toEqual(first);
    expect(inspectProcess(2 ** 22 + 1)).toBeNull();
  });
});
