import { describe, expect, it } from 'vitest';
import { BufferTarget } from '../../../src/web/player/buffer-target.ts';

const feed = (target: BufferTarget, lateMs: number, times: number) => {
  for (let i = 0; i < times; i++) target.add(lateMs, 33);
};

describe('BufferTarget', () => {
  it('starts at 250 ms and holds it until it has seen enough', () => {
    const target = new BufferTarget();
    feed(target, 500, 19);
    expect(target.targetMs).toBe(250);
  });
  it('rises at once to p95 plus one and a half frames', () => {
    const target = new BufferTarget();
    feed(target, 400, 20);
    expect(target.targetMs).toBe(Math.round(400 + 1.5 * 33));
  });
  it('rises within a second when a machine that was quick is suddenly busy', () => {
    const target = new BufferTarget();
    feed(target, 100, 300);
    feed(target, 350, 20);
    expect(target.targetMs).toBe(Math.round(350 + 1.5 * 33));
  });
  it('is not moved by a rare outlier', () => {
    const target = new BufferTarget();
    for (let i = 0; i < 300; i++) target.add(i % 40 === 0 ? 1_500 : 190, 33);
    expect(target.targetMs).toBe(250);
  });
  it('comes down in steps, never below its floor', () => {
    const target = new BufferTarget({ minMs: 60 });
    feed(target, 0, 20);
    expect(target.targetMs).toBeGreaterThan(150);
    expect(target.targetMs).toBeLessThan(250);
    feed(target, 0, 2_000);
    expect(target.targetMs).toBeGreaterThanOrEqual(60);
    expect(target.targetMs).toBeLessThanOrEqual(100);
  });
  it('never asks for more than its ceiling, and ignores what is no number', () => {
    const target = new BufferTarget({ maxMs: 2_000 });
    feed(target, Number.NaN, 100);
    expect(target.targetMs).toBe(250);
    feed(target, 60_000, 20);
    expect(target.targetMs).toBe(2_000);
  });
});
