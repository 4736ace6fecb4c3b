/**
 * A scenario seen by an imagined detector: exact boxes with seeded faults, no picture rendered. The same seed gives the
 * same detections. Pure; called by `sim truth` and by the judge's tests, which need thousands of passes.
 *
 * The noise of a box edge is white noise plus a drift that forgets itself within DRIFT_S (AR(1) in time, a share of
 * `drift` of the variance): detectors shake less from frame to frame than they are wrong. Edges err independently. Where
 * other bodies hide a body its score falls and misses rise, up to never seen; so do very small ones.
 */
import type { Box, Detection, Observation } from '../domain/types.ts';
import { type Pinhole, pinhole } from './pinhole.ts';
import { type Random, seededRandom } from './random.ts';
import type { Scenario } from './scenario.ts';
import { type SeenBody, seenBodies } from './seen.ts';
import { frameTimes, pictureShift, shownTime, worldAt } from './world.ts';

export interface DetectorFaults {
  /** Standard deviation of each edge, pixels. */
  readonly noisePx: number;
  /** Share of its variance that drifts, 0 … 1. */
  readonly drift: number;
  /** Share of boxes that are missed though nothing hides them. */
  readonly miss: number;
  /** Invented boxes per frame. */
  readonly invented: number;
  /** Standard deviation of the time stamps, seconds. */
  readonly jitterS: number;
  readonly seed: number;
}

export const FAULTLESS: DetectorFaults = { noisePx: 0, drift: 0, miss: 0, invented: 0, jitterS: 0, seed: 1 };

export interface ObserveOptions extends DetectorFaults {
  readonly fps: number;
  /** UTC of the scenario's second 0. */
  readonly startUtc: number;
  /** How often a looping scenario is played. */
  readonly laps: number;
}

const DRIFT_S = 0.5;
/** Hidden by more than this, a body is not seen any more; from the first share on it is missed more and more often. */
const HIDDEN = { begins: 0.25, never: 0.7 } as const;
const LEAST_HEIGHT_PX = 12;
const LEAST_INSIDE = 0.15;

export function* observe(scenario: Scenario, options: Partial<ObserveOptions> = {}): Generator<Observation> {
  const o: ObserveOptions = { ...FAULTLESS, fps: scenario.fps, startUtc: 0, laps: 1, ...options };
  const camera = pinhole(scenario.camera, scenario.size);
  const random = seededRandom(o.seed, `detector ${scenario.name}`);
  const drifts = new Map<string, Drift>();
  let frame = 0;
  let lastUtc = Number.NEGATIVE_INFINITY;
  for (let lap = 0; lap < (scenario.loop ? o.laps : 1); lap++) {
    for (const t of frameTimes(scenario, o.fps)) {
      const bodies = seenBodies(camera, worldAt(scenario, shownTime(scenario, t)), pictureShift(scenario, t));
      const time = lap * scenario.durationS + t;
      const detections = bodies.flatMap((body) => detect(body, camera, o, random, drifts, time));
      if (random.uniform() < o.invented) detections.push(invent(camera, random));
      const jittered = o.startUtc + time + (o.jitterS > 0 ? o.jitterS * random.normal() : 0);
      // stamps of a stream never go back
      lastUtc = Math.max(jittered, lastUtc + 1e-4);
      yield { tsUtc: Math.round(lastUtc * 1e6) / 1e6, frame: frame++, detections };
    }
  }
}

interface Drift {
  t: number;
  readonly edges: number[];
}

function detect(
  body: SeenBody,
  camera: Pinhole,
  faults: DetectorFaults,
  random: Random,
  drifts: Map<string, Drift>,
  t: number,
): Detection[] {
  const { state, box, inside, occluded } = body;
  if (box[3] - box[1] < LEAST_HEIGHT_PX || inside < LEAST_INSIDE) return [];
  const hiding = (occluded - HIDDEN.begins) / (HIDDEN.never - HIDDEN.begins);
  const miss = Math.min(1, Math.max(0, hiding) + faults.miss);
  if (random.uniform() < miss) return [];
  const drift = driftOf(drifts, state.id, t, random);
  const white = Math.sqrt(1 - faults.drift);
  const slow = Math.sqrt(faults.drift);
  const noisy =
    faults.noisePx === 0
      ? body.fullBox
      : body.fullBox.map((v, i) => v + faults.noisePx * (white * random.normal() + slow * (drift.edges[i] as number)));
  const seen = clip(noisy, camera);
  const score = Math.min(0.97, Math.max(0.26, 0.88 - 0.5 * occluded + 0.03 * random.normal()));
  const rider: Detection[] =
    state.body === 'cyclist' ? [{ bbox: upperPart(seen), score: score * 0.95, class: 'person' }] : [];
  return [{ bbox: seen, score, class: state.vehicle ?? 'person' }, ...rider];
}

function driftOf(drifts: Map<string, Drift>, id: string, t: number, random: Random): Drift {
  let drift = drifts.get(id);
  if (!drift) {
    drift = { t, edges: [random.normal(), random.normal(), random.normal(), random.normal()] };
    drifts.set(id, drift);
    return drift;
  }
  const keep = Math.exp(-Math.max(0, t - drift.t) / DRIFT_S);
  const fresh = Math.sqrt(1 - keep * keep);
  for (let i = 0; i < 4; i++) drift.edges[i] = keep * (drift.edges[i] as number) + fresh * random.normal();
  drift.t = t;
  return drift;
}

/** A box of a plausible size somewhere on the ground, with a low score. */
function invent(camera: Pinhole, random: Random): Detection {
  const width = random.between(25, 140);
  const height = width * random.between(0.4, 0.9);
  const x = random.between(0, Math.max(1, camera.width - width));
  const y = random.between(camera.height * 0.2, Math.max(camera.height * 0.2 + 1, camera.height - height));
  return { bbox: clip([x, y, x + width, y + height], camera), score: random.between(0.26, 0.45), class: 'car' };
}

function upperPart([x1, y1, x2, y2]: Box): Box {
  const middle = (x1 + x2) / 2;
  const half = (x2 - x1) * 0.3;
  return [middle - half, y1, middle + half, y1 + (y2 - y1) * 0.8];
}

function clip(box: readonly number[], { width, height }: Pinhole): Box {
  const [x1, y1, x2, y2] = box as unknown as Box;
  return [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)];
}
