/** Incidents: opened once, resolved with what they cost. */
import { describe, expect, it } from 'vitest';
import { IncidentLog } from '../../../src/actors/runtime/incident-log.ts';
import type { Incident } from '../../../src/rpc/control.ts';

function open() {
  const changes: Incident[] = [];
  let lost = 100;
  let nowUs = 1_000_000;
  let id = 0;
  const log = new IncidentLog({
    clock: { nowUs: () => nowUs },
    newId: () => `id-${++id}`,
    onChange: (incident) => changes.push(incident),
    lostFrames: () => lost,
  });
  const pass = (seconds: number, frames: number) => {
    nowUs += seconds * 1e6;
    lost += frames;
  };
  return { log, changes, pass };
}

describe('the incident log', () => {
  it('tells of an incident twice: when it begins, and when it is over, with its length and the frames it cost', () => {
    const { log, changes, pass } = open();
    log.open('tracker:front', 3, 'stall', 'nothing moved');
    log.open('tracker:front', 3, 'stall', 'nothing moved, still');
    pass(2, 17);
    log.resolve('tracker:front');
    log.resolve('tracker:front');
    const opened = { id: 'id-1', actor: 'tracker:front', stage: 'tracker', generation: 3, startedUtc: 1 };
    expect(changes).toMatchObject([
      { ...opened, detail: 'nothing moved', resolvedUtc: null, framesLost: null },
      { ...opened, resolvedUtc: 3, framesLost: 17 },
    ]);
    expect(log.latest(9)).toHaveLength(1);
  });

  it('forgets the oldest that are over, but never one that is open', () => {
    const { log, changes } = open();
    log.open('decoder:front', 1, 'source', 'the camera is gone');
    for (let n = 0; n < 700; n++) log.note('relay', n, 'exit', 'ended');
    expect(log.latest(1_000)).toHaveLength(500);
    log.open('decoder:front', 1, 'source', 'the camera is gone');
    log.resolve('decoder:front', 'source');
    expect(changes.filter(({ cause }) => cause === 'source').map(({ resolvedUtc }) => resolvedUtc)).toEqual([null, 1]);
  });

  it('notes what is over at once, and takes over what the launcher saw', () => {
    const { log, changes } = open();
    log.note('inference', 1, 'fault', 'injected');
    expect(changes[0]).toMatchObject({ startedUtc: 1, resolvedUtc: 1 });
    const seen = { ...(changes[0] as Incident), id: 'x', actor: 'hub', stage: 'hub', cause: 'process' as const };
    log.adopt({ ...seen, resolvedUtc: null });
    log.adopt({ ...seen, resolvedUtc: 7 });
    expect(log.latest(9).map(({ id, resolvedUtc }) => [id, resolvedUtc])).toEqual([
      ['x', 7],
      ['id-1', 1],
    ]);
    expect(changes).toHaveLength(3);
  });
});
