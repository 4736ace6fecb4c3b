/** Two outages close after each other, with a glimpse between them: still one pass, and nothing wrong said of it. */
import { describe, expect, it } from 'vitest';
import { analyze, type Motion, observe, roller, stopper } from '../synthetic-scene.ts';

const VEHICLES = {
  stopping: { motion: stopper({ start: 0, stand: 3 }), truth: 'full_stop' },
  rolling: { motion: roller({ start: 0, slowest: 1.8 }), truth: 'rolling_stop' },
  driving: { motion: roller({ start: 0, slowest: 5 }), truth: 'no_stop' },
} as const;
/** By where the front is when the first begins, metres from the line. */
const FRONTS = [-20, -16, -12.2, -3, 1.5] as const;
/** First gap, what is seen between, second gap, seconds. */
const GAPS = [
  [0.8, 0.2, 2],
  [2, 0.2, 2],
  [5, 0.3, 2],
] as const;

function timeAt(motion: Motion, front: number): number {
  let t = 0;
  while ((motion.at(t) ?? -99) < front) t += 0.01;
  return t;
}

function passesOver(motion: Motion, from: number, [first, glimpse, second]: readonly [number, number, number]) {
  const again = from + first + glimpse;
  const film = observe([motion], { fps: 10, seconds: Math.max(15, again + second + 3), noisePx: 0.7, seed: 11 });
  const isSeen = (t: number) => t < from || (t >= from + first && t < again) || t >= again + second;
  return analyze(film.filter(({ tsUtc }) => isSeen(tsUtc))).passes;
}

describe.each(Object.entries(VEHICLES))('a %s vehicle', (_name, { motion, truth }) => {
  it.each(GAPS)('not seen for %s s, seen for %s s, not seen for %s s, is one pass', (...gaps) => {
    for (const front of FRONTS) {
      const passes = passesOver(motion, timeAt(motion, front), gaps);
      expect(passes, `first gone at ${front} m`).toHaveLength(1);
      expect(['indeterminate', truth]).toContain(passes[0]?.verdict);
    }
  });
});
