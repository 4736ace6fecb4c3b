/** How many threads and how much memory: decided in one place, from numbers. */
import { describe, expect, it } from 'vitest';
import { analyzerBudget } from '../../../src/analyzer-budget.ts';
import { checkMemory, describeBudget, memoryBudget, memoryLimit } from '../../../src/machine/memory-budget.ts';
import { describeThreads, threadBudget } from '../../../src/machine/thread-budget.ts';

const MIB = 2 ** 20;
const machine = (availableMib: number, boundBy: 'machine' | 'cgroup' = 'machine') => ({
  totalBytes: 8_192 * MIB,
  availableBytes: availableMib * MIB,
  boundBy,
});

describe('threads', () => {
  it.each([
    // cores, cameras, stated → model, pool
    [1, 1, undefined, 1, 16],
    [2, 1, undefined, 1, 16],
    [2, 4, undefined, 1, 28],
    [4, 1, undefined, 2, 16],
    [4, 12, undefined, 1, 60],
    [6, 1, undefined, 3, 16],
    [8, 1, undefined, 4, 16],
    [8, 20, undefined, 3, 92],
    [64, 1, undefined, 4, 16],
    [64, 64, undefined, 4, 128],
    [2, 1, 3, 3, 16],
  ])('%i cores, %i cameras, %s stated: %i for the model, %i in the pool', (cores, cameras, stated, model, pool) => {
    expect(threadBudget(cores, cameras, stated)).toEqual({ modelThreads: model, poolThreads: pool });
  });

  it('never gives more for a further camera to the model, nor less for a further core', () => {
    for (let cores = 1; cores <= 32; cores += 1) {
      for (let cameras = 1; cameras <= 32; cameras += 1) {
        const { modelThreads, poolThreads } = threadBudget(cores, cameras);
        expect(modelThreads).toBeGreaterThanOrEqual(threadBudget(cores, cameras + 1).modelThreads);
        expect(modelThreads).toBeLessThanOrEqual(threadBudget(cores + 1, cameras).modelThreads);
        // A decoder never waits for another one.
        expect(poolThreads).toBeGreaterThan(cameras);
      }
    }
  });

  it('are told in a line', () => {
    expect(describeThreads(threadBudget(2, 1), 2, 1)).toBe(
      "Threads for 2 cores and 1 camera: 1 for the model, 16 in libuv's pool",
    );
  });
});

describe('memory', () => {
  it('names every ring with its bytes, and the sum is the sum', () => {
    const budget = analyzerBudget(['front', 'back']);
    const names = budget.parts.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['frames:front', 'memory:back', 'facts:supervisor', '7 rooms']));
    expect(budget.totalBytes).toBe(budget.parts.reduce((sum, { bytes }) => sum + bytes, 0));
    const frames = budget.parts.find(({ name }) => name === 'frames:front');
    // Four pictures of 3840×2160, 4:2:0.
    expect(frames?.bytes).toBeGreaterThanOrEqual(4 * 3840 * 2160 * 1.5);
    expect(frames?.bytes).toBeLessThan(4 * 3840 * 2160 * 1.5 + 65_536);
    expect(describeBudget(budget, machine(2_000))).toMatch(
      /^Memory of the analyzer: \d+ MiB at most for .*frames:front 47 MiB/,
    );
  });

  it('a machine that is too small is refused with a sentence and a remedy', () => {
    const budget = memoryBudget([{ name: 'frames:a', bytes: 100 * MIB }], 5);
    expect(() => checkMemory(budget, machine(4_000), true)).not.toThrow();
    const need = budget.totalBytes / MIB + 130;
    expect(() => checkMemory(budget, machine(need), false)).not.toThrow();
    expect(() => checkMemory(budget, machine(need), true)).toThrow(/needs 620 MiB of memory, but 560 MiB/);
    expect(() => checkMemory(budget, machine(need - 1), false)).toThrow(
      expect.objectContaining({ code: 'TOO_SMALL', exitCode: 69, remedy: expect.stringContaining('larger machine') }),
    );
    expect(() => checkMemory(budget, machine(10, 'cgroup'), false)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('limit of the container') }),
    );
  });

  it.each([
    [1, 500, 'never below what it needs'],
    [2, 1_024, 'half of a small machine'],
    [8, 4_096, 'half of a usual one'],
    [64, 4_096, 'no more than it can sensibly use on a large one'],
  ])('on %i GiB it is relieved over %i MiB: %s', (gib, expected) => {
    const budget = { parts: [], totalBytes: 400 * MIB };
    expect(memoryLimit(budget, { totalBytes: gib * 1_024 * MIB }) / MIB).toBe(gib === 1 ? 512 : expected);
    expect(memoryLimit(budget, { totalBytes: 100 * MIB }) / MIB).toBe(500);
  });
});
