import { describe, expect, it } from 'vitest';
import { frozenFrames, momentAt, resized, stageSettings } from '../../../src/sim/render/moments.ts';
import { parseScenario } from '../../../src/sim/scenario-file.ts';

const TEXT = `
name: small
description: one car, a bump and a frozen picture
seed: 3
duration_s: 4
fps: 10
size: { width: 640, height: 360 }
camera: corner
light: night
disturbance: { bump: { at_s: 3, shift_px: [40, -10] }, freeze: { from_s: 1, to_s: 2 } }
actors:
  - { id: car, does: run, body: sedan, colour: '#8f1d1d', time_s: 2, approach_mps: 8 }
`;

describe('moments of a scenario', () => {
  const scenario = parseScenario(TEXT);

  it('shows the world of the frozen moment while the picture is frozen', () => {
    expect(momentAt(scenario, 15, 1.5).bodies).toEqual(momentAt(scenario, 10, 1).bodies);
    expect(momentAt(scenario, 20, 2).bodies).not.toEqual(momentAt(scenario, 10, 1).bodies);
  });

  it('repeats pictures from the second frame of a freeze on', () => {
    const times = [0.8, 0.9, 1, 1.1, 1.9, 2, 2.1];
    expect(frozenFrames(scenario, times)).toEqual([false, false, false, true, true, false, false]);
  });

  it('shifts the picture from the bump on, in pixels of the rendered size', () => {
    expect(momentAt(scenario, 29, 2.9).shiftPx).toEqual([0, 0]);
    expect(momentAt(scenario, 30, 3).shiftPx).toEqual([40, -10]);
    const small = resized(scenario, { width: 320, height: 180 });
    expect(momentAt(small, 30, 3).shiftPx).toEqual([20, -5]);
    expect(stageSettings(small)).toMatchObject({ width: 320, height: 180, light: 'night', beams: 1 });
  });
});
