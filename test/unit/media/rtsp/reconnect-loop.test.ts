import { describe, expect, it } from 'vitest';
import { StopsignError } from '../../../../src/errors.ts';
import { backoffMs, MAX_BACKOFF_MS, ReconnectLoop } from '../../../../src/media/rtsp/reconnect-loop.ts';
import { until } from '../../../support/until.ts';

const error = new StopsignError('STREAM_UNAVAILABLE', 'gone');

describe('the waits between attempts', () => {
  it('are short at first, grow, never exceed five seconds, and have jitter', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((failures) => backoffMs(failures, 1))).toEqual([
      100, 250, 625, 1_563, 3_906, 5_000, 5_000,
    ]);
    expect(backoffMs(1, 0)).toBe(50);
    expect(backoffMs(99, 0)).toBe(MAX_BACKOFF_MS / 2);
  });
});

describe('the reconnect loop', () => {
  it('tries again after each attempt and stops in the middle of one', async () => {
    let attempts = 0;
    const loop = new ReconnectLoop({
      attempt: async (signal) => {
        attempts += 1;
        if (attempts === 3) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { error, wasHealthy: true };
      },
      onRetry: () => {},
      random: () => 0,
    });
    loop.start();
    loop.start();
    await until(() => attempts === 3, { what: 'the third attempt' });
    await loop.close();
    expect(attempts).toBe(3);
  });

  it('stops in the middle of a wait', async () => {
    let retries = 0;
    const loop = new ReconnectLoop({
      attempt: async () => ({ error, wasHealthy: false }),
      onRetry: () => {
        retries += 1;
      },
      random: () => 0,
    });
    loop.start();
    await until(() => retries >= 4, { what: 'four attempts' });
    const since = performance.now();
    await loop.close();
    expect(performance.now() - since).toBeLessThan(200);
  });
});
