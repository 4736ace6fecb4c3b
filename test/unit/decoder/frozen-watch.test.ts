/** A frozen picture: when it is one, and what is done about it. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { FrozenPicture } from '../../../src/actors/decoder/frozen-picture.ts';
import { FrozenWatch } from '../../../src/actors/decoder/frozen-watch.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';
import { type Random, seededRandom } from '../../../src/sim/random.ts';

const WIDTH = 320;
const HEIGHT = 180;
const grey = (level = 90) => new Uint8Array(WIDTH * HEIGHT).fill(level);

/** A sensor's noise: most pixels differ by a level or two. */
function noisy(random: Random): Uint8Array {
  return grey().map((level) => level + Math.round((random.uniform() - 0.5) * 4));
}

describe('a picture', () => {
  it('of a scene at rest is not frozen: a sensor has noise', () => {
    const picture = new FrozenPicture();
    const random = seededRandom(1);
    for (let t = 0; t <= 60_000; t += 1_000) expect(picture.look(noisy(random), WIDTH, HEIGHT, t)).toBe(0);
  });

  it('that is repeated is, for as long as it is', () => {
    const picture = new FrozenPicture();
    for (let t = 0; t <= 10_000; t += 1_000) expect(picture.look(grey(), WIDTH, HEIGHT, t)).toBe(t);
    expect(picture.look(grey(92), WIDTH, HEIGHT, 11_000)).toBe(0);
    expect(picture.look(grey(92), WIDTH, HEIGHT, 12_000)).toBe(1_000);
  });

  it('that drifts slowly is not: it is compared with how it was when it last changed', () => {
    const picture = new FrozenPicture();
    const still = [];
    for (let t = 0; t <= 60; t += 1) {
      const luma = grey();
      luma.fill(91, 0, Math.round((luma.length * t) / 60));
      still.push(picture.look(luma, WIDTH, HEIGHT, t * 1_000));
    }
    expect(Math.max(...still)).toBeLessThan(20_000);
    expect(still.filter((ms) => ms === 0).length).toBeGreaterThan(2);
  });
});

describe('the watch', () => {
  function open() {
    const row = new StatusRow(StatusBoard.allocate(1), 0);
    const done: string[] = [];
    let nowMs = 0;
    const watch = new FrozenWatch({
      afterMs: 10_000,
      row,
      clock: { nowUs: () => 5_000_000_000 + nowMs * 1_000 },
      log: pino({ level: 'silent' }),
      reopen: () => done.push('reopen'),
      runCommand: (sinceUtc) => done.push(`command since ${sinceUtc}`),
      steadyMs: () => nowMs,
    });
    const play = (seconds: number, luma: Uint8Array) => {
      for (let i = 0; i < seconds * 10; i += 1, nowMs += 100) watch.see(luma, WIDTH, HEIGHT);
    };
    return { row, done, play };
  }

  it('opens the stream anew, then runs the command, each once; and says since when', () => {
    const { row, done, play } = open();
    play(10, grey());
    expect(done).toEqual([]);
    play(1, grey());
    expect(done).toEqual(['reopen']);
    expect(row.get('frozenSinceUs')).toBe(5_000_000_000);
    play(9, grey());
    expect(done).toEqual(['reopen']);
    play(60, grey());
    expect(done).toEqual(['reopen', 'command since 5000']);
  });

  it('is content when the picture moves again, and begins anew when it freezes again', () => {
    const { row, done, play } = open();
    play(12, grey());
    play(2, grey(60));
    expect(row.get('frozenSinceUs')).toBe(0);
    play(12, grey(60));
    expect(done).toEqual(['reopen', 'reopen']);
    expect(row.get('frozenSinceUs')).toBeGreaterThan(0);
  });
});
