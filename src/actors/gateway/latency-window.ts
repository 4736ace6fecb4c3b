/** Milliseconds seen over the last 10 s, with percentiles. Used by the camera channel; time is handed in. */
import { nearestRank } from '../../telemetry/nearest-rank.ts';

const WINDOW_MS = 10_000;
/** 120 frames a second for 10 s, with room to spare; beyond it the oldest go first. */
const MAX_SAMPLES = 2_000;

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly count: number;
}

export class LatencyWindow {
  private samples: { readonly atMs: number; readonly ms: number }[] = [];

  add(nowMs: number, ms: number): void {
    this.samples.push({ atMs: nowMs, ms });
    if (this.samples.length > MAX_SAMPLES) this.samples.splice(0, this.samples.length - MAX_SAMPLES);
  }

  /** Nearest rank; null without samples. Rounded to 0.1 ms. */
  percentiles(nowMs: number): Percentiles {
    this.samples = this.samples.filter(({ atMs }) => Math.abs(nowMs - atMs) <= WINDOW_MS);
    const sorted = this.samples.map(({ ms }) => ms).sort((a, b) => a - b);
    const rank = (share: number): number | null => {
      const ms = nearestRank(sorted, share);
      return ms === null ? null : Math.round(ms * 10) / 10;
    };
    return { p50: rank(0.5), p95: rank(0.95), count: sorted.length };
  }
}
