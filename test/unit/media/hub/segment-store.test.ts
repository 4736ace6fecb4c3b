import { describe, expect, it } from 'vitest';
import { SegmentStore } from '../../../../src/media/hub/segment-store.ts';

function open(maxBytes: number) {
  let oversized = 0;
  const store = new SegmentStore({
    first: { sequence: 40, discontinuity: 2, init: 5 },
    maxBytes,
    onOversized: () => {
      oversized += 1;
    },
  });
  return {
    store,
    oversized: () => oversized,
    push: (bytes: number, init = 'A') =>
      store.push({ data: Buffer.alloc(bytes), durationS: 1, startUtcUs: null }, Buffer.from(init)),
    kept: () => store.newest(100).map(({ sequence }) => sequence),
  };
}

describe('the segments kept for HLS', () => {
  it('are the newest ten, numbered on from the first', () => {
    const { push, kept, store } = open(1_000_000);
    for (let n = 0; n < 12; n += 1) push(10);
    expect(kept()).toEqual([42, 43, 44, 45, 46, 47, 48, 49, 50, 51]);
    expect([store.next.sequence, store.bytes, store.data(41), store.data(42)?.length]).toEqual([52, 100, null, 10]);
  });

  it('are never more bytes than allowed: the oldest go first', () => {
    const { push, kept, store } = open(1_000);
    for (const bytes of [400, 400, 300, 700]) {
      push(bytes);
      expect(store.bytes).toBeLessThanOrEqual(1_000);
    }
    expect(kept()).toEqual([42, 43]);
  });

  it('leave out a segment that alone is too large, say so once, and go on without a hole', () => {
    const { push, kept, oversized } = open(1_000);
    push(500);
    push(1_001);
    push(1_002);
    expect([kept(), oversized()]).toEqual([[], 1]);
    push(300);
    expect(kept()).toEqual([43]);
  });

  it('are numbered with their initialisation and the changes before them; what comes back is called as before', () => {
    const { push, store } = open(1_000_000);
    expect(store.next).toEqual({ sequence: 40, discontinuity: 2, init: 5 });
    for (const init of ['A', 'B', 'B', 'A', 'C']) push(10, init);
    expect(store.newest(100).map(({ discontinuity, init }) => [discontinuity, init])).toEqual([
      [2, 5],
      [3, 6],
      [3, 6],
      [4, 5],
      [5, 7],
    ]);
    // Whoever comes next begins anew: with a change, and with no name that was given.
    expect(store.next).toEqual({ sequence: 45, discontinuity: 6, init: 8 });
  });

  it('keep the initialisations that they need, and no others', () => {
    const { push, store } = open(1_000_000);
    for (let n = 0; n < 100; n += 1) push(10, `init ${n}`);
    const numbers = store.newest(100).map(({ init }) => init);
    expect(numbers).toHaveLength(10);
    for (const number of numbers) expect(store.init(number)?.toString()).toBe(`init ${number - 5}`);
    expect([store.init(5), store.init((numbers[0] ?? 0) - 1), store.init(105)]).toEqual([null, null, null]);
    // One that has gone comes back by another name.
    push(10, 'init 0');
    expect(store.newest(1)[0]?.init).toBe(105);
  });

  it('count a change also when what changed was too large', () => {
    const { push, store } = open(1_000);
    push(10, 'A');
    push(1_001, 'B');
    push(10, 'B');
    expect(store.newest(9).map(({ sequence, discontinuity, init }) => [sequence, discontinuity, init])).toEqual([
      [42, 3, 6],
    ]);
    expect(store.init(6)?.toString()).toBe('B');
  });
});
