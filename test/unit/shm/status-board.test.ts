import { describe, expect, it } from 'vitest';
import { StatusBoard } from '../../../src/shm/status-board.ts';

const open = () => new StatusBoard(StatusBoard.allocate(2), ['inference', 'supervisor']);

describe('the status board', () => {
  it('keeps what each actor says apart', () => {
    const board = open();
    board.row('inference').set('progress', 7);
    board.row('supervisor').set('progress', 2 ** 45);
    expect(board.snapshot()).toMatchObject({ inference: { progress: 7 }, supervisor: { progress: 2 ** 45 } });
    expect(() => board.row('nobody')).toThrow(RangeError);
    expect(() => board.rowOf('nobody', 1)).toThrow(RangeError);
  });

  it('counts go on in the next generation', () => {
    const board = open();
    const seen = board.row('inference');
    for (let generation = 1; generation <= 9; generation += 1) {
      seen.set('generation', generation);
      board.rowOf('inference', generation).add('in', 10);
      expect(seen.snapshot()).toMatchObject({ generation, in: 10 * generation });
    }
  });

  it('a thread that was given up can say nothing for its successor', () => {
    const board = open();
    const seen = board.row('inference');
    seen.set('generation', 1);
    const stale = board.rowOf('inference', 1);
    stale.state = 'running';
    seen.set('generation', 2);
    const present = board.rowOf('inference', 2);
    present.state = 'running';
    present.set('heartbeatUs', 5);
    // It wakes up in the middle of its work.
    stale.state = 'stopped';
    stale.set('inNative', 1);
    stale.set('heartbeatUs', 6);
    stale.add('errors');
    expect(seen.snapshot()).toMatchObject({ state: 'running', generation: 2, inNative: 0, heartbeatUs: 5, errors: 0 });
  });

  it('a view for a later generation takes the row over, one for an earlier does not take it back', () => {
    const board = open();
    const second = board.rowOf('inference', 2);
    second.set('in', 3);
    board.rowOf('inference', 1).set('in', 99);
    expect(board.row('inference').snapshot()).toMatchObject({ generation: 2, in: 3 });
  });
});
