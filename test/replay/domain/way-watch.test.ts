/** Passes of a street whose camera is knocked, through the analyzer: told by the ways of the vehicles alone, and ended. */
import { describe, expect, it } from 'vitest';
import { createAnalyzer, step } from '../../../src/domain/site-analyzer.ts';
import { restoreAnalyzer, snapshotAnalyzer } from '../../../src/domain/snapshot/analyzer-snapshot.ts';
import type { Box, ConditionEvent, Observation, PassEvent } from '../../../src/domain/types.ts';
import { LATEST_PASSES } from '../../../src/domain/view-watch/way-watch.ts';
import { demoSite, observe, roller, seeded } from '../../unit/domain/synthetic-scene.ts';

const EVERY_S = 9;
const FPS = 6;
const START_UTC = Date.UTC(2026, 10, 22, 14, 0, 0) / 1000;

/** One vehicle after the other, each in a lane of its own; from pass `bumpAt` on the picture lies shifted or turned. */
function street(passes: number, bumpAt: number, bump: (x: number, y: number) => readonly [number, number]) {
  const { normal } = seeded(5);
  const seen = Array.from({ length: passes }, (_, n) => {
    const motion = { ...roller({ start: 0, slowest: 2 + Math.abs(normal()) }), z: 1.75 + 0.25 * normal() };
    const part = observe([motion], { fps: FPS, seconds: EVERY_S, noisePx: 1, seed: n });
    return part.map(({ tsUtc, ...rest }) => ({ ...rest, tsUtc: tsUtc + n * EVERY_S }));
  }).flat();
  return seen.map(({ detections, tsUtc, ...rest }) => ({
    ...rest,
    tsUtc: START_UTC + tsUtc,
    detections: detections.map((detection) => {
      if (tsUtc < bumpAt * EVERY_S) return detection;
      const [x1, y1, x2, y2] = detection.bbox;
      const [cx, cy] = bump((x1 + x2) / 2, y2);
      const [dx, dy] = [cx - (x1 + x2) / 2, cy - y2];
      return { ...detection, bbox: [x1 + dx, y1 + dy, x2 + dx, y2 + dy] as Box };
    }),
  }));
}

function watched(observations: readonly Observation[], confirmAt = Number.POSITIVE_INFINITY, restartAt = -1) {
  const site = { ...demoSite, timezone: 'UTC' };
  const options = { camera: 'a', site, configVersion: '1', modelSha256: null, firstTrackId: 1 };
  let state = createAnalyzer(options);
  const passes: PassEvent[] = [];
  const conditions: (ConditionEvent & { readonly afterPasses: number })[] = [];
  observations.forEach((observation, k) => {
    if (k === restartAt) {
      state = restoreAnalyzer(options, JSON.parse(JSON.stringify(snapshotAnalyzer(state))));
    }
    const isConfirmed = observation.tsUtc >= START_UTC + confirmAt;
    const view = isConfirmed ? { view: { state: 'learning', confirmedUtc: START_UTC + confirmAt } as const } : {};
    const [next, output] = step(state, { ...observation, ...view });
    state = next;
    passes.push(...output.events.filter((event) => event.type === 'pass'));
    conditions.push(...output.conditions.map((event) => ({ ...event, afterPasses: passes.length })));
  });
  return { state, passes, conditions };
}

describe('a camera that is knocked after 45 passes, with nobody looking at its picture', () => {
  const turned = (degrees: number) => (x: number, y: number) => {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return [640 + c * (x - 640) - s * (y - 360), 360 + s * (x - 640) + c * (y - 360)] as const;
  };

  it.each([
    ['tilted by 12 px', (x: number, y: number) => [x, y + 12] as const],
    ['turned by 2 degrees', turned(2)],
  ])('%s: is told within the last passes, and has its verdicts suspended from then on', (_what, bump) => {
    const { passes, conditions } = watched(street(70, 45, bump));
    expect(conditions).toHaveLength(1);
    const [told] = conditions;
    expect(told).toMatchObject({
      type: 'camera_moved',
      detail: { phase: 'began', reason: 'trajectories', passes: LATEST_PASSES },
    });
    expect(told?.afterPasses).toBeLessThanOrEqual(45 + LATEST_PASSES);
    expect(Math.abs((told?.ts_utc ?? 0) - START_UTC - 45 * EVERY_S)).toBeLessThanOrEqual(4 * EVERY_S);
    const after = passes.slice(told?.afterPasses);
    expect(after.length).toBeGreaterThan(3);
    for (const pass of after) {
      expect(pass).toMatchObject({ verdict: 'indeterminate', suspended: 'moved', min_speed: null });
      expect(pass.reason).toMatch(/^Since 14:0\d:\d\d vehicles have driven \d\.\d m beside and \d+° askew to where/);
    }
    for (const pass of passes.slice(0, 45)) expect(pass.suspended).toBeUndefined();
  });

  it('is told the same when the analyzer is replaced in between', () => {
    const observations = street(66, 45, (x, y) => [x, y + 14]);
    const usual = watched(observations);
    expect(usual.conditions).toHaveLength(1);
    expect(watched(observations, Number.POSITIVE_INFINITY, 50 * EVERY_S * FPS).conditions).toEqual(usual.conditions);
  });

  it('gives verdicts again once the view is confirmed, and takes what it sees then for usual', () => {
    const { passes, conditions } = watched(
      street(80, 45, (x, y) => [x, y + 12]),
      70 * EVERY_S,
    );
    expect(conditions.map(({ detail }) => [detail['phase'], detail['how'], detail['reason']])).toEqual([
      ['began', undefined, 'trajectories'],
      ['ended', 'confirmed', 'trajectories'],
    ]);
    expect(passes.at(-1)?.suspended).toBeUndefined();
  });

  it('gives verdicts again by itself once vehicles drive where they used to', () => {
    const shiftedFor = street(100, 45, (x, y) => [x, y + 12]);
    const back = street(100, 999, (x, y) => [x, y]);
    const mended = back.map((observation, k) => (k < 70 * EVERY_S * FPS ? shiftedFor[k] : observation) as Observation);
    const { passes, conditions, state } = watched(mended);
    expect(conditions.map(({ detail }) => [detail['phase'], detail['how']])).toEqual([
      ['began', undefined],
      ['ended', 'by_itself'],
    ]);
    expect(state.trust.present).toBeNull();
    expect(passes.at(-1)?.suspended).toBeUndefined();
  });
});
