/**
 * A street in formulas: vehicles with exact kinematics, seen by the demo's camera, as noisy boxes. Front positions are
 * metres along the street with the stop line at 0; seeded, so a failure can be repeated.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { siteSchema } from '../../../src/config/site.ts';
import {
  type AnalyzerState,
  createAnalyzer,
  finish,
  type StepOutput,
  step,
  type TrackInfo,
} from '../../../src/domain/site-analyzer.ts';
import type {
  Box,
  Detection,
  DomainEvent,
  Observation,
  PassEvent,
  Site,
  TrackView,
} from '../../../src/domain/types.ts';
import { projectRoot } from '../../support/shared.ts';

export const demoSite: Site = siteSchema.parse(
  parse(readFileSync(join(projectRoot(), 'test/fixtures/sites/synthetic-street.yaml'), 'utf8')).site,
);

/** Mulberry32 and Box–Muller. */
export function seeded(seed: number) {
  let a = seed >>> 0;
  const uniform = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const LINE_X = -0.25;
const POSITION = [9, 5.6, 17] as const;
const LOOK = [-5, 0.4, 0.6] as const;
const FOCAL = 360 / Math.tan((42 * Math.PI) / 360);

type V3 = readonly [number, number, number];
const sub = (a: V3, b: V3): V3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: V3, b: V3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a: V3): V3 => [a[0] / Math.hypot(...a), a[1] / Math.hypot(...a), a[2] / Math.hypot(...a)];
const cross = (a: V3, b: V3): V3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const FORWARD = unit(sub(LOOK, POSITION));
const RIGHT = unit(cross(FORWARD, [0, 1, 0]));
const UP = cross(RIGHT, FORWARD);

export function project(point: V3): readonly [number, number] {
  const d = sub(point, POSITION);
  const depth = dot(d, FORWARD);
  return [640 + (FOCAL * dot(d, RIGHT)) / depth, 360 - (FOCAL * dot(d, UP)) / depth];
}

/** The box of a rounded car body (4.5 × 1.8 × 1.45 m) whose front bumper is `front` m beyond the line. */
export function boxOf(front: number, z = 1.75, heading: 1 | -1 = 1): Box {
  let [x1, y1, x2, y2] = [1e9, 1e9, -1e9, -1e9];
  for (const [back, half, y] of BODY) {
    for (const side of [-1, 1]) {
      const [px, py] = project([LINE_X + front - heading * back, y, z + side * half]);
      x1 = Math.min(x1, px);
      x2 = Math.max(x2, px);
      y1 = Math.min(y1, py);
      y2 = Math.max(y2, py);
    }
  }
  return [Math.max(0, x1), Math.max(0, y1), Math.min(1280, x2), Math.min(720, y2)];
}

const BODY: readonly V3[] = [
  [0, 0.45, 0.5],
  [0.45, 0.9, 0.5],
  [0.9, 0.85, 0],
  [3.6, 0.85, 0],
  [4.05, 0.9, 0.5],
  [4.5, 0.45, 0.5],
  [1.9, 0.6, 1.45],
  [3.6, 0.6, 1.4],
];

export interface Motion {
  /** Front at time t, metres; null while it is not there. */
  at(t: number): number | null;
  readonly z?: number;
  readonly heading?: 1 | -1;
  readonly class?: string;
}

/** Drives up at 8 m/s, brakes to rest `gap` m before the line, stands, drives on. */
export function stopper(options: {
  start: number;
  stand: number;
  gap?: number;
  brake?: number;
  pull?: number;
}): Motion & {
  restFrom: number;
} {
  const { start, stand, gap = 0.6, brake = 2.5, pull = 2 } = options;
  const braking = 64 / 2 / brake;
  const restFrom = start + (32 - gap - braking) / 8 + 8 / brake;
  return {
    restFrom,
    at(t) {
      if (t < start) return null;
      if (t < restFrom - 8 / brake) return -32 + 8 * (t - start);
      if (t < restFrom) return -gap - (brake * (restFrom - t) ** 2) / 2;
      const gone = t - restFrom - stand;
      if (gone < 0) return -gap;
      const front = gone < 8 / pull ? -gap + (pull * gone ** 2) / 2 : -gap + 64 / 2 / pull + 8 * (gone - 8 / pull);
      return front > 12 ? null : front;
    },
  };
}

/** Slows to `slowest` m/s at the line. */
export function roller(options: { start: number; slowest: number; brake?: number; pull?: number }): Motion {
  const { start, slowest, brake = 2.5, pull = 2 } = options;
  const way = (64 - slowest ** 2) / 2 / brake;
  const atLine = start + (32 - way) / 8 + (8 - slowest) / brake;
  return {
    at(t) {
      if (t < start) return null;
      const d = t - atLine;
      if (d < -(8 - slowest) / brake) return -32 + 8 * (t - start);
      const front = slowest * d + ((d < 0 ? -brake : pull) * d * d) / 2;
      return front > 12 ? null : front;
    },
  };
}

export function observe(
  motions: readonly Motion[],
  options: { fps: number; seconds: number; noisePx: number; seed: number; t0?: number; jitterS?: number },
): Observation[] {
  const { normal, uniform } = seeded(options.seed);
  const out: Observation[] = [];
  for (let frame = 0; frame < options.seconds * options.fps; frame++) {
    const t = frame / options.fps + (options.jitterS ?? 0) * (uniform() - 0.5);
    const detections: Detection[] = [];
    for (const motion of motions) {
      const front = motion.at(t);
      if (front === null) continue;
      const exact = boxOf(front, motion.z, motion.heading);
      const bbox = exact.map((v) => v + options.noisePx * normal()) as unknown as Box;
      detections.push({ bbox, score: 0.85, class: motion.class ?? 'car' });
    }
    out.push({ tsUtc: (options.t0 ?? 0) + t, frame, detections });
  }
  return out;
}

export interface Run {
  readonly state: AnalyzerState;
  readonly events: DomainEvent[];
  readonly passes: PassEvent[];
  readonly views: TrackView[][];
  readonly ended: TrackInfo[];
  readonly outputs: StepOutput[];
}

export function analyze(observations: readonly Observation[], site: Site = demoSite, firstTrackId = 1): Run {
  let state = createAnalyzer({ camera: 'demo', site, configVersion: 'test', modelSha256: null, firstTrackId });
  const outputs: StepOutput[] = [];
  for (const observation of observations) {
    const [next, output] = step(state, observation);
    state = next;
    outputs.push(output);
  }
  outputs.push(finish(state));
  const events = outputs.flatMap((output) => output.events);
  return {
    state,
    events,
    passes: events.filter((event) => event.type === 'pass'),
    views: outputs.map((output) => [...output.tracks]),
    ended: outputs.flatMap((output) => output.ended),
    outputs,
  };
}
