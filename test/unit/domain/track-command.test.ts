import { describe, expect, it } from 'vitest';
import { formatMot, parseMot, trackMot } from '../../../src/cli/track.ts';
import { LAST_FRAME } from '../../../src/cli/track-lines.ts';
import { StopsignError } from '../../../src/errors.ts';

describe('MOT text', () => {
  it('comes out as it went in, with ids', () => {
    const lines = [1, 2, 3].map((frame) => `${frame},-1,${100 + 4 * frame}.00,50.00,80.00,40.00,0.900,-1,-1,-1`);
    expect(trackMot(lines.join('\n'))).toBe(`${lines.map((line) => line.replace(',-1,', ',1,')).join('\n')}\n`);
  });

  it('may have spaces, Windows line ends, no score and empty frames', () => {
    expect(parseMot('1, -1, 10, 20, 30, 40\r\n\n5 -1 10 20 30 40 0.5\n').map((row) => [row.frame, row.score])).toEqual([
      [1, 1],
      [5, 0.5],
    ]);
    expect(trackMot('')).toBe('');
  });

  it.each(['1,-1,10,20,30', 'frame,id,left,top,w,h,score', '0,-1,1,2,3,4,1', '1,-1,10,x,30,40,1'])(
    'refuses "%s" and names file and line',
    (line) => {
      const read = () => parseMot(`1,-1,1,2,3,4,1\n${line}`, 'some/det.txt');
      expect(read).toThrow(StopsignError);
      expect(read).toThrow(/^some\/det\.txt:2: .* is not in MOT format\./);
    },
  );

  it('refuses a frame number that can only be a slip, before it fills the memory with empty frames', () => {
    const line = (frame: number) => `1,-1,1,2,3,4,1\n${frame},-1,1,2,3,4,1`;
    expect(parseMot(line(LAST_FRAME)).map(({ frame }) => frame)).toEqual([1, LAST_FRAME]);
    expect(() => parseMot(line(4e9), 'det.txt')).toThrow('det.txt:2: frame 4000000000 is above 10000000.');
  });

  it('rounds ties to the even digit', () => {
    const row = { frame: 1, id: 1, left: 143.125, top: 534.375, width: 0.5, height: 2.675, score: 0.5 };
    expect(formatMot(row)).toBe('1,1,143.12,534.38,0.50,2.67,0.500,-1,-1,-1');
  });
});
