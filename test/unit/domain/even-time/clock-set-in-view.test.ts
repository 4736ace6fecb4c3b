/** A clock is set while a vehicle stands at the line: one pass, the same judgement, and afterwards the new time. */
import { describe, expect, it } from 'vitest';
import { type AnalyzerState, createAnalyzer, finish, step } from '../../../../src/domain/site-analyzer.ts';
import { restoreAnalyzer, snapshotAnalyzer } from '../../../../src/domain/snapshot/analyzer-snapshot.ts';
import type { Observation, PassEvent } from '../../../../src/domain/types.ts';
import { analyze, demoSite, observe, stopper } from '../synthetic-scene.ts';

const OPTIONS = { camera: 'demo', site: demoSite, configVersion: 'x', modelSha256: null, firstTrackId: 1 };
const BASE_UTC = 1_790_000_000;
const SCENE = stopper({ start: 0, stand: 3 });
const SECOND = stopper({ start: 20, stand: 1.5 });
const PLAIN = observe([SCENE, SECOND], { fps: 15, seconds: 40, noisePx: 1, seed: 11 });
const SET_AT = SCENE.restFrom + 1.2;
const SETS_S = [0.2, -0.2, 2, -2, -4.5, 3_600, -3_600];

const live = (o: Observation, by: { utcS?: number; epoch?: number; receivedS?: number } = {}): Observation => ({
  ...o,
  tsUtc: BASE_UTC + o.tsUtc + (by.utcS ?? 0),
  media: {
    epoch: by.epoch ?? 1,
    rtp: Math.round(4_294_000_000 + o.tsUtc * 90_000) >>> 0,
    receivedUtc: BASE_UTC + o.tsUtc + 0.05 + (by.receivedS ?? 0),
  },
});

function judge(observations: readonly Observation[], each: (state: AnalyzerState) => AnalyzerState = (state) => state) {
  let state = createAnalyzer(OPTIONS);
  const passes: PassEvent[] = [];
  const take = (events: readonly { type: string }[]) => {
    passes.push(...(events.filter(({ type }) => type === 'pass') as PassEvent[]));
  };
  for (const o of observations) {
    const [next, output] = step(state, o);
    state = each(next);
    take(output.events);
  }
  take(finish(state).events);
  return { passes, state };
}

const expected = analyze(PLAIN).passes;
const told = ({ verdict, complete, stopped_s }: PassEvent) => ({
  verdict,
  complete,
  stopped: stopped_s?.value.toFixed(2),
});

describe('a clock that is set while a vehicle stands at the line', () => {
  it.each(SETS_S)('costs no frame and changes no judgement: by %d s', (s) => {
    const { passes, state } = judge(PLAIN.map((o) => live(o, { utcS: o.tsUtc >= SET_AT ? s : 0 })));
    expect(passes.map(told)).toEqual(expected.map(told));
    expect(passes[0]?.exited_utc).toBeCloseTo(BASE_UTC + (expected[0]?.exited_utc ?? 0), 2);
    // Who came later is told in the new time.
    expect(passes[1]?.entered_utc).toBeCloseTo(BASE_UTC + (expected[1]?.entered_utc ?? 0) + s, 2);
    expect(new Set(passes.map(({ id }) => id)).size).toBe(2);
    expect(state.ignored).toBe(0);
  });

  it('is set there and back again, as if nothing had been', () => {
    const { passes, state } = judge(
      PLAIN.map((o) => live(o, { utcS: o.tsUtc >= SET_AT && o.tsUtc < SET_AT + 1 ? 600 : 0 })),
    );
    expect(passes.map(told)).toEqual(expected.map(told));
    expect(state.resets).toBe(0);
  });

  it('goes on so in another process', () => {
    const seen = PLAIN.map((o) => live(o, { utcS: o.tsUtc >= SET_AT ? -3_600 : 0 }));
    const plain = judge(seen).passes;
    expect(judge(seen, (state) => restoreAnalyzer(OPTIONS, snapshotAnalyzer(state))).passes).toEqual(plain);
  });

  it.each([-2, -4.5, 3_600, -3_600])('is set while nobody looked: one pass each, few frames ignored: by %d s', (s) => {
    const seen = PLAIN.filter(({ tsUtc }) => tsUtc < SET_AT || tsUtc > SET_AT + 0.8).map((o) => {
      return o.tsUtc < SET_AT ? live(o) : live(o, { utcS: s, epoch: 2 });
    });
    const { passes, state } = judge(seen);
    expect(passes.map(({ verdict }) => verdict)).toEqual(expected.map(({ verdict }) => verdict));
    expect(state.ignored).toBeLessThanOrEqual(8);
  });

  it('does not take the repeats at the begin of a session for a clock that was set', () => {
    const before = PLAIN.filter(({ tsUtc }) => tsUtc < SET_AT).map((o) => live(o));
    const repeats = PLAIN.filter(({ tsUtc }) => tsUtc >= SET_AT - 1.5 && tsUtc < SET_AT).map((o) => {
      return live(o, { epoch: 2, receivedS: SET_AT - o.tsUtc });
    });
    const after = PLAIN.filter(({ tsUtc }) => tsUtc >= SET_AT).map((o) => live(o, { epoch: 2 }));
    const { passes, state } = judge([...before, ...repeats, ...after]);
    expect(passes.map(told)).toEqual(expected.map(told));
    expect(state.ignored).toBe(repeats.length);
    expect(state.time.aheadS).toBe(0);
  });
});

describe('a clock that is set while a vehicle has long stood in the zone', () => {
  const STAND_S = 345;
  const parks = stopper({ start: 0, stand: STAND_S, gap: 5 });
  const long = observe([parks], { fps: 5, seconds: STAND_S + 20, noisePx: 1, seed: 11 });
  const setAt = parks.restFrom + 200;

  it('is followed after two minutes; its pass is told once, and it keeps its id', () => {
    const ids = new Set<number>();
    const seen = long.map((o) => live(o, { utcS: o.tsUtc >= setAt ? 3_600 : 0 }));
    const { passes, state } = judge(seen, (now) => {
      for (const id of now.vehicles.keys()) ids.add(id);
      return now;
    });
    expect(passes).toHaveLength(1);
    expect(passes[0]).toMatchObject({ complete: false });
    expect(state.resets).toBe(1);
    expect(state.time).toMatchObject({ aheadS: 0, heldSince: null });
    expect([...ids]).toEqual([1]);
  });
});
