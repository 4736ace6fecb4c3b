import { describe, expect, it } from 'vitest';
import { formatPlaylist, initName, initNumber } from '../../../../src/media/hub/hls-playlist.ts';

const UTC = 1_726_179_150_123_000;

/** Segments from number 5 on, each given as its discontinuity and its initialisation segment; without the head and EXTINF. */
function joints(...pairs: readonly (readonly [discontinuity: number, init: number])[]): string[] {
  const text = formatPlaylist(
    pairs.map(([discontinuity, init], n) => ({
      ...{ sequence: 5 + n, discontinuity, init, durationS: 1, startUtcUs: null, data: Buffer.alloc(0) },
    })),
  );
  return text
    .trim()
    .split('\n')
    .slice(4)
    .filter((line) => !line.startsWith('#EXTINF') && line !== '#EXT-X-INDEPENDENT-SEGMENTS');
}

describe('the playlist', () => {
  it('dates every segment whose time is known', () => {
    const common = { discontinuity: 0, init: 1, data: Buffer.alloc(0) };
    const text = formatPlaylist([
      { ...common, sequence: 5, durationS: 1, startUtcUs: UTC },
      { ...common, sequence: 6, durationS: 1.24, startUtcUs: null },
    ]);
    expect(text.split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-MEDIA-SEQUENCE:5',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXT-X-PROGRAM-DATE-TIME:2024-09-12T22:12:30.123Z',
      '#EXTINF:1.00000,',
      'seg5.m4s',
      '#EXTINF:1.24000,',
      'seg6.m4s',
      '',
    ]);
  });

  it('says where the pictures change, and with what they begin there', () => {
    expect(joints([0, 1], [1, 2], [1, 2], [2, 1])).toEqual([
      '#EXT-X-MAP:URI="init.mp4"',
      'seg5.m4s',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-MAP:URI="init-2.mp4"',
      'seg6.m4s',
      'seg7.m4s',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-MAP:URI="init.mp4"',
      'seg8.m4s',
    ]);
  });

  it('counts the changes that are not listed any more', () => {
    expect(joints([1, 2], [2, 1])).toEqual([
      '#EXT-X-DISCONTINUITY-SEQUENCE:1',
      '#EXT-X-MAP:URI="init-2.mp4"',
      'seg5.m4s',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-MAP:URI="init.mp4"',
      'seg6.m4s',
    ]);
  });
});

describe('the name of an initialisation segment', () => {
  it('says its number, and no other name does', () => {
    for (const number of [1, 2, 10, 999_999_999_999_999]) expect(initNumber(initName(number))).toBe(number);
    const others = [
      'init-1.mp4',
      'init-02.mp4',
      'init-0.mp4x',
      'init-.mp4',
      'init--2.mp4',
      'seg2.m4s',
      '',
      'init-1e3.mp4',
    ];
    for (const name of [...others, 'init-9999999999999999.mp4']) expect([name, initNumber(name)]).toEqual([name, null]);
  });
});
