import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch } from '../../../src/web/player/stall-watch.ts';

describe('StallWatch', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls a picture stalled after the limit, and only then', () => {
    const onStall = vi.fn();
    const watch = new StallWatch({ limitMs: 3_000, onStall, isVisible: () => true });
    vi.advanceTimersByTime(2_900);
    watch.touch();
    vi.advanceTimersByTime(3_000);
    expect(onStall).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(onStall).toHaveBeenCalledTimes(1);
    watch.close();
  });

  it('does not count the time the page is hidden', () => {
    const onStall = vi.fn();
    let isVisible = false;
    const watch = new StallWatch({ limitMs: 3_000, onStall, isVisible: () => isVisible });
    vi.advanceTimersByTime(60_000);
    isVisible = true;
    vi.advanceTimersByTime(2_900);
    expect(onStall).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(onStall).toHaveBeenCalledTimes(1);
    watch.close();
  });

  it('is silent once closed', () => {
    const onStall = vi.fn();
    new StallWatch({ limitMs: 1_000, onStall, isVisible: () => true }).close();
    vi.advanceTimersByTime(10_000);
    expect(onStall).not.toHaveBeenCalled();
  });
});
