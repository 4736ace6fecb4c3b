/**
 * Every scenario through the judge, its synthetic detections exact and with a pixel of noise: which passes are found and
 * whether the verdicts are right. What the judge is known to get wrong is listed here by name, so that it stays visible.
 */
import { describe, expect, it } from 'vitest';
import { judgeScenario } from '../../src/sim/judge-scenario.ts';
import { loadScenario, scenarioNames } from '../../src/sim/scenario-file.ts';
import { score } from '../../src/sim/score/score.ts';
import { truthOf } from '../../src/sim/truth-file.ts';

const FPS = 15;
const NOISY = { noisePx: 1, drift: 0.5, miss: 0.03, invented: 0.005, jitterS: 0.002, seed: 7 };

/** Cameras from which the front is read half a metre and more off its place, or that have moved since calibration. */
const FRONT_OFF_M: Readonly<Record<string, number>> = {
  'bumped-camera': 0.6,
  'camera-along': 0.8,
  'camera-behind': 0.7,
  'crossing-hides': 0.7,
  'side-by-side': 0.8,
};
/** From behind, the front lies hidden beyond the roof: a stop before the line is read as one beyond it. */
const SAID_TO_ENCROACH: readonly string[] = ['camera-behind'];
/** With limited jerk a stand begins and ends so softly that no pixel shows it: read longer than it was. */
const READ_LONGER_S: Readonly<Record<string, number>> = { 'gentle-stop': 0.5 };

/** With noise, a stand that is hidden for a second in its middle is measured worse than one in full view. */
const HIDDEN_STAND_S: Readonly<Record<string, number>> = { 'crossing-hides': 0.5 };

describe.each(scenarioNames())('%s', (name) => {
  const scenario = loadScenario(name);
  const truth = truthOf(scenario, FPS);

  it.each([
    { what: 'exact boxes', faults: { noisePx: 0 }, stopS: 0.06 },
    { what: 'a pixel of noise, misses and jitter', faults: NOISY, stopS: 0.22 },
  ])('is judged right with $what', ({ faults, stopS }) => {
    const run = judgeScenario(scenario, { fps: FPS, ...faults });
    const { passes, ids } = score(truth, { events: run.events, tracks: run.views, startUtc: 0 });
    expect(passes.missed).toEqual([]);
    expect(passes.invented).toEqual([]);
    expect(passes.wrong).toEqual([]);
    expect(ids.switches).toBe(0);
    expect(passes.forced_right).toBe(passes.found);
    expect(passes.found - passes.encroached_right).toBe(SAID_TO_ENCROACH.includes(name) ? 1 : 0);

    const stop = passes.errors.stopped_s?.max ?? 0;
    expect(stop).toBeLessThan(READ_LONGER_S[name] ?? (faults === NOISY ? HIDDEN_STAND_S[name] : undefined) ?? stopS);
    if (name in READ_LONGER_S) expect(stop).toBeGreaterThan(0.25);
    const distance = passes.errors.stop_distance_m?.max ?? 0;
    expect(distance).toBeLessThan(FRONT_OFF_M[name] ?? 0.2);
    if (name in FRONT_OFF_M) expect(distance).toBeGreaterThan(0.3);
  });
});
