/**
 * Speed and acceleration at one moment of a trajectory, with intervals that know of drifting noise and of errors that
 * vary along the way: a parabola over the neighbourhood, by generalised least squares. Pure; for the approach speed and
 * the braking.
 */
import { fitNoise } from './fit-noise.ts';
import { lowerBound } from './local-fit.ts';
import { type Component, mixtureMean, mixtureSigma } from './mixture.ts';
import { type Belief, fitMotion, type Motion } from './model-fit.ts';
import type { Trajectory } from './trajectory.ts';
import { slowShapes } from './view-error.ts';

/** A trajectory, or as much of one as this needs. */
export type MovingSeries = Pick<Trajectory, 't' | 's' | 'sigma' | 'noise' | 'slow'>;

export interface MotionAt {
  readonly speed: number;
  readonly speedSigma: number;
  readonly acceleration: number;
  readonly accelerationSigma: number;
}

const PARABOLA: Motion = {
  size: 3,
  isLinear: true,
  at(p, t, slope) {
    slope[0] = 1;
    slope[1] = t;
    slope[2] = (t * t) / 2;
    return (p[0] as number) + (p[1] as number) * t + ((p[2] as number) * t * t) / 2;
  },
};
/** Vehicles brake by less than 10 m/s² and pull by less. */
const BELIEFS: readonly Belief[] = [
  { mean: 0, sigma: 1e4 },
  { mean: 0, sigma: 1e3 },
  { mean: 0, sigma: 6 },
];
const LEAST_SAMPLES = 5;
const LEAST_WEIGHT = 1e-3;

/** null with fewer than five samples within `halfWidth` seconds. */
export function motionAt(trajectory: MovingSeries, at: number, halfWidth: number): MotionAt | null {
  const lo = lowerBound(trajectory.t, at - halfWidth);
  const hi = lowerBound(trajectory.t, at + halfWidth);
  if (hi - lo < LEAST_SAMPLES) return null;
  const origin = trajectory.s[lo] as number;
  const data = {
    t: Float64Array.from(trajectory.t.slice(lo, hi), (time) => time - at),
    s: Float64Array.from(trajectory.s.slice(lo, hi), (s) => s - origin),
    sigma: Float64Array.from(trajectory.sigma.slice(lo, hi)),
  };
  const { noise, slow, s } = trajectory;
  const indices = Array.from(data.t, (_, i) => lo + i);
  const shapes = slow ? slowShapes(slow, indices, s[(lo + hi) >> 1] as number) : [];
  const speeds: Component[] = [];
  const accelerations: Component[] = [];
  const top = Math.max(...noise.map((own) => own.logOdds));
  for (const own of noise) {
    const weight = Math.exp(own.logOdds - top);
    if (weight < LEAST_WEIGHT) continue;
    const fit = fitMotion(PARABOLA, data, fitNoise(data, own, shapes, false), [0, 0, 0], BELIEFS);
    if (!fit) continue;
    const sigma = (k: number) => Math.sqrt(Math.max(0, fit.covariance[k * 4] as number));
    speeds.push({ weight, mean: fit.p[1] as number, sigma: sigma(1) });
    accelerations.push({ weight, mean: fit.p[2] as number, sigma: sigma(2) });
  }
  if (speeds.length === 0) return null;
  return {
    speed: mixtureMean(speeds),
    speedSigma: mixtureSigma(speeds),
    acceleration: mixtureMean(accelerations),
    accelerationSigma: mixtureSigma(accelerations),
  };
}
