/** Score of a site and rank of a pass. */
import { describe, expect, it } from 'vitest';
import { passRank } from '../../../../src/domain/score/pass-rank.ts';
import { type ScoredPass, siteScore } from '../../../../src/domain/score/site-score.ts';
import { shareOf } from '../../../../src/domain/score/wilson.ts';

const stood = (stoppedS: number, over: Partial<ScoredPass> = {}): ScoredPass => ({
  verdict: 'full_stop',
  forced: false,
  stoppedS,
  minSpeedKmh: 0,
  ...over,
});
const rolled = (minSpeedKmh: number | null, over: Partial<ScoredPass> = {}): ScoredPass => ({
  verdict: 'rolling_stop',
  forced: false,
  stoppedS: 0,
  minSpeedKmh,
  ...over,
});

describe('the interval of a share', () => {
  it.each([
    // Newcombe 1998, table I: Wilson's score method without continuity correction.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (count, n, lo, hi) => {
    const share = shareOf(count, n);
    expect(share?.lo).toBeCloseTo(lo, 4);
    expect(share?.hi).toBeCloseTo(hi, 4);
  });

  it('is none where nothing was counted', () => expect(shareOf(0, 0)).toBeNull());
});

describe('the score of a site', () => {
  const passes = [
    stood(1),
    stood(2, { forced: true }),
    rolled(4),
    rolled(20, { verdict: 'no_stop' }),
    rolled(null, { verdict: 'indeterminate' }),
  ];

  it('counts full stops among those that could be judged, and says of how many', () => {
    const score = siteScore(passes);
    expect(score.passes).toBe(5);
    expect(score.verdicts).toEqual({ full_stop: 2, rolling_stop: 1, no_stop: 1, indeterminate: 1 });
    expect(score.judged).toMatchObject({ n: 4, score: 50, fullStops: { value: 0.5 } });
  });

  it('tells apart those who had no choice', () => {
    expect(siteScore(passes).voluntary).toMatchObject({ n: 3, score: 33 });
  });

  it('is none without passes', () => {
    expect(siteScore([]).judged).toEqual({ n: 0, score: null, fullStops: null });
  });
});

describe('the rank of a pass', () => {
  const others = [rolled(30), rolled(10), rolled(5), stood(0.5), stood(1), stood(20)];

  it('puts standing above rolling, longer above shorter, slower above faster', () => {
    expect(passRank(rolled(20), others)).toEqual({ percentile: 100 / 6, n: 6 });
    expect(passRank(rolled(1), others)).toEqual({ percentile: 50, n: 6 });
    expect(passRank(stood(0.7), others)).toEqual({ percentile: (100 * 4) / 6, n: 6 });
  });

  it('gives no merit for waiting longer than three seconds', () => {
    expect(passRank(stood(3), others)).toEqual(passRank(stood(600), others));
    expect(passRank(stood(3), others)?.percentile).toBeCloseTo((100 * 5.5) / 6);
  });

  it('leaves out what could not be judged or measured', () => {
    expect(passRank(rolled(5), [rolled(null), stood(1, { verdict: 'indeterminate' }), rolled(9)])).toEqual({
      percentile: 100,
      n: 1,
    });
    expect(passRank(rolled(null), others)).toBeNull();
    expect(passRank(stood(1, { verdict: 'indeterminate' }), others)).toBeNull();
    expect(passRank(stood(1), [])).toBeNull();
  });
});
