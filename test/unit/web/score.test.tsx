import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ENOUGH_PASSES } from '../../../src/domain/score/enough-passes.ts';
import { type ScoredPass, siteScore } from '../../../src/domain/score/site-score.ts';
import type { PassRankAnswer, SiteScoreAnswer } from '../../../src/rpc/api/types.ts';
import type { Problem } from '../../../src/web/live/polling.ts';
import { PassRank } from '../../../src/web/parts/pass-rank.tsx';
import { type ScoreDays, SiteScorePanel } from '../../../src/web/parts/site-score.tsx';
import { pass } from './examples.ts';

afterEach(cleanup);

const problem: Problem = { message: 'The server does not answer.', code: null, retryAtMs: 0 };

/** The first of them stopped; the last of them could not be judged. */
function answer(n: number, { stopped = 0, forced = 0, indeterminate = 0, isCut = false } = {}): SiteScoreAnswer {
  const passes = Array.from({ length: n + indeterminate }, (_, i): ScoredPass => {
    const verdict = i >= n ? 'indeterminate' : i < stopped ? 'full_stop' : 'no_stop';
    return { verdict, forced: i < forced, stoppedS: null, minSpeedKmh: null };
  });
  return { ...siteScore(passes), sinceUtc: 0, isCut };
}

function panel(
  score: SiteScoreAnswer | undefined,
  over: { problem?: Problem; onDays?: (days: ScoreDays) => void } = {},
) {
  render(() => (
    <SiteScorePanel score={score} problem={over.problem ?? null} days="7" onDays={over.onDays ?? (() => undefined)} />
  ));
  return screen.queryAllByTestId('site-score').map((share) => share.textContent?.replace(/\s+/g, ' ') ?? '');
}

describe('the score of the site', () => {
  it('is told with its interval and n, once for all and once for those who had the choice', () => {
    const [all, voluntary] = panel(answer(100, { stopped: 40, forced: 30, indeterminate: 7 }));
    // Wilson's interval of 40 of 100, and of 10 of 70.
    expect(all).toContain('40 of 10095 %: 31 to 50, n = 100');
    expect(voluntary).toContain('14 of 10095 %: 8 to 24, n = 70');
    expect(screen.getByText(/^107 passes in 7 days/).textContent).toContain('7 of them could not be judged');
  });

  it('draws the interval where the figures say it is', () => {
    panel(answer(100, { stopped: 40 }));
    const bar = document.querySelector<HTMLElement>('.share-bar-interval');
    expect(Number.parseFloat(bar?.style.left ?? '')).toBeCloseTo(30.94, 1);
    expect(Number.parseFloat(bar?.style.width ?? '')).toBeCloseTo(18.86, 1);
    expect(document.querySelector<HTMLElement>('.share-bar-value')?.style.left).toBe('40.00%');
  });

  it('is not told of too few passes, each share for itself', () => {
    const [all, voluntary] = panel(answer(ENOUGH_PASSES, { stopped: 5, forced: 1 }));
    expect(all).toContain('25 of 100');
    expect(voluntary).toContain(`Not enough passes yet: ${ENOUGH_PASSES - 1} of ${ENOUGH_PASSES}`);
    expect(voluntary).not.toContain('of 100');
  });

  it('says so where nobody has passed yet', () => {
    expect(panel(answer(0))).toEqual([
      expect.stringContaining('Not enough passes yet: 0 of 20'),
      expect.stringContaining('Not enough passes yet: 0 of 20'),
    ]);
    expect(screen.getByText('0 passes in 7 days.')).toBeTruthy();
  });

  it('says when not all were counted, when it is loading, and why it cannot be loaded', () => {
    panel(answer(30, { isCut: true }));
    expect(screen.getByText(/only the newest are counted/)).toBeTruthy();
    cleanup();
    panel(undefined);
    expect(screen.getByRole('status', { name: 'Loading the site score' })).toBeTruthy();
    cleanup();
    panel(undefined, { problem });
    expect(screen.getByText('The site score cannot be loaded: The server does not answer.')).toBeTruthy();
  });

  it('stays while a later question fails', () => {
    expect(panel(answer(30, { stopped: 15 }), { problem })[0]).toContain('50 of 100');
  });

  it('is asked for other days by radio buttons, which the arrow keys move', () => {
    const onDays = vi.fn();
    panel(answer(30), { onDays });
    const group = screen.getByRole('group', { name: 'Time of the site score' });
    const radios = [...group.querySelectorAll('input')];
    expect(radios.map(({ type, value, checked }) => [type, value, checked])).toEqual([
      ['radio', '1', false],
      ['radio', '7', true],
      ['radio', '30', false],
    ]);
    expect(new Set(radios.map(({ name }) => name)).size).toBe(1);
    fireEvent.click(screen.getByLabelText('30 days'));
    expect(onDays.mock.calls).toEqual([['30']]);
  });
});

describe('the rank of a pass', () => {
  const ranked = (percentile: number, n: number): PassRankAnswer => ({ sinceUtc: 0, rank: { percentile, n } });
  const none: PassRankAnswer = { sinceUtc: 0, rank: null };
  const text = (told: PassRankAnswer | null | undefined, over = {}, failed: Problem | null = null) => {
    cleanup();
    render(() => <PassRank pass={pass(over)} answer={told} problem={failed} days={30} />);
    return screen.getByTestId('pass-rank').textContent?.replace(/\s+/g, ' ');
  };

  it('is told with n', () => {
    expect(text(ranked(72.6, 84))).toContain(
      '73 of 100stopped more thoroughly than 73 % of the others, n = 84 in 30 days',
    );
    expect(document.querySelector<HTMLElement>('.share-bar-value')?.style.left).toBe('72.60%');
  });

  it('is not told among too few, nor where there is nothing to rank by', () => {
    expect(text(ranked(50, 19))).toBe('RankNot enough passes yet: 19 of 20');
    expect(text(none)).toBe('RankNot enough passes yet: 0 of 20');
    expect(text(none, { verdict: 'indeterminate' })).toBe('RankNone: the pass could not be judged.');
    const unmeasured = { stopped_s: { value: 0, lo: 0, hi: 0 }, min_speed: null };
    expect(text(none, unmeasured)).toContain('without calibration');
    expect(text(null)).toContain('the pass is being stored');
  });

  it('loads, fails in words, and shows what comes after', () => {
    expect(text(undefined)).toBe('Rank');
    expect(screen.getByRole('status', { name: 'Loading the rank' })).toBeTruthy();
    expect(text(undefined, {}, problem)).toBe('RankIt cannot be loaded: The server does not answer.');
    cleanup();
    const [told, setTold] = createSignal<PassRankAnswer>();
    render(() => <PassRank pass={pass()} answer={told()} problem={null} days={30} />);
    setTold(ranked(10, 40));
    expect(screen.getByTestId('pass-rank').textContent).toContain('10 of 100');
  });
});
