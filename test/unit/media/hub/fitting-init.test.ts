import { describe, expect, it } from 'vitest';
import { FittingInit } from '../../../../src/media/hub/fitting-init.ts';
import { until } from '../../../support/until.ts';

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const SLICE = Buffer.from('6588aa', 'hex');
const PPS = Buffer.from('68e1', 'hex');
const sps = (name: string) => Buffer.concat([Buffer.from([0x67]), Buffer.from(name.padEnd(6, '.'))]);
/** As an `avcC` holds them. */
const init = (sets: readonly Buffer[]) =>
  Buffer.concat(sets.flatMap((set) => [Buffer.from('init'), Buffer.from([0, set.length]), set]));

/** A fragment of that many bytes or more, with sets of a name, or without any. */
function fragment(name: string | null, bytes = 0) {
  const nals = [...(name === null ? [] : [sps(name), PPS]), SLICE, Buffer.alloc(bytes)];
  const mdat = Buffer.concat(nals.flatMap((nal) => [u32(nal.length), nal]));
  const data = Buffer.concat([u32(16), Buffer.alloc(12), u32(mdat.length + 8), Buffer.from('mdat'), mdat]);
  return { data, durationS: 1, startUtcUs: null };
}

/** With a maker that answers when it is told to, unless it answers at once. */
function open({ atOnce = true, maxBytes = 1_000_000 } = {}) {
  const passed: string[] = [];
  const warnings: unknown[] = [];
  const asked: { nals: string[]; answer(): void; refuse(): void }[] = [];
  const clock = { ms: 0 };
  let running = 0;
  let mostRunning = 0;
  const fitting = new FittingInit({
    codec: 'h264',
    parameterSets: [sps('a'), PPS],
    maxBytes,
    nowMs: () => clock.ms,
    make: (nals) => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      return new Promise<Buffer>((resolve, reject) => {
        const done = (act: () => void) => () => {
          running -= 1;
          act();
        };
        const isRubbish = nals.some((nal) => nal.includes('rub'));
        const answer = done(() => resolve(init(nals.slice(0, -1))));
        const refuse = done(() => reject(new Error('rubbish')));
        asked.push({ nals: nals.map((nal) => nal.toString('latin1', 1, 4)), answer, refuse });
        if (atOnce) (isRubbish ? refuse : answer)();
      });
    },
    onFragment: (_fragment, bytes) => passed.push(/init..g(\w+)/s.exec(bytes.toString('latin1'))?.[1] ?? '?'),
    onUnfit: (cause) => warnings.push(cause),
  });
  fitting.begin(init([sps('own'), PPS]));
  return {
    ...{ fitting, passed, warnings, asked, clock },
    mostRunning: () => mostRunning,
    async push(...names: (string | null)[]) {
      const from = passed.length;
      for (const name of names) fitting.push(fragment(name));
      if (atOnce) await until(() => passed.length === from + names.length, { what: 'every fragment' });
    },
  };
}

describe('the initialisation segment of a fragment', () => {
  it('is the packager’s own while no sets come in band, and one made for the first that do', async () => {
    const { push, passed, asked } = open();
    await push(null, null);
    expect([passed, asked.length]).toEqual([['own', 'own'], 0]);
    await push('a', null, 'a');
    expect([passed.slice(2), asked.length]).toEqual([['a', 'a', 'a'], 1]);
  });

  it('is one made for new sets, and goes on for what has none; an earlier one comes back', async () => {
    const { push, passed, asked } = open();
    await push('a', 'b', null, 'b', 'a', null, 'b');
    expect(passed).toEqual(['a', 'b', 'b', 'b', 'a', 'a', 'b']);
    expect(asked.map(({ nals }) => nals)).toEqual([
      ['a..', '\xe1', '\x88\xaa'],
      ['b..', '\xe1', '\x88\xaa'],
    ]);
  });

  it('is waited for in order, by no more bytes than allowed', async () => {
    const { fitting, passed, asked } = open({ atOnce: false, maxBytes: 5_000 });
    for (const name of [null, 'b', 'b', null]) fitting.push(fragment(name));
    expect(passed).toEqual(['own']);
    asked[0]?.answer();
    await until(() => passed.length === 4, { what: 'those that waited' });
    for (let n = 0; n < 10; n += 1) fitting.push(fragment('c', 1_000));
    asked[1]?.answer();
    await until(() => passed.length > 4, { what: 'the newest' });
    expect(passed).toEqual(['own', 'b', 'b', 'b', 'c', 'c', 'c', 'c']);
  });

  it('stays the former one for sets of which none is made: one warning, and not asked for again at once', async () => {
    const { push, passed, asked, warnings, clock } = open();
    await push('a', 'rub', null, 'rub', 'a', 'rub');
    expect([passed.join(''), asked.length, warnings]).toEqual(['aaaaaa', 2, [new Error('rubbish')]]);
    clock.ms = 61_000;
    await push('rub', 'b', 'rub');
    expect([passed.slice(6).join(''), asked.length, warnings.length]).toEqual(['abb', 4, 1]);
  });

  it('is made one at a time and a few times only for a camera that changes in every key picture', async () => {
    const { push, passed, asked, warnings, clock, mostRunning } = open();
    await push(...Array.from({ length: 200 }, (_, n) => `n${n}`));
    expect([asked.length, mostRunning(), warnings.length, passed.at(-1)]).toEqual([6, 1, 1, 'n5']);
    clock.ms = 31_000;
    await push('z');
    expect(passed.at(-1)).toBe('z');
  });

  it('is not waited for any more after the end', async () => {
    const { fitting, passed, asked, warnings } = open({ atOnce: false });
    for (const name of ['b', 'b']) fitting.push(fragment(name));
    fitting.close();
    fitting.close();
    asked[0]?.refuse();
    await Promise.resolve();
    fitting.push(fragment('a'));
    expect([passed, warnings]).toEqual([[], []]);
  });
});
