/** What is kept of a vehicle for each frame in which it was seen; the judge works on these. */
import type { Box } from '../types.ts';

export interface Sample {
  /** Capture time, UTC seconds. */
  readonly tsUtc: number;
  readonly box: Box;
  readonly score: number;
  /** Front of the vehicle in road coordinates as seen live; null when it cannot be had. */
  readonly along: number | null;
  readonly across: number | null;
  readonly length: number;
  readonly sigma: number;
  /** Bottom centre of the box in the plane. */
  readonly contact: readonly [number, number] | null;
  /** A vehicle in front in the same lane, within LEAD_GAP_M. Set after all vehicles of the frame are known. */
  lead: Lead | null;
}

export interface Lead {
  /** It is itself still before the stop line, or on it: who stands behind it stands in a queue. */
  readonly isBeforeLine: boolean;
  readonly isStanding: boolean;
}

/** Longest history of one vehicle; beyond it, every second sample of the older half is given up. */
export const MAX_SAMPLES = 4096;

export function thin(samples: Sample[]): void {
  if (samples.length <= MAX_SAMPLES) return;
  const half = samples.length >> 1;
  const kept = samples.filter((_, i) => i >= half || i % 2 === 0);
  samples.length = 0;
  for (const sample of kept) samples.push(sample);
}
