import { describe, expect, it } from 'vitest';
import { analyze, type Motion, observe, roller, stopper } from '../synthetic-scene.ts';

/** How often the true speed lies within `speed_error` of the one shown, and how wide that is at 8 m/s, km/h. */
function shown(motion: Motion, noisePx: number) {
  let inside = 0;
  let count = 0;
  const widths: number[] = [];
  for (let seed = 1; seed <= 4; seed++) {
    const observations = observe([motion], { fps: 15, seconds: 9, noisePx, seed });
    const { views } = analyze(observations);
    observations.forEach(({ tsUtc }, i) => {
      const view = views[i]?.[0];
      const [a, b] = [motion.at(tsUtc - 0.01), motion.at(tsUtc + 0.01)];
      if (view?.speed_error === undefined || view.speed === null || a === null || b === null) return;
      const truth = (Math.abs(b - a) / 0.02) * 3.6;
      count++;
      if (Math.abs(view.speed - truth) <= view.speed_error) inside++;
      if (truth > 28.5) widths.push(view.speed_error);
    });
  }
  return { share: inside / count, count, width: widths.sort((a, b) => a - b)[widths.length >> 1] ?? 0 };
}
const steady: Motion = { at: (t) => (t < 0.1 || t > 5 ? null : -32 + 8 * (t - 0.1)) };

describe('the error of the live speed', () => {
  it('contains the true speed in about 95 % of the frames, whatever the noise of the boxes', () => {
    for (const noisePx of [0.7, 1.5, 3]) {
      const { share, count } = shown(steady, noisePx);
      expect(count).toBeGreaterThan(120);
      expect(share, `${noisePx} px`).toBeGreaterThan(0.9);
    }
  });
  it('contains it while the vehicle brakes and pulls away, too', () => {
    expect(shown(roller({ start: 0.1, slowest: 1.8 }), 1.5).share).toBeGreaterThan(0.85);
  });
  it('grows with the noise of the boxes', () => {
    expect(shown(steady, 4).width).toBeGreaterThan(shown(steady, 1.5).width * 1.5);
  });
  it('is not claimed of what stands', () => {
    const motion = stopper({ start: 0.1, stand: 3 });
    const { views } = analyze(observe([motion], { fps: 15, seconds: 9, noisePx: 0.7, seed: 1 }));
    const standing = views.flat().filter((view) => view.state === 'stopped' && view.speed === 0);
    expect(standing.length).toBeGreaterThan(15);
    expect(standing.every((view) => view.speed_error === undefined)).toBe(true);
  });
});
