/** How the analyzer ends when its threads may be inside native code. */
import { expect, test, vi } from 'vitest';
import { type EndingProcess, endProcess } from '../../../src/end-process.ts';
import { endingSchema } from '../../../src/rpc/ending.ts';

function fake(send: EndingProcess['send']) {
  const did: unknown[] = [];
  const self: EndingProcess = {
    pid: 4711,
    send,
    kill: (pid, signal) => did.push([pid, signal]),
    exit: (code) => did.push(code),
  };
  return { self, did };
}

test('the launcher is told first, then the process ends itself by a signal that asks nobody', () => {
  const told: unknown[] = [];
  let then = () => {};
  const { self, did } = fake((message, done) => {
    told.push(message);
    then = done;
  });
  endProcess(70, 'gateway hangs.', self);
  expect(did).toEqual([]);
  expect(endingSchema.parse(told[0])).toEqual({ type: 'ending', code: 70, why: 'gateway hangs.' });
  then();
  then();
  expect(did).toEqual([[4711, 'SIGKILL']]);
});

test('a launcher that does not listen is not waited for', () => {
  vi.useFakeTimers();
  try {
    const { self, did } = fake(() => {});
    endProcess(70, 'x', self);
    vi.advanceTimersByTime(260);
    expect(did).toEqual([[4711, 'SIGKILL']]);
  } finally {
    vi.useRealTimers();
  }
});

test('a channel that is closed is no hindrance', () => {
  const { self, did } = fake(() => {
    throw new Error('ERR_IPC_CHANNEL_CLOSED');
  });
  endProcess(70, 'x', self);
  expect(did).toEqual([[4711, 'SIGKILL']]);
});

test('without a launcher the code is all there is', () => {
  const { self, did } = fake(undefined);
  endProcess(64, 'x', self);
  expect(did).toEqual([64]);
});
