import { describe, expect, it } from 'vitest';
import { PathTable } from '../../../../src/media/hub/path-table.ts';
import type { PlayableTrack } from '../../../../src/media/hub/stream.ts';

const track: PlayableTrack = {
  codec: 'h264',
  encoding: 'H264',
  payloadType: 96,
  clockRate: 90_000,
  control: '',
  fmtp: '',
  parameterSets: [],
};
const clock = { nowUs: () => 1_000_000 };

describe('the path table', () => {
  it('gives a path to the newest publisher and ends the one before', () => {
    const paths = new PathTable(clock);
    const closed: string[] = [];
    const source = (id: string) => ({ type: 'rtspSession' as const, id, close: () => closed.push(id) });
    const first = paths.open('cam', track, source('a'));
    const second = paths.open('cam', track, source('b'));
    expect([first.isClosed, second.isClosed, closed]).toEqual([true, false, ['a']]);
    paths.end(first);
    expect(paths.stream('cam')).toBe(second);
    paths.end(second);
    expect(paths.get('cam')).toBeNull();
  });

  it('keeps configured paths and lets nobody publish there', () => {
    const paths = new PathTable(clock);
    paths.configure('front');
    expect(paths.whyNotPublish('front')).toMatch(/configured/);
    paths.end(paths.open('front', track, { type: 'rtspSource', id: '', close: () => {} }));
    expect(paths.list().map(({ name }) => name)).toEqual(['front']);
  });

  it.each(['', 'a b', '../x', 'a//b', 'a/..', '/a', 'a?b', 'x'.repeat(101)])('refuses the name %j', (name) => {
    expect(new PathTable(clock).whyNotPublish(name)).not.toBeNull();
  });

  it('bounds the number of paths', () => {
    const paths = new PathTable(clock);
    for (let i = 0; i < 256; i += 1) paths.open(`p${i}`, track, { type: 'rtspSession', id: '', close: () => {} });
    expect(paths.whyNotPublish('one-more')).toMatch(/too many/);
    expect(paths.whyNotPublish('p0')).toBeNull();
  });
});
