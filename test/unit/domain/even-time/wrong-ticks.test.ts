/** A camera whose RTP does not tick at 90 kHz: its frames are judged by capture time, and the clock is not begun anew at each. */
import { describe, expect, it } from 'vitest';
import { createAnalyzer, finish, step } from '../../../../src/domain/site-analyzer.ts';
import type { Observation, PassEvent } from '../../../../src/domain/types.ts';
import { analyze, demoSite, observe, stopper } from '../synthetic-scene.ts';

const OPTIONS = { camera: 'demo', site: demoSite, configVersion: 'x', modelSha256: null, firstTrackId: 1 };
const BASE_UTC = 1_790_000_000;
/** Ten seconds of an empty street come first. */
const PLAIN = observe([stopper({ start: 10, stand: 3 })], { fps: 15, seconds: 30, noisePx: 1, seed: 11 });

function judge(ticksPerS: number) {
  let state = createAnalyzer(OPTIONS);
  const passes: PassEvent[] = [];
  const take = (events: readonly { type: string }[]) => {
    passes.push(...(events.filter(({ type }) => type === 'pass') as PassEvent[]));
  };
  for (const o of PLAIN) {
    const seen: Observation = {
      ...o,
      tsUtc: BASE_UTC + o.tsUtc,
      media: {
        epoch: 1,
        rtp: Math.round(4_294_000_000 + o.tsUtc * ticksPerS) >>> 0,
        receivedUtc: BASE_UTC + o.tsUtc + 0.05,
      },
    };
    const [next, output] = step(state, seen);
    state = next;
    take(output.events);
  }
  take(finish(state).events);
  return { passes, state };
}

describe('a camera whose RTP', () => {
  it.each([
    ['moves by 11 µs a frame', 15],
    ['ticks at 8 kHz', 8_000],
    ['ticks at 180 kHz', 180_000],
    ['ticks at 1 MHz', 1_000_000],
  ])('%s is judged by capture time, with hardly a reset', (_how, ticksPerS) => {
    const expected = analyze(PLAIN).passes;
    const { passes, state } = judge(ticksPerS);
    const told = ({ verdict, complete, stopped_s }: PassEvent) => [verdict, complete, stopped_s?.value.toFixed(2)];
    expect(passes.map(told)).toEqual(expected.map(told));
    expect(passes).toHaveLength(1);
    expect(state.resets).toBeLessThanOrEqual(2);
    expect(state.time).toMatchObject({ aheadS: 0, heldSince: null });
    expect(state.ignored).toBeLessThanOrEqual(30);
  });
});
