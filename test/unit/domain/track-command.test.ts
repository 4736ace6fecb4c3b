import { describe, expect, it } from 'vitest';
import { formatMot, type MotRow, parseMot, trackMot, trackRows } from '../../../src/cli/track.ts';
import { parseLabels } from '../../../src/cli/track-labels.ts';
import { LAST_FRAME } from '../../../src/cli/track-lines.ts';
import { scoreRows } from '../../../src/cli/track-score.ts';
import { TRACKERS, trackFrames } from '../../../src/domain/tracking/trackers.ts';
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

describe('a long row of empty frames', () => {
  const boxAt = (frame: number): MotRow => ({ frame, id: -1, left: 100, top: 50, width: 80, height: 40, score: 0.9 });
  const fps = 2;

  it.each(TRACKERS)('changes no id of %s', (tracker) => {
    for (const gap of [3, 45, 700, 1_300, 4_000]) {
      const numbers = [1, 2, 3, 4, 5, ...[1, 2, 3, 4].map((k) => 5 + gap + k)];
      const all = Array.from({ length: 9 + gap }, (_, k) => {
        const { left, top, width, height, score } = boxAt(k + 1);
        const box = { bbox: [left, top, left + width, top + height] as const, score };
        return { time: k / fps, boxes: numbers.includes(k + 1) ? [box] : [] };
      });
      const expected = [...trackFrames(tracker, all, { frameRate: fps })].flat().filter((id) => id >= 0);
      const ids = trackRows(numbers.map(boxAt).reverse(), fps, tracker).map(({ id }) => id);
      expect(ids, `${gap} frames`).toEqual(expected);
      expect(ids.length).toBeGreaterThan(3);
    }
  });

  it.each(TRACKERS)('costs %s nothing, up to the last frame that is taken', (tracker) => {
    const rows = trackRows(
      [1, 2, 3, 4, 5].flatMap((k) => [boxAt(k), boxAt(LAST_FRAME - 5 + k)]),
      30,
      tracker,
    );
    expect(rows.at(-1)?.frame).toBe(LAST_FRAME);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
  });

  it('costs a score nothing', () => {
    const text = `1,1,10,20,30,40,1\n${LAST_FRAME},1,10,20,30,40,1`;
    const score = scoreRows(parseMot(text), parseLabels(text));
    expect(score).toMatchObject({ frames: LAST_FRAME, truthBoxes: 2, clear: { mota: 1 } });
  });
});
