import { expect, it } from 'vitest';
import { LatencyGauge } from '../../../src/actors/tracker/latency-gauge.ts';
import { nearestRank } from '../../../src/telemetry/nearest-rank.ts';

it('is the smallest value that so large a share of all do not exceed', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.01, 0.5, 0.95, 0.951, 1].map((share) => nearestRank(hundred, share))).toEqual([1, 1, 50, 95, 96, 100]);
  expect(nearestRank([7], 0.95)).toBe(7);
  expect(nearestRank([], 0.5)).toBeNull();
});

it('is what the tracker says every 32nd frame, of the last 256', () => {
  const gauge = new LatencyGauge();
  const said = Array.from({ length: 320 }, (_, i) => gauge.add(i)).filter((figures) => figures !== null);
  expect(said).toHaveLength(10);
  expect(said[0]).toEqual([15, 30]);
  expect(said[9]).toEqual([64 + 127, 64 + 243]);
});
