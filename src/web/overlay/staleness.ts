/**
 * The staleness chain: how old a frame's metadata is after each hop from the camera to the screen. Server stamps are the
 * server's clock; the browser's moments are brought to it by the ping. Fed by overlay.ts with frames drawn with their
 * own metadata, shown by parts/diagnostics.tsx.
 */
import type { LiveFrame } from '../../rpc/live.ts';
import { percentile } from './percentile.ts';

export const HOPS = ['camera', 'decode', 'infer', 'track', 'emit', 'network', 'wait'] as const;
export type Hop = (typeof HOPS)[number];

export interface HopFigure {
  readonly hop: Hop | 'total';
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const WINDOW = 300;

export class Staleness {
  private readonly samples: Readonly<Record<Hop, number>>[] = [];

  /** @param arrivedMs when the message came, @param paintedMs when it was painted; both server's UTC, ms */
  add({ ts_utc, stages }: LiveFrame, arrivedMs: number, paintedMs: number): void {
    const { received, decoded, inferred, tracked, emitted } = stages;
    if (inferred === undefined || tracked === undefined || emitted === undefined) return;
    this.samples.push({
      camera: received / 1_000 - ts_utc * 1_000,
      decode: (decoded - received) / 1_000,
      infer: (inferred - decoded) / 1_000,
      track: (tracked - inferred) / 1_000,
      emit: (emitted - tracked) / 1_000,
      network: arrivedMs - emitted / 1_000,
      wait: paintedMs - arrivedMs,
    });
    if (this.samples.length > WINDOW) this.samples.shift();
  }

  /** In the order of the chain, the total last; empty before the first frame. */
  figures(): HopFigure[] {
    if (this.samples.length === 0) return [];
    const figure = (hop: Hop | 'total', values: number[]): HopFigure => ({
      hop,
      p50Ms: percentile(values, 0.5) ?? 0,
      p95Ms: percentile(values, 0.95) ?? 0,
    });
    const totals = this.samples.map((sample) => HOPS.reduce((sum, hop) => sum + sample[hop], 0));
    const hops = HOPS.map((hop) =>
      figure(
        hop,
        this.samples.map((sample) => sample[hop]),
      ),
    );
    return [...hops, figure('total', totals)];
  }

  reset(): void {
    this.samples.length = 0;
  }
}
