/** Closed forms against numbers worked out step by step, and plans that keep what they promise. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Path } from '../../../src/sim/kinematics/path.ts';
import { ImpossiblePlan, planDrive } from '../../../src/sim/kinematics/plan-drive.ts';
import { Profile } from '../../../src/sim/kinematics/profile.ts';
import { changePieces, changeTime, changeWay } from '../../../src/sim/kinematics/speed-change.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('a profile', () => {
  it('agrees with numerical integration of its own acceleration', () => {
    const piece = fc.record({ durationS: number(0.05, 3), accelerationMps2: number(-3, 3), jerkMps3: number(-4, 4) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), number(0, 15), (pieces, v0) => {
        const profile = new Profile({ t: 1, s: -3, v: v0 }, pieces);
        let [t, s, v] = [1, -3, v0];
        for (const { durationS, accelerationMps2, jerkMps3 } of pieces) {
          const steps = 400;
          const h = durationS / steps;
          for (let i = 0; i < steps; i++) {
            const a = accelerationMps2 + jerkMps3 * (i + 0.5) * h;
            s += v * h + (a * h * h) / 2;
            v += a * h;
            // inside of a piece too, where at() works the form out itself
            if (i === steps / 2 - 1) {
              expect(profile.at(t + durationS / 2).s).toBeCloseTo(s, 3);
              expect(profile.at(t + durationS / 2).v).toBeCloseTo(v, 6);
            }
          }
          t += durationS;
          const exact = profile.at(t);
          expect(exact.s).toBeCloseTo(s, 3);
          expect(exact.v).toBeCloseTo(v, 6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds the time of a place, forwards and backwards', () => {
    const { profile } = planDrive(stopPlan({ standS: 2 }));
    fc.assert(
      fc.property(number(-30, 20), (s) => {
        const t = profile.timeAt(s);
        expect(t).not.toBeNull();
        expect(profile.at(t as number).s).toBeCloseTo(s, 6);
      }),
      { numRuns: 100 },
    );
  });

  it('never reaches a place beyond its end when it has come to rest', () => {
    const profile = new Profile({ t: 0, s: 0, v: 2 }, [{ durationS: 2, accelerationMps2: -1, jerkMps3: 0 }]);
    expect(profile.at(9)).toEqual({ s: 2, v: 0, a: 0 });
    expect(profile.timeAt(2.1)).toBeNull();
  });

  it('knows its slowest moment, also where the jerk turns it', () => {
    const pieces = [
      ...changePieces(8, 1.5, { accelerationMps2: 2, jerkMps3: 5 }),
      ...changePieces(1.5, 8, { accelerationMps2: 2, jerkMps3: 5 }),
    ];
    const profile = new Profile({ t: 0, s: 0, v: 8 }, pieces);
    expect(profile.slowest(0, profile.endS).v).toBeCloseTo(1.5, 9);
    expect(profile.slowest(0, profile.endS).t).toBeCloseTo(profile.endS / 2, 6);
  });
});

describe('a change of speed', () => {
  it('takes the stated time and way, ends at the stated speed and keeps its limits', () => {
    fc.assert(
      fc.property(
        number(0, 15),
        number(0, 15),
        number(0.5, 6),
        fc.option(number(0.5, 20), { nil: null }),
        (from, to, accelerationMps2, jerkMps3) => {
          const effort = { accelerationMps2, jerkMps3 };
          const pieces = changePieces(from, to, effort);
          const profile = new Profile({ t: 0, s: 0, v: from }, pieces);
          expect(profile.endS).toBeCloseTo(changeTime(to - from, effort), 9);
          const end = profile.at(profile.endS);
          // A speed below a nanometre a second counts as standing.
          expect(end.v).toBeCloseTo(to, 8);
          expect(end.s).toBeCloseTo(changeWay(from, to, effort), 8);
          for (let i = 0; i <= 50; i++) {
            const { v, a } = profile.at((i / 50) * profile.endS * 0.999999);
            expect(Math.abs(a)).toBeLessThanOrEqual(accelerationMps2 + 1e-9);
            expect(v).toBeGreaterThanOrEqual(Math.min(from, to) - 1e-9);
            expect(v).toBeLessThanOrEqual(Math.max(from, to) + 1e-9);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a drive', () => {
  it('stands exactly as long as it should exactly where it should', () => {
    fc.assert(
      fc.property(
        number(0, 8),
        number(-1, 3),
        number(4, 14),
        number(1.5, 6),
        number(1, 4),
        fc.option(number(2, 15), { nil: null }),
        (standS, gap, approachMps, brakeMps2, pullMps2, jerk) => {
          const { profile, reachedS } = planDrive({
            fromM: -90,
            toM: 60,
            approachMps,
            leaveMps: approachMps,
            brake: { accelerationMps2: brakeMps2, jerkMps3: jerk },
            pull: { accelerationMps2: pullMps2, jerkMps3: jerk },
            places: [{ atM: -gap, speedMps: 0, standS }],
          });
          const reached = reachedS[0] as number;
          for (const t of [reached, reached + standS / 2, reached + standS]) {
            expect(profile.at(t).s).toBeCloseTo(-gap, 7);
            expect(profile.at(t).v).toBe(0);
          }
          expect(profile.at(reached - 0.05).v).toBeGreaterThan(0);
          expect(profile.at(reached + standS + 0.05).v).toBeGreaterThan(0);
          expect(profile.timeAt(60)).not.toBeNull();
        },
      ),
      { numRuns: 100 },
    );
  });

  it('moves up a short way without exceeding it', () => {
    const { profile, reachedS } = planDrive({
      ...stopPlan({ standS: 1 }),
      places: [
        { atM: -8, speedMps: 0, standS: 1 },
        { atM: -0.5, speedMps: 0, standS: 1 },
      ],
    });
    const [first, second] = reachedS as [number, number];
    expect(profile.at(second).s).toBeCloseTo(-0.5, 9);
    // the highest speed of accelerate-then-brake over 7.5 m
    const peak = Math.sqrt((2 * 2 * 2.5 * 7.5) / 4.5);
    let highest = 0;
    for (let t = first; t < second; t += 0.001) highest = Math.max(highest, profile.at(t).v);
    expect(highest).toBeCloseTo(peak, 2);
  });

  it('refuses what no brake can do, and says why', () => {
    const plan = stopPlan({ standS: 1, fromM: -5 });
    expect(() => planDrive(plan)).toThrow(ImpossiblePlan);
    expect(() => planDrive(plan)).toThrow(/needs 12\.8 m to come from 8\.0 to 0\.0 m\/s, there are 4\.4 m/);
  });
});

describe('a path', () => {
  it('is measured by its length: equal steps, and headings along them', () => {
    const path = new Path({ point: [0, 0], headingRad: 0.3 }, 0).straight(5).arc(4, 1.2).shift(0.9, 14).straight(3);
    const h = 1e-4;
    for (let s = -2; s < path.endM + 2; s += 0.37) {
      const [a, b] = [path.at(s), path.at(s + h)];
      const [dx, dz] = [b.point[0] - a.point[0], b.point[1] - a.point[1]];
      expect(Math.hypot(dx, dz) / h).toBeCloseTo(1, 4);
      expect(dx / h).toBeCloseTo(Math.cos(a.headingRad), 2);
      expect(dz / h).toBeCloseTo(-Math.sin(a.headingRad), 2);
    }
  });

  it('shifts to the right by the stated metres and is parallel again', () => {
    const path = new Path({ point: [0, 1.75], headingRad: 0 }, 0).straight(1).shift(0.8, 14);
    expect(path.endM).toBeCloseTo(1 + Path.shiftLength(0.8, 14), 9);
    expect(path.at(path.endM).point[1]).toBeCloseTo(2.55, 9);
    expect(path.at(path.endM).headingRad).toBeCloseTo(0, 9);
  });
});

function stopPlan({ standS, fromM = -40 }: { standS: number; fromM?: number }) {
  return {
    fromM,
    toM: 40,
    approachMps: 8,
    leaveMps: 8,
    brake: { accelerationMps2: 2.5, jerkMps3: null },
    pull: { accelerationMps2: 2, jerkMps3: null },
    places: [{ atM: -0.6, speedMps: 0, standS }],
  };
}
