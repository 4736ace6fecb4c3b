import { describe, expect, it } from 'vitest';
import { restartPolicy } from '../../../src/actors/runtime/restart-policy.ts';

const spec = { name: 'decoder:front', maxRestarts: 5, withinMs: 60_000, backoffMs: 100 };
const second = 1e3;

describe('the restart policy', () => {
  it('restarts at once the first time', () => {
    expect(restartPolicy([], 0, spec)).toEqual({ action: 'restart', delayMs: 0 });
  });

  it('doubles the wait with each restart within the window', () => {
    const delays = [1, 2, 3, 4].map((n) => restartPolicy(Array(n).fill(0), second, spec));
    expect(delays).toEqual([100, 200, 400, 800].map((delayMs) => ({ action: 'restart', delayMs })));
  });

  it('forgets restarts older than the window', () => {
    expect(restartPolicy(Array(9).fill(0), 61 * second, spec)).toEqual({ action: 'restart', delayMs: 0 });
  });

  it('escalates when restarting does not help', () => {
    const decision = restartPolicy(Array(5).fill(second), 2 * second, spec);
    expect(decision).toEqual({ action: 'escalate', reason: 'decoder:front was restarted 5 times within 60 s' });
  });
});
