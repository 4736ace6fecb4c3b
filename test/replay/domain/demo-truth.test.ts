/** The demo clip's exact boxes, blurred by a seeded pixel, through the analyzer: every pass against the kinematics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/domain/types.ts';
import { projectRoot, sharedDir } from '../../support/shared.ts';
import { analyze, demoSite, seeded } from '../../unit/domain/synthetic-scene.ts';

interface Truth {
  readonly passes: readonly {
    readonly id: string;
    readonly entered_s: number;
    readonly crossed_s: number;
    readonly exited_s: number;
    readonly approach_speed_kmh: number;
    readonly stand: { readonly from_s: number; readonly to_s: number } | null;
    readonly verdict: string;
    readonly stopped_s: number;
    readonly min_speed_kmh: number;
    readonly stop_distance_m: number | null;
    readonly forced: boolean;
  }[];
}

interface Frame {
  readonly t: number;
  readonly cars: readonly { x1: number; y1: number; x2: number; y2: number; vis: number }[];
}

const shared = sharedDir();
const truth = JSON.parse(readFileSync(join(projectRoot(), 'demo/truth.json'), 'utf8')) as Truth;

function observations(noisePx: number, seed: number): Observation[] {
  const file = join(shared ?? '', 'proofs/sim/demo.truth.json');
  const { normal } = seeded(seed);
  const blur = (v: number) => v + noisePx * normal();
  return (JSON.parse(readFileSync(file, 'utf8')) as Frame[]).map(({ t, cars }, frame) => ({
    tsUtc: t,
    frame,
    detections: cars
      .filter((car) => car.vis > 0.5)
      .map((car) => ({ bbox: [blur(car.x1), blur(car.y1), blur(car.x2), blur(car.y2)], score: 0.85, class: 'car' })),
  }));
}

describe.skipIf(!shared)('the demo clip', () => {
  it.each([
    [0, 1],
    [1, 1],
    [1, 2],
    [1, 3],
    [1.5, 7],
  ])('is judged as its kinematics say, with %f px of noise (seed %i)', (noisePx, seed) => {
    const { passes } = analyze(observations(noisePx, seed), demoSite);
    expect(passes.map((pass) => [pass.verdict, pass.forced, pass.complete])).toEqual(
      truth.passes.map((pass) => [pass.verdict, pass.forced, true]),
    );
    passes.forEach((pass, i) => {
      const exact = truth.passes[i] as Truth['passes'][number];
      expect(Math.abs((pass.stopped_s?.value ?? 9) - exact.stopped_s)).toBeLessThan(0.15);
      expect(Math.abs((pass.min_speed?.value ?? 99) - exact.min_speed_kmh)).toBeLessThan(1);
      expect(Math.abs((pass.approach_speed?.value ?? 99) - exact.approach_speed_kmh)).toBeLessThan(2);
      expect(Math.abs(pass.entered_utc - exact.entered_s)).toBeLessThan(0.25);
      expect(Math.abs(pass.exited_utc - exact.exited_s)).toBeLessThan(0.4);
      if (exact.stop_distance_m === null) expect(pass.stop_distance_m).toBeNull();
      else expect(Math.abs((pass.stop_distance_m?.value ?? 9) - exact.stop_distance_m)).toBeLessThan(0.4);
    });
  });
});
