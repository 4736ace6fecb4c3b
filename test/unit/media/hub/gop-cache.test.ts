import { describe, expect, it } from 'vitest';
import { GopCache } from '../../../../src/media/hub/gop-cache.ts';

/** Pushes NAL units given as hex, one a packet; `|` begins a picture. Gives what is cached, and where a reader may begin. */
function cached(codec: 'h264' | 'h265', text: string) {
  const cache = new GopCache(codec);
  const starts: string[] = [];
  for (const picture of text.split('|')) {
    for (const [n, hex] of picture.trim().split(/\s+/).entries()) {
      const payload = Buffer.from(hex, 'hex');
      if (cache.push(payload, payload, n === 0)) starts.push(hex);
    }
  }
  return { packets: cache.packets.map((packet) => packet.toString('hex')).join(' '), starts };
}

describe('the cache of the newest group of pictures', () => {
  it('holds the newest key picture, from its first packet, and what came since', () => {
    const { packets, starts } = cached(
      'h264',
      '4101 | 0910 6701 6801 6588 6508 | 419a | 7801 | 0911 6702 6589 | 419b 410b',
    );
    expect(packets).toBe('0911 6702 6589 419b 410b');
    expect(starts).toEqual(['6701', '6702']);
  });

  it.each([
    ['a time of their own', '4101 | 6701 6801 | 6588 | 419a', '6701 6801 6588 419a'],
    ['the time of the picture before', '6588 | 4101 4102 6701 6801 | 6588 | 419a', '6701 6801 6588 419a'],
    ['that of a key picture before', '6587 6701 6801 | 6588 6701 6802 | 6589 419a', '6701 6802 6589 419a'],
    [
      'their own in fragments, with a message between',
      '419a | 6701 6801 7c8601 7c4602 | 6588',
      '6701 6801 7c8601 7c4602 6588',
    ],
    ['as they should', '6701 6588 419a 0c01 | 6702 6589', '6702 6589'],
  ])('never begins with what is older than its sets, when they have %s', (_which, text, wanted) => {
    expect(cached('h264', text).packets).toBe(wanted);
  });

  it('lets a reader begin at the sets, not at their picture behind them', () => {
    expect(cached('h264', '4101 6701 6801 | 6588 | 419a | 6701 | 6801 | 6588 0c01 | 6589').starts).toEqual([
      '6701',
      '6701',
      '6589',
    ]);
  });

  it.each([
    ['h264', '41aa | 6588 | 419a', '6588 419a'],
    ['h264', '41aa | 7c8588 7c4501 | 419a', '7c8588 7c4501 419a'],
    ['h264', '41aa | 78000267010002680100026588 | 419a', '78000267010002680100026588 419a'],
    ['h265', '0201d0 | 4001aa 4201bb 2601af | 0201d0', '4001aa 4201bb 2601af 0201d0'],
    ['h265', '0201d0 | 620193af 62015301 | 0201d0', '620193af 62015301 0201d0'],
    ['h264', '41aa | 419a', ''],
  ] as const)('knows the key pictures of %s in %s', (codec, text, wanted) => {
    expect(cached(codec, text).packets).toBe(wanted);
  });

  it('forgets a group that is too large, and begins with the next', () => {
    const cache = new GopCache('h264');
    const key = Buffer.alloc(60_000, 0x65);
    cache.push(key, key, true);
    const slice = Buffer.alloc(60_000, 0x41);
    let pictures = 0;
    while (cache.packets.length > 0) {
      cache.push(slice, slice, true);
      pictures += 1;
    }
    expect(pictures * slice.length).toBeLessThanOrEqual(4 * 1024 * 1024);
    for (let n = 0; n < 200; n += 1) cache.push(slice, slice, true);
    expect(cache.packets).toEqual([]);
    cache.push(key, key, true);
    expect(cache.packets).toHaveLength(1);
  });
});
