/** What one camera does must not be felt by another: rate and latency of B beside every kind of A. */
import { describe, expect, it } from 'vitest';
import { evenCamera, type LabCamera, percentile, playLab } from '../../support/inference-lab.ts';

const MODEL_MS = 15;

async function besides(a: LabCamera | null) {
  const b = evenCamera('b', 30);
  const played = await playLab({ cameras: a ? [a, b] : [b], modelMs: () => MODEL_MS }, 12);
  const of = (name: string) => {
    const records = (played.cameras[name]?.records ?? []).filter(({ s }) => s > 4);
    return {
      rate: records.length / 8,
      p95: percentile(
        records.map((r) => r.latencyMs),
        0.95,
      ),
    };
  };
  return { a: of('a'), b: of('b'), records: played.cameras['b']?.records ?? [] };
}

const CAMERAS: Readonly<Record<string, LabCamera>> = {
  'that is disconnected': { name: 'a', gapS: () => Number.POSITIVE_INFINITY },
  'that comes and goes': { name: 'a', gapS: (s) => (Math.floor(s) % 2 === 0 ? 0.03 : 1) },
  'that is slow': evenCamera('a', 1),
  'that sends 500 frames a second': evenCamera('a', 500),
  'that sends bursts of twenty': { name: 'a', gapS: (s) => (Math.round(s * 1e4) % 20 === 19 ? 0.66 : 0.0001) },
  'whose clock stands still': evenCamera('a', 30, { claims: () => 5 }),
  'whose clock leaps about': evenCamera('a', 30, { claims: (s) => 1e6 * Math.sin(s * 99) }),
  'whose tracker takes nothing': evenCamera('a', 30, { isStuck: true }),
};

describe('a camera beside one', () => {
  it.each(Object.keys(CAMERAS))('%s keeps its rate and its latency', async (name) => {
    const { b, records } = await besides(CAMERAS[name] as LabCamera);
    expect(b.rate).toBeGreaterThan(29);
    // At most it waits for one frame of the other.
    expect(b.p95).toBeLessThanOrEqual(2 * MODEL_MS + 1);
    expect(records.every(({ camera, epoch }) => camera === 'b' && epoch === 1)).toBe(true);
    expect(records.every(({ sampling }) => sampling === undefined)).toBe(true);
  });

  it('whose clock stands still is analysed like any other', async () => {
    const { a } = await besides(CAMERAS['whose clock stands still'] as LabCamera);
    expect(a.rate).toBeGreaterThan(29);
  });
});
