/** From a scenario to what the scene is asked for: settings once, a moment per frame. Pure. */
import { bodySize } from '../body-shape.ts';
import type { Scenario } from '../scenario.ts';
import type { Moment, StageSettings } from '../scene/stage.ts';
import { pictureShift, shownTime, worldAt } from '../world.ts';

/** More beams cost time in every pixel of a night picture, and from the fifth on nobody sees whose they are. */
const MOST_BEAMS = 4;

export function stageSettings(scenario: Scenario): StageSettings {
  const { size, camera, light, rain, seed, actors } = scenario;
  const vehicles = actors.filter((actor) => bodySize(actor.body).widthM > 1);
  return { ...size, camera, light, rain, seed, beams: Math.min(MOST_BEAMS, vehicles.length) };
}

/** @param tS capture time of the frame */
export function momentAt(scenario: Scenario, frame: number, tS: number): Moment {
  return { frame, bodies: worldAt(scenario, shownTime(scenario, tS)), shiftPx: pictureShift(scenario, tS) };
}

/** Frame by frame: whether its picture is the one before it again (a frozen camera). */
export function frozenFrames(scenario: Scenario, times: readonly number[]): boolean[] {
  return times.map((t, i) => {
    const before = times[i - 1];
    const freeze = scenario.disturbance?.freeze;
    return before !== undefined && freeze !== undefined && t < freeze.toS && before >= freeze.fromS;
  });
}

/** Another size, the camera the same: what is counted in pixels grows with it. */
export function resized(scenario: Scenario, size: Scenario['size']): Scenario {
  const bump = scenario.disturbance?.bump;
  if (!bump) return { ...scenario, size };
  const [dx, dy] = bump.shiftPx;
  const shiftPx = [
    Math.round((dx * size.width) / scenario.size.width),
    Math.round((dy * size.height) / scenario.size.height),
  ] as const;
  return { ...scenario, size, disturbance: { ...scenario.disturbance, bump: { ...bump, shiftPx } } };
}
