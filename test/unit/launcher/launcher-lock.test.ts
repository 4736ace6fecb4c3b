/** One launcher per data folder, whatever the previous one died of. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LauncherLock, lockOwner } from '../../../src/launcher/launcher-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = () => join(dir, 'launcher.lock');

describe.runIf(process.platform === 'linux')('the lock of a data folder', () => {
  test('refuses a second launcher with a sentence', () => {
    using first = LauncherLock.acquire(dir);
    expect(first.wasStale).toBe(false);
    expect(() => LauncherLock.acquire(dir)).toThrowError(
      expect.objectContaining({ code: 'PORT_TAKEN', message: expect.stringContaining(`process ${process.pid}`) }),
    );
    expect(lockOwner(dir)?.pid).toBe(process.pid);
  });

  test('is free again after release, and releasing twice does no harm', () => {
    const lock = LauncherLock.acquire(dir);
    lock.release();
    lock.release();
    expect(existsSync(file())).toBe(false);
    LauncherLock.acquire(dir).release();
  });

  test.each([
    ['a dead owner', JSON.stringify({ pid: 2 ** 22 + 1, startTicks: 5, bootId: 'x' })],
    ['an owner whose number somebody else has now', JSON.stringify({ pid: process.pid, startTicks: 1, bootId: 'x' })],
    ['a damaged file', '{"pid":'],
    ['an empty file', ''],
  ])('of %s is taken over', (_, text) => {
    writeFileSync(file(), text);
    using lock = LauncherLock.acquire(dir);
    expect(lock.wasStale).toBe(true);
    expect(lockOwner(dir)?.pid).toBe(process.pid);
  });

  test('is not removed by a former owner', () => {
    const lock = LauncherLock.acquire(dir);
    writeFileSync(file(), 'somebody else');
    lock.release();
    expect(existsSync(file())).toBe(true);
  });
});
