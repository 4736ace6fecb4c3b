/** Passes while nobody looked for a while: every one of them is told, once, and nothing is said that was not seen. */
import { describe, expect, it } from 'vitest';
import { rejudgePass } from '../../../../src/domain/evidence/rejudge-pass.ts';
import { siteGeometry } from '../../../../src/domain/geometry/site-geometry.ts';
import { createAnalyzer, finish, step, suspend } from '../../../../src/domain/site-analyzer.ts';
import { restoreAnalyzer, snapshotAnalyzer } from '../../../../src/domain/snapshot/analyzer-snapshot.ts';
import type { DomainEvent, Observation, PassEvent, Site } from '../../../../src/domain/types.ts';
import { analyze, demoSite, type Motion, observe, roller, stopper } from '../synthetic-scene.ts';

const STAND_S = 3;
const VEHICLES = {
  stopping: { motion: stopper({ start: 0, stand: STAND_S }), truth: 'full_stop', slowest: 0 },
  rolling: { motion: roller({ start: 0, slowest: 1.8 }), truth: 'rolling_stop', slowest: 1.8 * 3.6 },
  driving: { motion: roller({ start: 0, slowest: 5 }), truth: 'no_stop', slowest: 5 * 3.6 },
} as const;
/** By where the front is when the outage begins, metres from the line. */
const MOMENTS = { 'before the zone': -20, entering: -12.2, braking: -7, 'at the line': -0.62, leaving: 1.5 } as const;
const LENGTHS_S = [0.5, 2, 5, 12] as const;

/** When the front is there. */
function timeAt(motion: Motion, front: number): number {
  let t = 0;
  while ((motion.at(t) ?? -99) < front) t += 0.01;
  return t;
}

function film(motions: readonly Motion[], seconds: number, seed = 11): Observation[] {
  return observe(motions, { fps: 10, seconds, noisePx: 0.7, seed });
}

function without(all: readonly Observation[], from: number, length: number): Observation[] {
  return all.filter(({ tsUtc }) => tsUtc < from || tsUtc >= from + length);
}

const passesOf = (events: readonly DomainEvent[]) =>
  events.filter((event): event is PassEvent => event.type === 'pass');

describe.each(Object.entries(VEHICLES))('a %s vehicle', (_name, { motion, truth, slowest }) => {
  describe.each(Object.entries(MOMENTS))('%s', (_moment, front) => {
    it.each(LENGTHS_S)('when %s s are missing, is one pass that says nothing wrong', (length) => {
      const from = timeAt(motion, front);
      const { passes, ended } = analyze(without(film([motion], Math.max(15, from + length + 4)), from, length));
      expect(passes).toHaveLength(1);
      const pass = passes[0] as PassEvent;
      expect(['indeterminate', truth]).toContain(pass.verdict);
      const { stopped_s, min_speed } = pass;
      if (truth !== 'full_stop' && stopped_s) expect(stopped_s.lo).toBe(0);
      if (truth === 'full_stop' && stopped_s) {
        expect(stopped_s.lo).toBeLessThanOrEqual(STAND_S + 0.05);
        expect(stopped_s.hi).toBeGreaterThanOrEqual(STAND_S - 0.05);
      }
      if (min_speed) expect(min_speed.lo).toBeLessThanOrEqual(slowest * 1.02);
      if (pass.complete && min_speed) expect(min_speed.hi).toBeGreaterThanOrEqual(slowest * 0.98);
      if (pass.complete) expect(pass.verdict).toBe(truth);
      else expect(pass.reason).toMatch(/not seen for \d+\.\d s between \d\d:\d\d:\d\d\.\d and \d\d:\d\d:\d\d\.\d/);
      if (length === 0.5) expect(pass).toMatchObject({ complete: true, verdict: truth });
      // Found again it is the same vehicle; it is never given up for one that comes later.
      expect(ended).toHaveLength(1);
    });
  });
});

describe('an outage', () => {
  const { motion } = VEHICLES.driving;
  const [pass, ...others] = analyze(without(film([motion], 12), 1, 3)).passes;

  it('is named in the reason, in the site’s time', () => {
    expect(others).toEqual([]);
    expect(pass).toMatchObject({ complete: false, verdict: 'indeterminate' });
    expect(pass?.reason).toBe('not seen for 3.1 s between 01:00:00.9 and 01:00:04.0');
  });

  it('in which a vehicle came, drove through and is gone says nothing', () => {
    expect(analyze(without(film([motion], 12), -1, 9)).passes).toEqual([]);
    const late: Motion = { at: (t) => motion.at(t - 3) };
    expect(analyze(without(film([late], 20), 2, 12)).events).toEqual([]);
  });

  it.each([
    ['in the zone', -6],
    ['beyond the line', 3],
  ])('in which a vehicle came and behind which it drives %s is one incomplete pass', (_where, front) => {
    const late: Motion = { at: (t) => motion.at(t - 3) };
    const until = timeAt(late, front);
    const { passes } = analyze(without(film([late], 15), 2, until - 2));
    expect(passes).toHaveLength(1);
    expect(passes[0]).toMatchObject({ complete: false, verdict: 'indeterminate' });
    expect(passes[0]?.reason).toMatch(/, nor before$/);
  });

  it('behind which a vehicle drives off that stood at the line is one incomplete pass', () => {
    const stop = stopper({ start: 3, stand: 6 });
    const { passes } = analyze(without(film([stop], 25), 2, stop.restFrom + 1 - 2));
    expect(passes).toHaveLength(1);
    expect(passes[0]).toMatchObject({ complete: false });
    expect(['full_stop', 'indeterminate']).toContain(passes[0]?.verdict);
  });

  it.each([
    ['stands in the zone', { at: (t: number) => (t < 3 ? null : -3) }],
    ['stands at the line', { at: (t: number) => (t < 3 ? null : -0.5) }],
    ['stands beyond the line', { at: (t: number) => (t < 3 ? null : 3) }],
    ['comes towards in the other lane', { at: (t: number) => (t < 3 ? null : 6 - 4 * (t - 3)), z: -1.75, heading: -1 }],
    ['drives the wrong way', { at: (t: number) => (t < 3 ? null : 4 - 4 * (t - 3)), heading: -1 }],
  ] as [string, Motion][])('behind which a vehicle %s is no pass', (_how, other) => {
    for (const site of [demoSite, { ...demoSite, calibration: undefined } as Site]) {
      const { passes } = analyze(without(film([other], 14), 2, 4), site);
      expect(passes).toEqual([]);
    }
  });

  it('after the pass makes no second one of it', () => {
    const stop = stopper({ start: 0, stand: 1 });
    for (const [front, length] of [
      [5.5, 0.9],
      [5.5, 1.5],
      [7, 0.7],
    ] as const) {
      const { passes } = analyze(without(film([stop], 14), timeAt(stop, front), length));
      expect(passes).toHaveLength(1);
      expect(passes[0]).toMatchObject({ complete: true, verdict: 'full_stop' });
    }
  });

  it.each([
    [1.5, [2, 3.5, 5.5, 7]],
    [4, [2, 3.5, 5.5, 7]],
    // Later, the first stood at the line when it began: the second could be it, and only one pass is sure.
    [12, [2, 3.5]],
  ])('of %s s over two vehicles is a pass of each', (length, begins) => {
    const first = stopper({ start: 0, stand: 2 });
    const second: Motion = { at: (t) => motion.at(t - 12) };
    const all = film([first, second], 24);
    for (const from of begins) {
      const both = analyze(without(all, from, length)).passes;
      expect(both).toHaveLength(2);
      expect(new Set(both.map(({ track_id }) => track_id)).size).toBe(2);
      expect(both.every(({ complete, reason }) => complete || /not seen/.test(reason))).toBe(true);
    }
  });

  it('changes nothing for a pass that ended before it', () => {
    const whole = passesOf(analyze(film([motion], 8)).events);
    const then = passesOf(analyze(without(film([motion], 20), 7, 9)).events);
    expect(then).toEqual(whole);
  });

  it('is none while frames come rarely all the time', () => {
    const slow = observe([VEHICLES.rolling.motion], { fps: 1.5, seconds: 12, noisePx: 0.7, seed: 3 });
    const { passes, state } = analyze(slow);
    expect(state.outages.recent.filter(({ isUsual }) => !isUsual)).toEqual([]);
    for (const { reason } of passes) expect(reason).not.toMatch(/not seen/);
  });

  it.each([
    ['seen before and after', without(film([VEHICLES.stopping.motion], 15), 3.4, 2)],
    ['seen before only', without(film([motion], 14), 3, 9)],
    ['hardly seen', without(film([motion], 12), 1.5, 5)],
  ])('is known when a pass that was %s is judged again', (_how, seen) => {
    const { passes, outputs } = analyze(seen);
    const [told] = passes as [PassEvent];
    const evidence = outputs.flatMap(({ passEvidence }) => passEvidence[told.id] ?? [])[0];
    const result = siteGeometry(demoSite);
    if (!evidence || !result.ok) throw new Error('nothing to judge again');
    expect(evidence.outages).toHaveLength(1);
    const stored = JSON.parse(JSON.stringify(evidence)) as typeof evidence;
    const under = { site: demoSite, geometry: result.geometry, configVersion: 'test' };
    expect(rejudgePass(told, stored, under)).toMatchObject({ isChanged: false, isFlipped: false });
  });

  it('gives the same whatever thread goes on behind it, before every single frame', () => {
    const seen = without(film([VEHICLES.stopping.motion, { at: (t) => motion.at(t - 2) }], 14), 3.4, 2.5);
    const options = { camera: 'demo', site: demoSite, configVersion: 'test', modelSha256: null, firstTrackId: 1 };
    let state = createAnalyzer(options);
    const events: DomainEvent[] = [];
    for (const observation of seen) {
      state = restoreAnalyzer(options, JSON.parse(JSON.stringify(snapshotAnalyzer(state))));
      events.push(...step(state, observation)[1].events);
    }
    events.push(...finish(state).events);
    expect(events).toEqual(analyze(seen).events);
    expect(passesOf(events)).toHaveLength(2);
  });

  it('is told without a calibration too', () => {
    const { passes } = analyze(without(film([motion], 12), 2.5, 5), { ...demoSite, calibration: undefined });
    expect(passes).toHaveLength(1);
    expect(passes[0]).toMatchObject({ complete: false, verdict: 'indeterminate' });
  });
});

it('who drove into it and was not seen since is told of when the process ends, and not again', () => {
  const { motion } = VEHICLES.driving;
  const from = timeAt(motion, MOMENTS['before the zone']);
  const seen = film([motion], from);
  const after = [4, 4.1].map((s) => ({ tsUtc: from + s, frame: 999, detections: [] }));
  let state = createAnalyzer({ camera: 'a', site: demoSite, configVersion: '1', modelSha256: null, firstTrackId: 1 });
  for (const observation of [...seen, ...after]) [state] = step(state, observation);
  expect(passesOf(suspend(state).events)).toMatchObject([{ complete: false }]);
  expect(passesOf(suspend(state).events)).toEqual([]);
  expect(passesOf(finish(state).events)).toEqual([]);
});
