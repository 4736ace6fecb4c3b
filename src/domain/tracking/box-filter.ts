/**
 * The Kalman filter of the SORT family on a box (centre x, centre y, aspect ratio, height; constant velocity), with
 * the noise weights of ByteTrack (Zhang et al. 2022): standard deviations are shares of the box height, 1/20 for
 * positions and 1/160 for velocities. Transition, noise and observation couple no two of the four quantities, so the
 * 8-state filter is exactly four 2-state filters, which is what is computed here.
 */
import type { Box } from '../types.ts';

const POSITION = 1 / 20;
const VELOCITY = 1 / 160;

/** Four quantities × [value, velocity, var(value), cov, var(velocity)]. Velocities are per time step. */
export type BoxFilter = Float64Array;

const STRIDE = 5;
const ASPECT = 2;
const HEIGHT = 3;

export function openBoxFilter(box: Box): BoxFilter {
  const filter = new Float64Array(4 * STRIDE);
  const z = measure(box);
  const h = z[HEIGHT] as number;
  for (let i = 0; i < 4; i++) {
    filter[i * STRIDE] = z[i] as number;
    filter[i * STRIDE + 2] = i === ASPECT ? 1e-2 ** 2 : (2 * POSITION * h) ** 2;
    filter[i * STRIDE + 4] = i === ASPECT ? 1e-5 ** 2 : (10 * VELOCITY * h) ** 2;
  }
  return filter;
}

/** One prediction over `steps` time steps (1 in the reference); the noise grows in proportion. */
export function predictBox(filter: BoxFilter, steps: number, isTracked: boolean): void {
  if (!isTracked) filter[HEIGHT * STRIDE + 1] = 0;
  const h = filter[HEIGHT * STRIDE] as number;
  for (let i = 0; i < 4; i++) {
    const k = i * STRIDE;
    const q = i === ASPECT ? 1e-2 ** 2 : (POSITION * h) ** 2;
    const qv = i === ASPECT ? 1e-5 ** 2 : (VELOCITY * h) ** 2;
    const pp = filter[k + 2] as number;
    const pv = filter[k + 3] as number;
    const vv = filter[k + 4] as number;
    filter[k] = (filter[k] as number) + steps * (filter[k + 1] as number);
    filter[k + 2] = pp + steps * (2 * pv + steps * vv) + q * steps;
    filter[k + 3] = pv + steps * vv;
    filter[k + 4] = vv + qv * steps;
  }
}

export function updateBox(filter: BoxFilter, box: Box): void {
  const z = measure(box);
  const h = filter[HEIGHT * STRIDE] as number;
  for (let i = 0; i < 4; i++) {
    const k = i * STRIDE;
    const r = i === ASPECT ? 1e-1 ** 2 : (POSITION * h) ** 2;
    const pp = filter[k + 2] as number;
    const pv = filter[k + 3] as number;
    const s = pp + r;
    const gain = pp / s;
    const gainV = pv / s;
    const miss = (z[i] as number) - (filter[k] as number);
    filter[k] = (filter[k] as number) + gain * miss;
    filter[k + 1] = (filter[k + 1] as number) + gainV * miss;
    filter[k + 2] = pp - gain * s * gain;
    filter[k + 3] = pv - gain * s * gainV;
    filter[k + 4] = (filter[k + 4] as number) - gainV * s * gainV;
  }
}

/** Forgets the motion: what stands stays where it is while it is out of sight. */
export function haltBox(filter: BoxFilter): void {
  for (let i = 0; i < 4; i++) filter[i * STRIDE + 1] = 0;
}

export function filteredBox(filter: BoxFilter): Box {
  const h = filter[HEIGHT * STRIDE] as number;
  const w = (filter[ASPECT * STRIDE] as number) * h;
  const x = (filter[0] as number) - w / 2;
  const y = (filter[STRIDE] as number) - h / 2;
  return [x, y, x + w, y + h];
}

function measure(box: Box): readonly number[] {
  const w = box[2] - box[0];
  const h = box[3] - box[1];
  return [box[0] + w / 2, box[1] + h / 2, w / h, h];
}
