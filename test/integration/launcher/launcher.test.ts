/** The launcher over real processes that crash, hang and lie. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectProcess } from '../../../src/launcher/process-identity.ts';
import { Launched } from '../../support/launched.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-launcher-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const house = (...parts: string[]) =>
  new Launched([process.execPath, join(projectRoot(), 'test/fixtures/launcher/house.mjs'), dir, ...parts]);
const pidsOf = (launched: Launched, part?: string): number[] =>
  launched.lines
    .filter((line) => line.msg === 'started' && (part === undefined || line['part'] === part))
    .map((line) => Number(line['pid']));
const allReady = (launched: Launched) => launched.line(({ msg }) => msg === 'everything is ready', 'every part');
const isGone = (pid: number): boolean => inspectProcess(pid) === null;

describe('starting and stopping', () => {
  test('starts in order and ends everything in reverse order on SIGTERM', async () => {
    await using launched = house('hub=good', 'analyzer=good,after=hub');
    await allReady(launched);
    const readyOrder = launched.lines.filter(({ msg }) => msg.endsWith('is ready')).map((line) => line['part']);
    expect(readyOrder.slice(0, 2)).toEqual(['hub', 'analyzer']);
    launched.child.kill('SIGTERM');
    expect(await launched.exited).toBe(0);
    expect(pidsOf(launched).filter((pid) => !isGone(pid))).toEqual([]);
    expect(existsSync(join(dir, 'launcher.lock'))).toBe(false);
    expect(existsSync(join(dir, 'run.json'))).toBe(false);
  });

  test('a child that ignores SIGTERM is ended by force, well within five seconds', async () => {
    await using launched = house('hub=stubborn', 'analyzer=stubborn,after=hub');
    await allReady(launched);
    const startedMs = performance.now();
    launched.child.kill('SIGINT');
    expect(await launched.exited).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(pidsOf(launched).filter((pid) => !isGone(pid))).toEqual([]);
  });

  test('a child that was made to stand still ends in order, not by force', async () => {
    await using launched = house('hub=polite');
    await allReady(launched);
    const [pid = 0] = pidsOf(launched);
    process.kill(pid, 'SIGSTOP');
    launched.child.kill('SIGTERM');
    expect(await launched.exited).toBe(0);
    expect(launched.lines.some(({ msg }) => msg === 'good-bye')).toBe(true);
    expect(isGone(pid)).toBe(true);
  });

  test('stopping while a part is still starting leaves nothing', async () => {
    await using launched = house('hub=silent');
    await launched.line(({ msg }) => msg === 'started', 'the child');
    launched.child.kill('SIGTERM');
    expect(await launched.exited).toBe(0);
    expect(pidsOf(launched).filter((pid) => !isGone(pid))).toEqual([]);
  });
});

describe('a child that ends', () => {
  test('is started again, and the others go on', async () => {
    await using launched = house('hub=good', 'analyzer=good,after=hub');
    await allReady(launched);
    const [hubPid] = pidsOf(launched, 'hub');
    const [first = 0] = pidsOf(launched, 'analyzer');
    process.kill(first, 'SIGKILL');
    await until(() => pidsOf(launched, 'analyzer').length === 2, { what: 'a second analyzer' });
    expect(pidsOf(launched, 'hub')).toEqual([hubPid]);
    expect(launched.lines.some(({ msg }) => msg.includes('analyzer was ended by SIGKILL'))).toBe(true);
  });

  test('hangs: it gives no answer, is ended, and started again; one that answers is left alone', async () => {
    await using launched = house('hub=asked', 'analyzer=hang,after=hub');
    await allReady(launched);
    const said = await launched.line(({ msg }) => msg.startsWith('analyzer was ended'), 'the end of the hung child');
    expect(said.msg).toBe(
      'analyzer was ended by SIGKILL ("its main thread gave no answer for 1 s"); starting it again',
    );
    await until(() => pidsOf(launched, 'analyzer').length === 2, { what: 'a second analyzer' });
    expect(pidsOf(launched, 'hub')).toHaveLength(1);
  });

  test('with 64 is not started again: the launcher ends with 64 and says why', async () => {
    await using launched = house('hub=good', 'analyzer=exit=64,after=hub');
    expect(await launched.exited).toBe(64);
    expect(pidsOf(launched, 'analyzer')).toHaveLength(1);
    const said = launched.lines.find((line) => line['level'] === 60)?.msg;
    expect(said).toBe(
      'analyzer ended with code 64 ("the fixture does not like this"). Starting it again would not help.',
    );
    expect(pidsOf(launched).filter((pid) => !isGone(pid))).toEqual([]);
  });

  test('again and again is given up loudly with 70', async () => {
    await using launched = house('analyzer=crash');
    expect(await launched.exited).toBe(70);
    expect(pidsOf(launched, 'analyzer')).toHaveLength(4);
    expect(launched.lines.find((line) => line['level'] === 60)?.msg).toBe(
      'Giving up: analyzer ended 4 times within 60 s; the last time it ended with code 1.',
    );
  });

  test('that ends itself because its threads hang: the launcher knows the code it meant, and why', async () => {
    await using launched = house('hub=good', 'analyzer=ending,after=hub');
    await allReady(launched);
    const [first = 0] = pidsOf(launched, 'analyzer');
    process.kill(first, 'SIGUSR2');
    const said = await launched
      .line(({ msg }) => msg.startsWith('analyzer '), 'its end', 5_000)
      .then(() => launched.line(({ msg }) => msg.includes('starting it again'), 'its restart'));
    expect(said.msg).toBe('analyzer ended with code 70 ("a room hangs"); starting it again');
    await until(() => pidsOf(launched, 'analyzer').length === 2, { what: 'a second analyzer' });
  });

  test('takes what it has started with it, and is started again although that held on to its output', async () => {
    await using launched = house('analyzer=parent');
    const grandchild = await launched.line(({ msg }) => msg === 'grandchild', 'the grandchild');
    await until(() => pidsOf(launched, 'analyzer').length === 2, { what: 'a second analyzer' });
    await until(() => isGone(Number(grandchild['pid'])), { what: 'the end of the grandchild' });
  });

  test('its dependants start again when it has moved to another address', async () => {
    await using launched = house('hub=good', 'analyzer=good,after=hub');
    await allReady(launched);
    const [hubPid = 0] = pidsOf(launched, 'hub');
    process.kill(hubPid, 'SIGKILL');
    await until(() => pidsOf(launched, 'hub').length === 2 && pidsOf(launched, 'analyzer').length === 2, {
      what: 'a new hub and a new analyzer',
    });
  });
});

describe.runIf(process.platform === 'linux')('a launcher that is killed', () => {
  test('takes its well-behaved children with it, and the next start ends the stubborn ones', async () => {
    await using first = house('hub=stubborn', 'analyzer=good');
    await allReady(first);
    const [stubborn = 0] = pidsOf(first, 'hub');
    const [good = 0] = pidsOf(first, 'analyzer');
    first.child.kill('SIGKILL');
    await first.exited;
    await until(() => isGone(good), { what: 'the end of the child that watches its parent' });
    expect(isGone(stubborn)).toBe(false);

    await using second = house('hub=good');
    await allReady(second);
    expect(second.lines.find(({ msg }) => msg === 'tidied up')?.['ended']).toEqual(['hub']);
    expect(isGone(stubborn)).toBe(true);
  });

  test('while it lives, a second one on the same folder is refused', async () => {
    await using first = house('hub=good');
    await allReady(first);
    await using second = house('hub=good');
    expect(await second.exited).not.toBe(0);
    expect(second.stderr).toContain('StopSign already runs on the data folder');
    expect(pidsOf(second)).toEqual([]);
  });
});
