import { describe, expect, it } from 'vitest';
import { SegmentStore } from '../../../../src/media/hub/segment-store.ts';

function open(maxBytes: number) {
  let oversized = 0;
  const store = new SegmentStore({
    firstSequence: 40,
    maxBytes,
    onOversized: () => {
      oversized += 1;
    },
  });
  return {
    store,
    oversized: () => oversized,
    push: (bytes: number) => store.push({ data: Buffer.alloc(bytes), durationS: 1, startUtcUs: null }),
    kept: () => store.newest(100).map(({ sequence }) => sequence),
  };
}

describe('the segments kept for HLS', () => {
  it('are the newest ten, numbered on from the first', () => {
    const { push, kept, store } = open(1_000_000);
    for (let n = 0; n < 12; n += 1) push(10);
    expect(kept()).toEqual([42, 43, 44, 45, 46, 47, 48, 49, 50, 51]);
    expect([store.nextSequence, store.bytes, store.data(41), store.data(42)?.length]).toEqual([52, 100, null, 10]);
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
});
