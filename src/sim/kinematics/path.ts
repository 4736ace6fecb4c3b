/**
 * Ways over the ground, made of straight pieces and arcs, measured by arc length in closed form. A body's middle is on
 * the way half its length behind its front, and it looks along the way there. Pure. Ground points are [x, z] metres;
 * heading as three.js rotation.y: forward is (cos h, -sin h).
 */
export type GroundPoint = readonly [x: number, z: number];

export interface Pose {
  readonly point: GroundPoint;
  readonly headingRad: number;
}

/** `turnRad` > 0 turns left (anticlockwise seen from above), 0 is straight. */
interface Leg {
  readonly fromM: number;
  readonly lengthM: number;
  readonly begin: Pose;
  readonly curvature: number;
}

export class Path {
  readonly #legs: Leg[] = [];
  #pose: Pose;
  #end: number;

  /** @param startM arc length at the begin; before it the way goes on backwards in a straight line */
  constructor(begin: Pose, startM: number) {
    this.#pose = begin;
    this.#end = startM;
  }

  straight(lengthM: number): this {
    return this.#add(lengthM, 0);
  }

  /** @param turnRad > 0 to the left */
  arc(radiusM: number, turnRad: number): this {
    return this.#add(radiusM * Math.abs(turnRad), Math.sign(turnRad) / radiusM);
  }

  /**
   * To the side and parallel again: two equal arcs.
   * @param sideM > 0 to the right
   */
  shift(sideM: number, radiusM: number): this {
    if (sideM === 0) return this;
    const turn = Math.acos(1 - Math.abs(sideM) / (2 * radiusM));
    const first = sideM > 0 ? -turn : turn;
    return this.arc(radiusM, first).arc(radiusM, -first);
  }

  /** Arc length that shift() uses. */
  static shiftLength(sideM: number, radiusM: number): number {
    return 2 * radiusM * Math.acos(1 - Math.abs(sideM) / (2 * radiusM));
  }

  get endM(): number {
    return this.#end;
  }

  at(s: number): Pose {
    const leg = this.#legs.findLast(({ fromM }) => fromM <= s) ?? this.#legs[0];
    if (!leg) return ahead(this.#pose, s - this.#end, 0);
    const inside = s - leg.fromM;
    if (inside < 0) return ahead(leg.begin, inside, 0);
    if (inside <= leg.lengthM) return ahead(leg.begin, inside, leg.curvature);
    return ahead(this.#pose, s - this.#end, 0);
  }

  #add(lengthM: number, curvature: number): this {
    if (lengthM === 0) return this;
    this.#legs.push({ fromM: this.#end, lengthM, begin: this.#pose, curvature });
    this.#pose = ahead(this.#pose, lengthM, curvature);
    this.#end += lengthM;
    return this;
  }
}

function ahead({ point: [x, z], headingRad: h }: Pose, s: number, curvature: number): Pose {
  if (curvature === 0) return { point: [x + s * Math.cos(h), z - s * Math.sin(h)], headingRad: h };
  const end = h + curvature * s;
  return {
    point: [x + (Math.sin(end) - Math.sin(h)) / curvature, z + (Math.cos(end) - Math.cos(h)) / curvature],
    headingRad: end,
  };
}
