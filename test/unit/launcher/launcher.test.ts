/** What the launcher makes of the code that a part ends with. */
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { EndedEarly } from '../../../src/launcher/child-process.ts';
import { Launcher } from '../../../src/launcher/launcher.ts';
import type { PartExit, RunningPart } from '../../../src/launcher/part.ts';
import type { CameraFaultKind } from '../../../src/rpc/fault.ts';
import { until } from '../../support/until.ts';

const limits = { maxRestarts: 3, withinMs: 60_000, backoffMs: 1, maxBackoffMs: 1, healthyMs: 60_000 };
const exitOf = (code: number): PartExit => ({ code, signal: null, lastWords: null });

/** A part that becomes ready and ends, or ends before that, each time as it is told. Resolves with what the launcher ends with. */
async function play(...lives: readonly (readonly [how: 'ready' | 'early', code: number])[]) {
  let starts = 0;
  const start = async (): Promise<RunningPart> => {
    const [how, code] = lives[starts++] ?? ['early', 1];
    if (how === 'early') throw new EndedEarly(exitOf(code));
    return { facts: {}, exited: Promise.resolve(exitOf(code)), stop: async () => {}, kill: () => {} };
  };
  const launcher = new Launcher([{ name: 'analyzer', after: [], limits, start }], { log: pino({ level: 'silent' }) });
  return { code: await launcher.run(), starts };
}

describe('a part that ends with', () => {
  it('64 is not started again', async () => {
    expect(await play(['early', 64])).toEqual({ code: 64, starts: 1 });
    expect(await play(['ready', 64])).toEqual({ code: 64, starts: 1 });
  });

  it('66 is not started again when it has never been ready', async () => {
    expect(await play(['early', 66])).toEqual({ code: 66, starts: 1 });
  });

  it('66 is tried again when it has been ready, until its budget is used up', async () => {
    expect(await play(['ready', 70], ['early', 66], ['early', 66], ['early', 66])).toEqual({ code: 70, starts: 4 });
    expect((await play(['ready', 66], ['ready', 64])).starts).toBe(2);
  });
});

describe('a camera that shall be a bad one for a while', () => {
  /** Each life ends when it is stopped. */
  function lives() {
    const faults: (CameraFaultKind | null)[] = [];
    const ended = vi.fn();
    const start = async (_: unknown, __: unknown, fault: CameraFaultKind | null = null): Promise<RunningPart> => {
      faults.push(fault);
      let end = (): void => {};
      const exited = new Promise<PartExit>((resolve) => {
        end = () => resolve(exitOf(255));
      });
      return { facts: {}, exited, stop: async () => end(), kill: end };
    };
    const launcher = new Launcher([{ name: 'camera', after: [], limits, start }], {
      log: pino({ level: 'silent' }),
      watcher: { onEnded: ended, onReady: () => {} },
    });
    return { launcher, faults, ended };
  }
  const inject = (launcher: Launcher, kind: CameraFaultKind, seconds: number) =>
    launcher.inject({ type: 'fault', part: 'camera', kind, seconds });

  it('begins again as one, and as itself when it is over; that is no end that anybody is told of', async () => {
    const { launcher, faults, ended } = lives();
    const over = launcher.run();
    await until(() => faults.length === 1, { what: 'the camera' });
    inject(launcher, 'resize', 0.1);
    await until(() => faults.length === 3, { what: 'the camera as it was' });
    expect(faults).toEqual([null, 'resize', null]);
    expect(ended).not.toHaveBeenCalled();
    await launcher.stop();
    expect(await over).toBe(0);
  });

  it('has the newest fault, for as long as that lasts', async () => {
    const { launcher, faults } = lives();
    const over = launcher.run();
    await until(() => faults.length === 1, { what: 'the camera' });
    inject(launcher, 'freeze', 0.05);
    inject(launcher, 'garbage', 0.3);
    await until(() => faults.at(-1) === null && faults.length > 1, { what: 'the camera as it was' });
    expect(faults.slice(-2)).toEqual(['garbage', null]);
    await launcher.stop();
    await over;
  });
});
