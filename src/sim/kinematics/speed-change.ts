/**
 * One change of speed as pieces: with constant acceleration, or with constant jerk up to it and down again (the
 * S-curve of motion control). Either way the mean speed is the mean of both ends, which makes the way closed-form. Pure.
 */
import type { Piece } from './profile.ts';

export interface Effort {
  readonly accelerationMps2: number;
  /** null: the acceleration jumps. */
  readonly jerkMps3: number | null;
}

/** Seconds for a change by `deltaMps`. */
export function changeTime(deltaMps: number, { accelerationMps2: a, jerkMps3: j }: Effort): number {
  const delta = Math.abs(deltaMps);
  if (j === null) return delta / a;
  return delta >= (a * a) / j ? delta / a + a / j : 2 * Math.sqrt(delta / j);
}

/** Metres for a change from `from` to `to`. */
export function changeWay(from: number, to: number, effort: Effort): number {
  return ((from + to) / 2) * changeTime(to - from, effort);
}

export function changePieces(from: number, to: number, effort: Effort): Piece[] {
  const total = changeTime(to - from, effort);
  if (total === 0) return [];
  const sign = Math.sign(to - from);
  const { jerkMps3: j } = effort;
  if (j === null) return [{ durationS: total, accelerationMps2: sign * effort.accelerationMps2, jerkMps3: 0 }];
  const delta = Math.abs(to - from);
  const peak = Math.min(effort.accelerationMps2, Math.sqrt(delta * j));
  const ramp = peak / j;
  return [
    { durationS: ramp, accelerationMps2: 0, jerkMps3: sign * j },
    { durationS: total - 2 * ramp, accelerationMps2: sign * peak, jerkMps3: 0 },
    { durationS: ramp, accelerationMps2: sign * peak, jerkMps3: -sign * j },
  ];
}
