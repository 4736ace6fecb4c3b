/** The truth of a clip beside what was measured: reading it, finding the frame, matching passes, counting differences. */
import { describe, expect, it } from 'vitest';
import { truthLabel } from '../../../src/web/overlay/truth-painter.ts';
import { comparePass } from '../../../src/web/truth/compare-pass.ts';
import { clipTime, frameAt } from '../../../src/web/truth/frame-at.ts';
import { lastLap, summarise } from '../../../src/web/truth/last-lap.ts';
import { matchPasses } from '../../../src/web/truth/match-passes.ts';
import { parseTruth, type TruthPass } from '../../../src/web/truth/truth-clip.ts';
import { pass } from './examples.ts';
import { clip, truthText } from './truth-examples.ts';

/** A whole number of laps since 1970, as the camera plays. */
const LAP = 179_538_000;
const BEGIN = LAP * 10;
const [STOP, SEAM] = clip.passes as [TruthPass, TruthPass];

describe('reading the truth', () => {
  it('keeps frames, bodies and passes', () => {
    expect(clip).toMatchObject({ durationS: 10, size: { w: 1280, h: 720 }, units: 'km/h' });
    expect(clip.frames).toHaveLength(100);
    expect(clip.frames[3]?.bodies).toEqual([
      { id: 'stop', vehicle: 'car', isJudgedLane: true, speedMps: 2.5, box: [3, 100, 103, 160], occluded: 0 },
      { id: 'walker', vehicle: null, isJudgedLane: false, speedMps: 1.4, box: [5, 5, 9, 20], occluded: 0.1 },
    ]);
    expect(clip.passes.map(({ id, stopDistanceM }) => [id, stopDistanceM])).toEqual([
      ['stop', 0.6],
      ['over-the-seam', null],
    ]);
  });

  it.each([
    ['nothing', '', /cannot be read/],
    ['a page instead', '<!doctype html>', /cannot be read/],
    ['another version', truthText({ header: { v: 2 } }), /looping clip/],
    ['a clip that does not loop', truthText({ header: { loop: false } }), /looping clip/],
    ['an end that is cut off', truthText().split('\n').slice(0, -2).join('\n'), /not complete/],
    ['a number that is none', truthText({ passes: [{ ...STOP, entered_s: null }] }), /number is missing/],
  ])('refuses %s in words', (_, text, sentence) => {
    expect(() => parseTruth(text)).toThrow(sentence);
  });
});

describe('the frame of a picture', () => {
  it('is the one of its capture time modulo the clip', () => {
    expect(clipTime(clip, BEGIN + 25)).toBe(5);
    expect(frameAt(clip, BEGIN)?.tS).toBe(0);
    expect(frameAt(clip, BEGIN + 0.000_02)?.tS).toBe(0);
    expect(frameAt(clip, BEGIN + 33.3)?.tS).toBeCloseTo(3.3, 9);
    expect(frameAt(clip, BEGIN + 33.34)?.tS).toBeCloseTo(3.3, 9);
    expect(frameAt(clip, BEGIN + 33.36)?.tS).toBeCloseTo(3.4, 9);
  });

  it('is the first one again just before the seam', () => {
    expect(frameAt(clip, BEGIN + 9.9)?.tS).toBe(9.9);
    expect(frameAt(clip, BEGIN + 9.94)?.tS).toBe(9.9);
    expect(frameAt(clip, BEGIN + 9.96)?.tS).toBe(0);
    // A rounded capture time may fall a microsecond before the frame that it is of.
    expect(frameAt(clip, BEGIN - 0.000_001)?.tS).toBe(0);
  });

  it('is none where the truth has a gap', () => {
    const gappy = { ...clip, frames: clip.frames.filter(({ tS }) => tS < 4 || tS > 6) };
    expect(frameAt(gappy, BEGIN + 5)).toBeNull();
    expect(frameAt(gappy, BEGIN + 3.95)?.tS).toBe(3.9);
  });
});

describe('matching passes', () => {
  const times = (id: string, enteredS: number, exitedS: number) =>
    pass({ id, entered_utc: BEGIN + enteredS, exited_utc: BEGIN + exitedS });

  it('goes by the time in the zone, lap after lap', () => {
    const matches = matchPasses(clip, [times('a', 1.2, 6.1), times('b', 21.1, 26), times('c', 19.1, 20.9)]);
    expect([...matches].map(([id, played]) => [id, played.truth.id, played.lap - LAP]).sort()).toEqual([
      ['a', 'stop', 0],
      ['b', 'stop', 2],
      ['c', 'over-the-seam', 1],
    ]);
  });

  it('finds a pass over the seam from either side of it', () => {
    // Seen a little early it begins in the lap of the truth, seen late in the one after.
    expect(matchPasses(clip, [times('early', 8.9, 10.6)]).get('early')?.lap).toBe(LAP);
    expect(matchPasses(clip, [times('late', 10.05, 11.2)]).get('late')?.lap).toBe(LAP);
  });

  it('gives each true pass to the measured one that shares most time with it', () => {
    const matches = matchPasses(clip, [times('half', 3, 6), times('whole', 1, 6)]);
    expect([...matches.keys()]).toEqual(['whole']);
  });

  it('leaves out what was at another time', () => {
    expect(matchPasses(clip, [times('a', 6.5, 8.5)]).size).toBe(0);
  });
});

describe('comparing', () => {
  it('gives differences in the units of the measurement, and says whether the interval held', () => {
    const measured = pass({
      verdict: 'full_stop',
      stopped_s: { value: 1.4, lo: 1.3, hi: 1.45 },
      min_speed: { value: 0, lo: 0, hi: 0.5, unit: 'mph' },
      approach_speed: { value: 18.7, lo: 18, hi: 19, unit: 'mph' },
      stop_distance_m: null,
    });
    const { isSameVerdict, quantities } = comparePass(measured, STOP, 'km/h');
    expect(isSameVerdict).toBe(true);
    const [stood, slowest, approach, distance] = quantities;
    expect(stood).toMatchObject({ unit: 's', truth: 1.5, isInside: false });
    expect(stood?.difference).toBeCloseTo(-0.1, 9);
    expect(slowest).toMatchObject({ unit: 'mph', truth: 0, difference: 0, isInside: true });
    expect(approach?.truth).toBeCloseTo(18.641, 3);
    expect(approach?.isInside).toBe(true);
    expect(distance).toMatchObject({ truth: 0.6, difference: null, isInside: null });
  });

  it('tells another verdict', () => {
    expect(comparePass(pass({ verdict: 'rolling_stop' }), STOP, 'km/h').isSameVerdict).toBe(false);
  });

  it('names a body’s speed in the units of the site', () => {
    expect(truthLabel({ speedMps: 2.5 }, 'km/h')).toBe('truth 9.0 km/h');
    expect(truthLabel({ speedMps: 2.5 }, 'mph')).toBe('truth 5.6 mph');
  });
});

describe('the last lap', () => {
  const at = (lap: number, truth: TruthPass, changes = {}) =>
    pass({
      id: `${truth.id} ${lap}`,
      entered_utc: BEGIN + lap * 10 + truth.enteredS,
      exited_utc: BEGIN + lap * 10 + truth.exitedS,
      ...changes,
    });
  const lapOf = (rows: ReturnType<typeof lastLap>) => rows.map(({ played, pass: p }) => [played.lap - LAP, p?.id]);

  it('shows every pass as it was played last, and the one before until the new one is told', () => {
    const passes = [at(0, STOP), at(0, SEAM), at(1, STOP)];
    expect(lapOf(lastLap(clip, passes, BEGIN + 15))).toEqual([
      [0, 'stop 0'],
      [0, 'over-the-seam 0'],
    ]);
    expect(lapOf(lastLap(clip, passes, BEGIN + 16.1))).toEqual([
      [1, 'stop 1'],
      [0, 'over-the-seam 0'],
    ]);
  });

  it('says that a pass is missing once it should have been told', () => {
    const passes = [at(0, STOP)];
    expect(lapOf(lastLap(clip, passes, BEGIN + 16.5))[0]).toEqual([0, 'stop 0']);
    expect(lapOf(lastLap(clip, passes, BEGIN + 21.5))[0]).toEqual([1, undefined]);
  });

  it('sums up what was found, what was right, and how far off', () => {
    const passes = [
      at(0, STOP, { stopped_s: { value: 1.7, lo: 1.4, hi: 1.8 } }),
      at(0, SEAM, { verdict: 'full_stop', stopped_s: { value: 0.1, lo: 0, hi: 0.2 } }),
    ];
    const summary = summarise(lastLap(clip, passes, BEGIN + 15.9));
    expect(summary).toMatchObject({ passes: 2, found: 2, sameVerdicts: 1 });
    expect(summary.meanError.stood).toBeCloseTo(0.15, 9);
    expect(summarise(lastLap(clip, [], BEGIN + 15)).meanError.stood).toBeNull();
  });
});
