/** Noise that drifts: whitened, recognised from the track itself, and told apart from white noise. */
import { describe, expect, it } from 'vitest';
import { DRIFT_S, whiten, whitening } from '../../../../src/domain/stop/drift-noise.ts';
import { mixtureBelow, mixtureQuantile, normalBelow } from '../../../../src/domain/stop/mixture.ts';
import { type RampPoint, softRamp } from '../../../../src/domain/stop/soft-ramp.ts';
import { buildTrajectory } from '../../../../src/domain/stop/trajectory.ts';
import { seededRandom } from '../../../../src/sim/random.ts';
import { drawPass, singlePass } from '../../../../src/sim/single-pass.ts';
import { CORNER } from './corner.ts';

function drifting(share: number, n: number, seed: number) {
  const random = seededRandom(seed, 'drift');
  const t = new Float64Array(n);
  const x = new Float64Array(n);
  let drift = random.normal();
  for (let i = 0; i < n; i++) {
    const gap = i === 0 ? 0 : random.between(0.02, 0.2);
    t[i] = (t[i - 1] ?? 0) + gap;
    const keep = Math.exp(-gap / DRIFT_S);
    drift = keep * drift + Math.sqrt(1 - keep * keep) * random.normal();
    x[i] = Math.sqrt(share) * drift + Math.sqrt(1 - share) * random.normal();
  }
  return { t, x };
}

describe('drifting noise', () => {
  it.each([0.25, 0.5, 0.75])('becomes white with variance 1 at uneven times (share %f)', (share) => {
    const { t, x } = drifting(share, 6000, 3);
    whiten(whitening(t, share), x);
    const mean = (f: (i: number) => number) => x.reduce((sum, _, i) => sum + f(i), 0) / x.length;
    expect(mean((i) => (x[i] as number) ** 2)).toBeCloseTo(1, 1);
    for (const lag of [1, 2, 5]) {
      expect(Math.abs(mean((i) => (x[i] as number) * (x[i + lag] ?? 0)))).toBeLessThan(0.04);
    }
  });

  it('stays correlated when taken for white', () => {
    const { t, x } = drifting(0.5, 6000, 3);
    whiten(whitening(t, 0), x);
    expect(x.reduce((sum, v, i) => sum + v * (x[i + 1] ?? 0), 0) / x.length).toBeGreaterThan(0.3);
  });

  it.each([0, 0.5])('is recognised in a track, share %f', (drift) => {
    let likeliest = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed, 'share');
      const pass = drawPass(random, 1.5, 0, false);
      const faults = { fps: 20, isVariable: false, noisePx: 1, drift, miss: 0.05 };
      const { samples } = singlePass(pass, faults, CORNER.pinhole, random);
      const noise = buildTrajectory(CORNER.geometry, samples, 'car')?.noise ?? [];
      const best = noise.reduce((top, own) => (own.logOdds > top.logOdds ? own : top));
      if (best.share === drift) likeliest++;
    }
    expect(likeliest).toBeGreaterThanOrEqual(9);
  });
});

describe('a mixture of normal distributions', () => {
  it('inverts its own distribution, and one part is the normal distribution', () => {
    const parts = [
      { weight: 3, mean: 0, sigma: 1 },
      { weight: 1, mean: 5, sigma: 0.2 },
    ];
    for (const q of [0.01, 0.3, 0.7, 0.8, 0.99])
      expect(mixtureBelow(parts, mixtureQuantile(parts, q))).toBeCloseTo(q, 4);
    expect(normalBelow(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalBelow(-1.959964)).toBeCloseTo(0.025, 6);
  });
});

describe('a soft ramp', () => {
  it('is smooth, and its derivatives are those of its way', () => {
    const at = (elapsed: number, acceleration: number): RampPoint => {
      const out = { way: 0, speed: 0, byAcceleration: 0 };
      softRamp(out, elapsed, acceleration, 0.15);
      return out;
    };
    const step = 1e-5;
    for (const elapsed of [-1, 0.1, 0.3, 0.3749, 0.3751, 0.8]) {
      const slope = (at(elapsed + step, 2.5).way - at(elapsed - step, 2.5).way) / (2 * step);
      expect(at(elapsed, 2.5).speed).toBeCloseTo(slope, 4);
      const byAcceleration = (at(elapsed, 2.5 + step).way - at(elapsed, 2.5 - step).way) / (2 * step);
      expect(at(elapsed, 2.5).byAcceleration).toBeCloseTo(byAcceleration, 3);
    }
  });
});
