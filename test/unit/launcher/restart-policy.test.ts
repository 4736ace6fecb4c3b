/** When a part is started again, and when the launcher gives up. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, decideRestart } from '../../../src/launcher/restart-policy.ts';

const LIMITS = {
  ...DEFAULT_LIMITS,
  maxRestarts: 3,
  withinMs: 10_000,
  backoffMs: 100,
  maxBackoffMs: 350,
  healthyMs: 5_000,
};

describe('restart policy', () => {
  test('the wait doubles with each failure, up to its limit', () => {
    let failures: readonly number[] = [];
    const delays: number[] = [];
    for (const now of [0, 1_000, 2_000]) {
      const decision = decideRestart(failures, now, 0, LIMITS);
      failures = decision.failures;
      if (decision.action === 'restart') delays.push(decision.delayMs);
    }
    expect(delays).toEqual([100, 200, 350]);
  });

  test('one failure more than allowed within the window is the end', () => {
    expect(decideRestart([0, 1_000, 2_000], 3_000, 0, LIMITS).action).toBe('give-up');
  });

  test('failures outside the window are forgotten', () => {
    expect(decideRestart([0, 1_000, 2_000], 10_500, 0, LIMITS)).toEqual({
      action: 'restart',
      delayMs: 350,
      failures: [1_000, 2_000, 10_500],
    });
  });

  test('a part that was healthy for long begins anew', () => {
    expect(decideRestart([0, 1_000, 2_000], 7_100, 5_000, LIMITS)).toEqual({
      action: 'restart',
      delayMs: 100,
      failures: [7_100],
    });
  });

  test('a part the house can live without is never given up, and its wait stays bounded', () => {
    const limits = { ...LIMITS, maxRestarts: Number.POSITIVE_INFINITY };
    let failures: readonly number[] = [];
    for (let now = 0; now < 5_000; now += 1) failures = decideRestart(failures, now, 0, limits).failures;
    expect(decideRestart(failures, 5_000, 0, limits)).toMatchObject({ action: 'restart', delayMs: 350 });
  });
});
