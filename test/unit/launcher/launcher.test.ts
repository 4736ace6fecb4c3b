/** What the launcher makes of the code that a part ends with. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { EndedEarly } from '../../../src/launcher/child-process.ts';
import { Launcher } from '../../../src/launcher/launcher.ts';
import type { PartExit, RunningPart } from '../../../src/launcher/part.ts';

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
