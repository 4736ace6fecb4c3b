/** What went through every ring of the house, read from the rings themselves by whoever asks: the gateway, for /metrics. */
import { FrameRing } from '../../shm/frame-ring.ts';
import { RecordRing } from '../../shm/record-ring.ts';
import type { RingHandle } from './room-data.ts';

export interface RingReport {
  readonly ring: string;
  /** FrameRingCounts or RecordRingCounts: what went in = what went out + what was lost + what is in the ring. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Views are made at the first call. */
export function ringReports(handles: readonly RingHandle[]): () => readonly RingReport[] {
  let views: readonly (readonly [string, FrameRing | RecordRing])[] | undefined;
  return () => {
    views ??= handles.map(({ name, kind, memory }) => [
      name,
      kind === 'frames' ? new FrameRing(memory) : new RecordRing(memory),
    ]);
    return views.map(([ring, view]) => ({ ring, counts: { ...view.counts() } }));
  };
}
