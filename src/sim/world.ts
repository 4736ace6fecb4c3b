/**
 * The synthetic intersection's clock: which bodies are where at time t, exactly. Pure and without node imports, so that
 * a page may use it as well as a command. Scenario files are read by scenario-file.ts (parseScenario, loadScenario).
 */
import { type MovingBody, movingBodies } from './moving-body.ts';
import { seededRandom } from './random.ts';
import type { BodyState, Scenario } from './scenario.ts';

export type { ActorSpec, BodyKind, BodyState, Disturbance, Light, Scenario, SimCamera, Vec3 } from './scenario.ts';

const compiled = new WeakMap<Scenario, readonly MovingBody[]>();

/** The scenario's actors as functions of time. */
export function bodiesOf(scenario: Scenario): readonly MovingBody[] {
  let bodies = compiled.get(scenario);
  if (!bodies) {
    bodies = movingBodies(scenario);
    compiled.set(scenario, bodies);
  }
  return bodies;
}

/**
 * Every body that is in the world at `tS`, in the order of the actors; exact. With `loop`, tS may be any time and
 * worldAt(t) equals worldAt(t + durationS).
 */
export function worldAt(scenario: Scenario, tS: number): BodyState[] {
  const states: BodyState[] = [];
  const { durationS, loop } = scenario;
  const t = loop ? tS - Math.floor(tS / durationS) * durationS : tS;
  for (const body of bodiesOf(scenario)) {
    const state = body.at(t) ?? (loop ? (body.at(t + durationS) ?? body.at(t - durationS)) : null);
    if (state) states.push(state);
  }
  return states;
}

/** What the picture of capture time `tS` shows: tS itself, or the moment a frozen picture stands at. */
export function shownTime(scenario: Scenario, tS: number): number {
  const freeze = scenario.disturbance?.freeze;
  return freeze && tS >= freeze.fromS && tS < freeze.toS ? freeze.fromS : tS;
}

/** How far the picture is shifted at `tS`: pixels right and down. */
export function pictureShift(scenario: Scenario, tS: number): readonly [number, number] {
  const bump = scenario.disturbance?.bump;
  return bump && tS >= bump.atS ? bump.shiftPx : [0, 0];
}

/** Capture times of the frames, seconds from 0, ascending, all below durationS. */
export function frameTimes(scenario: Scenario, fps: number = scenario.fps): number[] {
  const { durationS, disturbance, seed } = scenario;
  const variable = disturbance?.variableFps;
  const times: number[] = [];
  if (!variable) {
    for (let frame = 0; frame < Math.round(durationS * fps); frame++) times.push(frame / fps);
    return times;
  }
  const { uniform } = seededRandom(seed, 'frames');
  let rate = fps;
  let until = 0;
  for (let t = 0; t < durationS; t += 1 / rate) {
    if (t >= until) {
      rate = variable.minFps + (variable.maxFps - variable.minFps) * uniform();
      until += variable.changeEveryS;
    }
    if (times.length === 0 || uniform() >= variable.dropShare) times.push(t);
  }
  return times;
}
