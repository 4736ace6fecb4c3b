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
/** From every camera; the front is seen only by its consequences from behind. */
const FRONT_M = 0.15;
const NOISY = { noisePx: 1, drift: 0.5, miss: 0.03, invented: 0.005, jitterS: 0.002, seed: 7 };

/** The camera has moved by half a metre of road since calibration: its distances have. */
const FRONT_OFF_M: Readonly<Record<string, number>> = { 'bumped-camera': 0.65 };
/** With limited jerk a stand begins and ends so softly that no pixel shows it: read longer than it was. */
const READ_LONGER_S: Readonly<Record<string, number>> = { 'gentle-stop': 0.5 };
/** After the bump, with noise, the soft foot is believed in rather than the even one. */
const READ_SHORTER_S: Readonly<Record<string, number>> = { 'bumped-camera': 0.35 };

describe.each(scenarioNames())('%s', (name) => {
  const scenario = loadScenario(name);
  const truth = truthOf(scenario, FPS);

  it.each([
    { what: 'exact boxes', faults: { noisePx: 0 }, stopS: 0.075 },
    { what: 'a pixel of noise, misses and jitter', faults: NOISY, stopS: 0.2 },
  ])('is judged right with $what', ({ faults, stopS }) => {
    const run = judgeScenario(scenario, { fps: FPS, ...faults });
    const { passes, ids } = score(truth, { events: run.events, tracks: run.views, startUtc: 0 });
    expect(passes.missed).toEqual([]);
    expect(passes.invented).toEqual([]);
    expect(passes.wrong).toEqual([]);
    expect(ids.switches).toBe(0);
    expect(passes.forced_right).toBe(passes.found);
    expect(passes.encroached_right).toBe(passes.found);

    const stop = passes.errors.stopped_s?.max ?? 0;
    expect(stop).toBeLessThan(READ_LONGER_S[name] ?? (faults === NOISY ? READ_SHORTER_S[name] : undefined) ?? stopS);
    const distance = passes.errors.stop_distance_m?.max ?? 0;
    expect(distance).toBeLessThan(FRONT_OFF_M[name] ?? FRONT_M);
    if (name in FRONT_OFF_M) expect(distance).toBeGreaterThan(0.3);
  });
});
