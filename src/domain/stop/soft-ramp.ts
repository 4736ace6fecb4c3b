/**
 * A change between standing (or the slowest speed) and steady acceleration, as drivers make it: the acceleration grows
 * evenly, with jerk 1/softness, until it is reached; softness 0 is a jump. Closed form, with derivatives. Pure.
 */

export interface RampPoint {
  /** Metres covered `elapsed` seconds after rest, and its derivatives by `elapsed` and by the acceleration. */
  way: number;
  speed: number;
  byAcceleration: number;
}

/** Writes into `out` (called for every sample of every fit); elapsed ≤ 0 is rest. */
export function softRamp(out: RampPoint, elapsed: number, acceleration: number, softness: number): void {
  if (elapsed <= 0) {
    out.way = 0;
    out.speed = 0;
    out.byAcceleration = 0;
    return;
  }
  const onset = acceleration * softness;
  if (elapsed < onset) {
    out.way = elapsed ** 3 / (6 * softness);
    out.speed = elapsed ** 2 / (2 * softness);
    out.byAcceleration = 0;
    return;
  }
  // Beyond the onset it is a parabola from a later, lower vertex.
  const late = elapsed - onset / 2;
  out.way = (acceleration * late * late) / 2 + (acceleration * onset * onset) / 24;
  out.speed = acceleration * late;
  out.byAcceleration = (late * late - onset * late) / 2 + (onset * onset) / 8;
}
