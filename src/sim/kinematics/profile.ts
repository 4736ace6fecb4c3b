/**
 * Motion along one line as pieces of constant jerk (constant acceleration is jerk 0), in closed form: position, speed
 * and acceleration at any time are exact, never integrated step by step. Pure.
 */

/** From the piece's begin: a(τ) = a0 + j·τ, v and s by integration. */
export interface Piece {
  readonly durationS: number;
  readonly accelerationMps2: number;
  readonly jerkMps3: number;
}

export interface MotionState {
  /** Metres along the path. */
  readonly s: number;
  readonly v: number;
  readonly a: number;
}

interface Knot extends MotionState {
  readonly t: number;
  readonly j: number;
}

export class Profile {
  readonly #knots: readonly Knot[];
  readonly startS: number;
  readonly endS: number;

  /** @param start time, place and speed at the begin; after the last piece the speed is kept */
  constructor(start: { t: number; s: number; v: number }, pieces: readonly Piece[]) {
    const knots: Knot[] = [];
    let { t, s, v } = start;
    for (const { durationS: d, accelerationMps2: a, jerkMps3: j } of pieces) {
      if (d <= 0) continue;
      knots.push({ t, s, v, a, j });
      t += d;
      s += v * d + (a * d * d) / 2 + (j * d * d * d) / 6;
      v = settle(v + a * d + (j * d * d) / 2);
    }
    knots.push({ t, s, v, a: 0, j: 0 });
    this.#knots = knots;
    this.startS = start.t;
    this.endS = t;
  }

  /** At a moment between two pieces the later one counts. Before the begin the first speed is extrapolated. */
  at(t: number): MotionState {
    const knots = this.#knots;
    let lo = 0;
    let hi = knots.length - 1;
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1;
      if ((knots[middle] as Knot).t <= t) lo = middle;
      else hi = middle - 1;
    }
    const { t: t0, s, v, a, j } = knots[lo] as Knot;
    const d = t - t0;
    if (d < 0) return { s: s + v * d, v, a: 0 };
    return {
      s: s + v * d + (a * d * d) / 2 + (j * d * d * d) / 6,
      v: settle(v + a * d + (j * d * d) / 2),
      a: a + j * d,
    };
  }

  /** The first time at which the front has reached `s` (the body never rolls backwards), or null. */
  timeAt(s: number): number | null {
    const knots = this.#knots;
    const last = knots.at(-1) as Knot;
    const first = knots[0] as Knot;
    if (s <= first.s) return first.v > 0 ? first.t - (first.s - s) / first.v : s === first.s ? first.t : null;
    if (s > last.s) return last.v > 0 ? last.t + (s - last.s) / last.v : null;
    let lo = first.t;
    let hi = last.t;
    // 80 halvings of minutes are far below a nanosecond
    for (let i = 0; i < 80; i++) {
      const middle = (lo + hi) / 2;
      if (this.at(middle).s < s) lo = middle;
      else hi = middle;
    }
    return hi;
  }

  /** The lowest speed between two times, and the first moment that it is reached: at an end, a knot or where a = 0. */
  slowest(fromS: number, toS: number): { v: number; t: number } {
    const candidates = [fromS, toS];
    this.#knots.forEach((knot, index) => {
      const end = this.#knots[index + 1]?.t ?? Number.POSITIVE_INFINITY;
      candidates.push(knot.t);
      if (knot.j !== 0) {
        const flat = knot.t - knot.a / knot.j;
        if (flat > knot.t && flat < end) candidates.push(flat);
      }
    });
    let best = { v: Number.POSITIVE_INFINITY, t: fromS };
    for (const t of candidates.filter((t) => t >= fromS && t <= toS).sort((a, b) => a - b)) {
      const { v } = this.at(t);
      if (v < best.v - 1e-9) best = { v, t };
    }
    return best;
  }

  /** Times at which one piece ends and the next begins. */
  get knotTimes(): readonly number[] {
    return this.#knots.map((knot) => knot.t);
  }
}

/** A standstill is exactly 0, whatever rounding has left of it. */
function settle(v: number): number {
  return Math.abs(v) < 1e-9 ? 0 : v;
}
