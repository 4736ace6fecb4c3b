/**
 * One vehicle on the judged lane, alone, as exact boxes with a detector's seeded faults: what the measurements of the
 * judge need by the hundred thousand. No other bodies, hence nothing hidden but what `hidden` says, and no tracker: the
 * samples are those of one track. Pure; called by bench/judge.mjs and by tests of the judge.
 */
import type { Sample } from '../domain/stop/sample.ts';
import type { Box } from '../domain/types.ts';
import { CAR_PROFILES, type CarKind, flatHull } from './body-shape.ts';
import { planDrive } from './kinematics/plan-drive.ts';
import type { Profile } from './kinematics/profile.ts';
import { LANE_WIDTH_M, LINE_X_M } from './lanes.ts';
import type { Pinhole } from './pinhole.ts';
import type { Random } from './random.ts';
import type { Handling } from './scenario.ts';

export interface SinglePass {
  readonly body: CarKind;
  readonly handling: Handling;
  readonly approachMps: number;
  readonly leaveMps: number;
  /** Where it is slowest, metres before the line (negative: beyond), how slow, and for how long when that is 0. */
  readonly beforeLineM: number;
  readonly slowestMps: number;
  readonly standS: number;
  /** To the right of the lane's middle. */
  readonly offsetM: number;
}

export interface PassFaults {
  readonly fps: number;
  /** Frames last between 1/30 and 1/8 s, drawn anew every second; `fps` is not used. */
  readonly isVariable: boolean;
  readonly noisePx: number;
  /** Share of the noise variance that is an AR(1) process in time with DRIFT_S. */
  readonly drift: number;
  readonly miss: number;
  /** Not seen between these two places of the front (metres along the lane) or times after coming to rest. */
  readonly hidden?: { readonly fromS: number; readonly toS: number };
}

/** What is true of it; times are seconds of the samples' clock. */
export interface SinglePassTruth {
  readonly profile: Profile;
  readonly stoppedS: number;
  readonly minMps: number;
  /** Arrives at its slowest place. */
  readonly restS: number;
  readonly stopDistanceM: number;
  readonly enteredMps: number;
}

export const ZONE_M = 12;
const FROM_M = -40;
const TO_M = 14;
const DRIFT_S = 0.5;
const LEAST_INSIDE = 0.15;

/** A driver of the population that the measurements speak of; even braking unless `isJerkLimited`. */
export function drawPass(random: Random, standS: number, slowestMps: number, isJerkLimited: boolean): SinglePass {
  const bodies = Object.keys(CAR_PROFILES) as CarKind[];
  return {
    body: bodies[Math.floor(random.uniform() * bodies.length)] as CarKind,
    handling: {
      brakeMps2: random.between(1.8, 3.5),
      pullMps2: random.between(1.2, 2.5),
      jerkMps3: isJerkLimited ? random.between(4, 12) : null,
    },
    approachMps: random.between(6, 11),
    leaveMps: random.between(6, 11),
    beforeLineM: random.between(0.2, 2.5),
    slowestMps,
    standS,
    offsetM: random.between(-0.3, 0.3),
  };
}

export function singlePass(
  pass: SinglePass,
  faults: PassFaults,
  camera: Pinhole,
  random: Random,
  startUtc = 0,
): { readonly samples: Sample[]; readonly truth: SinglePassTruth } {
  const { handling } = pass;
  const effort = (accelerationMps2: number) => ({ accelerationMps2, jerkMps3: handling.jerkMps3 });
  const { profile, reachedS } = planDrive({
    fromM: FROM_M,
    toM: TO_M,
    approachMps: pass.approachMps,
    leaveMps: pass.leaveMps,
    brake: effort(handling.brakeMps2),
    pull: effort(handling.pullMps2),
    places: [{ atM: -pass.beforeLineM, speedMps: pass.slowestMps, standS: pass.standS }],
  });
  const restS = reachedS[0] as number;
  const samples: Sample[] = [];
  const drifts = [random.normal(), random.normal(), random.normal(), random.normal()];
  const white = Math.sqrt(1 - faults.drift) * faults.noisePx;
  const slow = Math.sqrt(faults.drift) * faults.noisePx;
  const { lengthM } = CAR_PROFILES[pass.body];
  // The first frame falls anywhere within a frame interval.
  let t = random.uniform() / (faults.isVariable ? 15 : faults.fps);
  let before = t;
  let fps = faults.isVariable ? random.between(8, 30) : faults.fps;
  let newRateS = 1;
  for (;;) {
    const { s } = profile.at(t);
    if (s > Math.min(TO_M, lengthM + 2)) break;
    const keep = Math.exp(-(t - before) / DRIFT_S);
    const fresh = Math.sqrt(1 - keep * keep);
    for (let i = 0; i < 4; i++) drifts[i] = keep * (drifts[i] as number) + fresh * random.normal();
    before = t;
    const exact = exactBox(camera, pass.body, s, pass.offsetM);
    const isMissed = random.uniform() < faults.miss;
    const sinceRest = t - restS;
    const isHidden = faults.hidden && sinceRest > faults.hidden.fromS && sinceRest < faults.hidden.toS;
    if (exact && !isMissed && !isHidden) {
      const noisy = exact.map((v, i) => v + white * random.normal() + slow * (drifts[i] as number));
      const box = clip(noisy, camera);
      const [x1, y1, x2, y2] = exact;
      const inside = ((box[2] - box[0]) * (box[3] - box[1])) / ((x2 - x1) * (y2 - y1));
      if (box[2] > box[0] && box[3] > box[1] && inside > LEAST_INSIDE) samples.push(asSample(startUtc + t, box));
    }
    if (t > newRateS) {
      newRateS++;
      if (faults.isVariable) fps = random.between(8, 30);
    }
    t += 1 / fps;
  }
  const enteredS = profile.timeAt(-ZONE_M) ?? 0;
  return {
    samples,
    truth: {
      profile,
      stoppedS: pass.slowestMps === 0 ? pass.standS : 0,
      minMps: pass.slowestMps,
      restS,
      stopDistanceM: pass.beforeLineM,
      enteredMps: profile.at(enteredS).v,
    },
  };
}

/** The box of a body whose front is `frontM` along the judged lane, not clipped; null when it reaches behind the camera. */
export function exactBox(camera: Pinhole, body: CarKind, frontM: number, offsetM: number): Box | null {
  const [a, b, c, d, e, f, g, h, i, j, k, l] = camera.matrix as readonly number[] as Twelve;
  const points = flatHull(body);
  const cx = LINE_X_M + frontM - CAR_PROFILES[body].lengthM / 2;
  const cz = LANE_WIDTH_M / 2 + offsetM;
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let n = 0; n < points.length; n += 3) {
    const x = (points[n] as number) + cx;
    const y = points[n + 1] as number;
    const z = (points[n + 2] as number) + cz;
    const depth = i * x + j * y + k * z + l;
    if (depth < 0.5) return null;
    const u = (a * x + b * y + c * z + d) / depth;
    const v = (e * x + f * y + g * z + h) / depth;
    if (u < x1) x1 = u;
    if (u > x2) x2 = u;
    if (v < y1) y1 = v;
    if (v > y2) y2 = v;
  }
  return [x1, y1, x2, y2];
}

type Twelve = [number, number, number, number, number, number, number, number, number, number, number, number];

function clip(box: readonly number[], { width, height }: Pinhole): Box {
  const [x1, y1, x2, y2] = box as unknown as Box;
  return [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)];
}

/** The judge measures from the box; the live places only say that there are some. */
function asSample(tsUtc: number, box: Box): Sample {
  return { tsUtc, box, score: 0.85, along: 0, across: 0, length: 4.4, sigma: 1, contact: null, lead: null };
}
