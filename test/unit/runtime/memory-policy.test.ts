/** The process holds more than it may: who is restarted, how often, and when the process ends. */
import { describe, expect, it } from 'vitest';
import { CALM, type MemoryState, type MemoryStep, memoryPolicy } from '../../../src/actors/runtime/memory-policy.ts';

const rules = { limitBytes: 1_000, lastsMs: 10_000, settleMs: 30_000, mostRestarts: 3, withinMs: 600_000 };
const rooms = [
  { room: 'gateway', bytes: 100, canRestart: true },
  { room: 'inference', bytes: 300, canRestart: true },
  { room: 'supervisor', bytes: 50, canRestart: false },
];

/** A look a second; returns what was done and when. */
function play(
  seconds: number,
  held: (s: number, done: readonly (readonly [number, MemoryStep])[]) => number,
  of = rooms,
) {
  let state: MemoryState = CALM;
  const done: [number, MemoryStep][] = [];
  for (let s = 0; s <= seconds; s += 1) {
    const [next, step] = memoryPolicy(state, held(s, done), of, s * 1_000, rules);
    state = next;
    if (step.do !== 'nothing') done.push([s, step]);
    if (step.do === 'end') break;
  }
  return done;
}

describe('the memory policy', () => {
  it('leaves a process alone that stays below its limit, and a peak that passes', () => {
    expect(play(3_600, () => 1_000)).toEqual([]);
    expect(play(3_600, (s) => (s % 20 < 9 ? 2_000 : 900))).toEqual([]);
  });

  it('restarts the room that holds most, once, and says when it helped', () => {
    const done = play(100, (_s, before) => (before.length === 0 ? 1_500 : 800));
    expect(done).toEqual([
      [10, { do: 'restart', room: 'inference' }],
      [11, { do: 'resolve', room: 'inference' }],
    ]);
  });

  it('waits for the restart to take effect before it judges it', () => {
    const done = play(100, (s) => (s < 35 ? 1_500 : 800));
    expect(done.map(([s, step]) => [s, step.do])).toEqual([
      [10, 'restart'],
      [35, 'resolve'],
    ]);
  });

  it('ends the process when a restart did not help', () => {
    expect(play(100, () => 1_500)).toEqual([
      [10, { do: 'restart', room: 'inference' }],
      [40, { do: 'end', why: 'restarting inference did not help' }],
    ]);
  });

  it('ends the process when restarts help for a moment only', () => {
    // Each restart helps for a minute.
    const done = play(900, (s, before) => {
      const last = before.findLast(([, step]) => step.do === 'restart')?.[0];
      return last !== undefined && s > last && s < last + 60 ? 800 : 1_500;
    });
    expect(done.filter(([, { do: what }]) => what === 'restart')).toHaveLength(3);
    expect(done.at(-1)?.[1]).toEqual({ do: 'end', why: '3 restarts within 10 min did not help for long' });
  });

  it('a leak that takes a quarter of an hour may be restarted for ever', () => {
    const done = play(4 * 3_600, (s) => 700 + (s % 900) * 0.34);
    expect(done.filter(([, { do: what }]) => what === 'restart').length).toBeGreaterThan(12);
    expect(done.some(([, { do: what }]) => what === 'end')).toBe(false);
  });

  it('ends the process when the main thread is the one', () => {
    const fat = [...rooms, { room: 'main', bytes: 900, canRestart: false }];
    expect(play(20, () => 1_500, fat).at(-1)?.[1]).toEqual({ do: 'end', why: 'the main thread holds most of it' });
  });
});
