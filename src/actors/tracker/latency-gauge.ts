/** Percentiles of the last few hundred latencies, recomputed now and then: cheap enough for every frame. */
import { nearestRank } from '../../telemetry/nearest-rank.ts';

const WINDOW = 256;
const EVERY = 32;

export class LatencyGauge {
  private readonly samples = new Float64Array(WINDOW);
  private count = 0;

  /** Returns [p50, p95] every 32nd sample, else null. */
  add(sample: number): readonly [p50: number, p95: number] | null {
    this.samples[this.count % WINDOW] = sample;
    this.count += 1;
    if (this.count % EVERY !== 0) return null;
    const sorted = this.samples.slice(0, Math.min(this.count, WINDOW)).sort();
    return [nearestRank(sorted, 0.5) as number, nearestRank(sorted, 0.95) as number];
  }
}
