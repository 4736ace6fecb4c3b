/** What is nobody's crash and still wrong: told once, and taken back. */
import { describe, expect, it } from 'vitest';
import { type Conditions, ConditionWatch } from '../../../src/condition-watch.ts';
import { StatusBoard } from '../../../src/shm/status-board.ts';

const names = ['gateway', 'tracker:front', 'inference', 'decoder:front', 'supervisor'];

function open() {
  const board = new StatusBoard(StatusBoard.allocate(names.length), names);
  const [tracker, inference, decoder] = ['tracker:front', 'inference', 'decoder:front'].map((name) => board.row(name));
  if (!tracker || !inference || !decoder) throw new Error('the board has no rows');
  for (const row of [tracker, inference, decoder]) row.state = 'running';
  const present = new Map<string, string>();
  const conditions = {
    house: { board },
    openIncident: (actor: string, cause: string, detail: string) => {
      const key = `${actor} ${cause}`;
      if (!present.has(key)) present.set(key, detail);
    },
    resolveIncident: (actor: string, cause: string) => void present.delete(`${actor} ${cause}`),
  } as unknown as Conditions;
  let nowMs = 0;
  const watch = new ConditionWatch(['front'], conditions, () => nowMs);
  decoder.set('gauge0', 1);
  /** Looks twice a second; `each` is what happens in between. */
  const play = (seconds: number, each: () => void = () => {}) => {
    for (let i = 0; i < seconds * 2; i += 1, nowMs += 500) {
      each();
      watch.look();
    }
  };
  const flow = () => {
    decoder.add('in');
    tracker.add('in');
  };
  return { tracker, inference, decoder, present, play, flow };
}

describe('the watch over conditions', () => {
  it('is content with a camera that sends', () => {
    const { play, flow, present } = open();
    play(60, flow);
    expect([...present]).toEqual([]);
  });

  it('tells of a camera that sends nothing, why, and when it is back', () => {
    const { play, flow, present, decoder } = open();
    play(5, flow);
    play(3);
    expect([...present]).toEqual([]);
    play(2);
    expect(present.get('decoder:front source')).toContain('the session with the hub is open');
    play(2, flow);
    expect([...present]).toEqual([]);
    decoder.set('gauge0', 0);
    play(7);
    expect(present.get('decoder:front source')).toBe('the hub has no stream of the camera front');
  });

  it('tells of results that come late for long, and of whom they wait for', () => {
    const { play, flow, present, inference, tracker } = open();
    tracker.set('latencyUs', 900_000);
    inference.set('latencyUs', 800_000);
    play(4, flow);
    expect([...present]).toEqual([]);
    play(3, flow);
    expect(present.get('inference latency')).toContain('900 ms after the picture; the budget is 500 ms');
    tracker.set('latencyUs', 30_000);
    play(4, flow);
    expect(present.size).toBe(1);
    play(3, flow);
    expect([...present]).toEqual([]);
  });

  it('is not worried by one late result, nor by the last one before the camera fell silent', () => {
    const { play, flow, present, tracker } = open();
    play(2, flow);
    tracker.set('latencyUs', 900_000);
    play(1, flow);
    tracker.set('latencyUs', 20_000);
    play(20, flow);
    expect([...present]).toEqual([]);
    tracker.set('latencyUs', 900_000);
    play(20);
    expect([...present.keys()]).toEqual(['decoder:front source']);
  });

  it('tells of a frozen picture while the decoder says so', () => {
    const { play, flow, present, decoder } = open();
    decoder.set('frozenSinceUs', 1_700_000_000_000_000);
    play(1, flow);
    expect(present.get('decoder:front frozen')).toContain('since 2023-11-14T22:13:20.000Z');
    decoder.set('frozenSinceUs', 0);
    play(1, flow);
    expect([...present]).toEqual([]);
  });

  it('tells of pictures of another shape while the tracker says so', () => {
    const { play, flow, present, tracker } = open();
    tracker.set('reshapedSinceUs', 1_700_000_000_000_000);
    play(1, flow);
    expect(present.get('tracker:front shape')).toContain('another shape than the calibrated one');
    tracker.set('reshapedSinceUs', 0);
    play(1, flow);
    expect([...present]).toEqual([]);
  });

  it('tells of errors that ended no thread, until they cease', () => {
    const { play, flow, present, tracker } = open();
    play(1, flow);
    tracker.add('errors');
    play(1, flow);
    expect(present.get('tracker:front error')).toContain('1 errors so far');
    play(7, flow);
    expect([...present]).toEqual([]);
  });
});
