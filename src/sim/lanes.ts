/** The lanes of the intersection as ways; the front's place on the judged lane is 0 at the near edge of the line. Pure. */
import { type GroundPoint, Path } from './kinematics/path.ts';
import type { Lane } from './scenario.ts';

/** Near edge of the painted stop line. */
export const LINE_X_M = -0.25;
/** Middle of the judged lane. */
export const JUDGED_Z_M = 1.75;
export const LANE_WIDTH_M = 3.5;

interface LaneLine {
  /** Where arc length 0 is. */
  readonly origin: GroundPoint;
  readonly headingRad: number;
}

export const LANES: Readonly<Record<Lane, LaneLine>> = {
  judged: { origin: [LINE_X_M, JUDGED_Z_M], headingRad: 0 },
  oncoming: { origin: [0, -1.75], headingRad: Math.PI },
  /** Comes out of the depth, towards the usual camera. */
  cross_near: { origin: [5.75, 0], headingRad: -Math.PI / 2 },
  cross_far: { origin: [9.25, 0], headingRad: Math.PI / 2 },
};

/** @param offsetM to the right of the lane's middle */
export function lanePoint(lane: Lane, s: number, offsetM: number): { point: GroundPoint; headingRad: number } {
  const { origin, headingRad } = LANES[lane];
  const [forwardX, forwardZ] = [Math.cos(headingRad), -Math.sin(headingRad)];
  // right of (x, z) forward is (-z, x): driving towards +x, +z is on the right
  return {
    point: [origin[0] + forwardX * s - forwardZ * offsetM, origin[1] + forwardZ * s + forwardX * offsetM],
    headingRad,
  };
}

export function lanePath(lane: Lane, fromM: number, offsetM: number): Path {
  return new Path(lanePoint(lane, fromM, offsetM), fromM);
}
