/** The imagined detector: the same seed gives the same faults, and the faults are as large as stated. */
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/domain/types.ts';
import { observe } from '../../../src/sim/observe.ts';
import { loadScenario, parseScenario } from '../../../src/sim/scenario-file.ts';
import { truthOf } from '../../../src/sim/truth-file.ts';

const standing = parseScenario(
  'name: standing\ndescription: one parked car\nduration_s: 200\nfps: 10\nactors:\n  - { id: car, does: parked, at: [-3, 1.75] }\n',
);
const faults = { noisePx: 1.2, drift: 0.5, miss: 0.05, invented: 0.02, jitterS: 0.004, seed: 7 };

const spread = (values: readonly number[]) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};
const cars = (frames: readonly Observation[]) =>
  frames.flatMap(({ detections }) => detections.filter((d) => d.score > 0.6));

describe('synthetic detections', () => {
  it('are the same for the same seed, and others for another', () => {
    const run = (seed: number) => JSON.stringify([...observe(loadScenario('full-stop'), { ...faults, seed })]);
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });

  it('are the truth itself without faults', () => {
    const scenario = loadScenario('full-stop');
    const truth = truthOf(scenario);
    const frames = [...observe(scenario)];
    expect(frames).toHaveLength(truth.frames.length);
    let compared = 0;
    frames.forEach((frame, i) => {
      expect(frame.tsUtc).toBeCloseTo(truth.frames[i]?.t ?? Number.NaN, 5);
      frame.detections.forEach(({ bbox }) => {
        compared++;
        bbox.forEach((edge, k) => {
          expect(edge).toBeCloseTo(truth.frames[i]?.bodies[0]?.box[k] ?? Number.NaN, 1);
        });
      });
    });
    expect(compared).toBeGreaterThan(300);
  });

  it('shake as much as stated, drift included', () => {
    const boxes = cars([...observe(standing, { ...faults, noisePx: 1.5, miss: 0 })]).map(({ bbox }) => bbox);
    for (const edge of [0, 1, 2, 3]) {
      const values = boxes.map((box) => box[edge] as number);
      expect(spread(values)).toBeGreaterThan(1.35);
      expect(spread(values)).toBeLessThan(1.65);
      // neighbouring frames, 0.1 s apart: half of the variance has forgotten e^(-0.2) of itself
      const steps = values.slice(1).map((v, i) => v - (values[i] as number));
      const expected = 1.5 * Math.sqrt(2 * (1 - 0.5 * Math.exp(-0.1 / 0.5)));
      expect(spread(steps) / expected).toBeGreaterThan(0.93);
      expect(spread(steps) / expected).toBeLessThan(1.07);
    }
  });

  it('miss and invent as often as stated', () => {
    const frames = [...observe(standing, faults)];
    expect(1 - cars(frames).length / frames.length).toBeGreaterThan(0.035);
    expect(1 - cars(frames).length / frames.length).toBeLessThan(0.065);
    const invented = frames.flatMap(({ detections }) => detections).length - cars(frames).length;
    expect(invented / frames.length).toBeGreaterThan(0.01);
    expect(invented / frames.length).toBeLessThan(0.03);
  });

  it('jitter in time and never go back', () => {
    const frames = [...observe(standing, { ...faults, jitterS: 0.02, fps: 30 })];
    const errors = frames.map(({ tsUtc }, i) => tsUtc - i / 30);
    expect(spread(errors)).toBeGreaterThan(0.015);
    expect(spread(errors)).toBeLessThan(0.025);
    for (let i = 1; i < frames.length; i++) {
      expect((frames[i] as Observation).tsUtc).toBeGreaterThan((frames[i - 1] as Observation).tsUtc);
    }
  });

  it('lose a car that another one hides', () => {
    const scenario = loadScenario('crossing-hides');
    const seen = [...observe(scenario)].map(({ tsUtc, detections }) => ({ tsUtc, n: detections.length }));
    const hidden = truthOf(scenario).frames.filter(({ bodies }) =>
      bodies.some((b) => b.id === 'car' && b.occluded > 0.7),
    );
    expect(hidden.length / scenario.fps).toBeGreaterThan(0.6);
    expect(hidden.length / scenario.fps).toBeLessThan(1.5);
    for (const { t } of hidden) expect(seen.find(({ tsUtc }) => Math.abs(tsUtc - t) < 1e-3)?.n).toBe(1);
  });

  it('call a cyclist a bicycle with a person on it, a pedestrian a person', () => {
    const classes = new Set(
      [...observe(loadScenario('cyclist-and-pedestrian'))].flatMap(({ detections }) => detections.map((d) => d.class)),
    );
    expect(classes).toEqual(new Set(['bicycle', 'person']));
  });

  it('play a loop as often as told, at the stated time', () => {
    const frames = [...observe(loadScenario('demo'), { fps: 2, laps: 3, startUtc: 1e9 })];
    expect(frames).toHaveLength(360);
    expect(frames[120]?.tsUtc).toBeCloseTo(1e9 + 60, 6);
    // at 5 s of every lap the same two bodies are there, their scores drawn anew
    const boxes = (i: number) => frames[i]?.detections.map(({ bbox }) => bbox.map(Math.round));
    expect(boxes(130)).toEqual(boxes(10));
    expect(boxes(130)).toHaveLength(2);
  });

  it('show the frozen world while the picture is frozen', () => {
    const frames = [...observe(loadScenario('frozen-picture'), { fps: 10 })];
    const at = (t: number) => frames.find(({ tsUtc }) => Math.abs(tsUtc - t) < 1e-6)?.detections;
    expect(at(22.9)).toEqual(at(18));
    expect(at(30)).not.toEqual(at(28));
  });
});
