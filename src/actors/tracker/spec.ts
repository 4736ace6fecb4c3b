/** The tracker in the plan: one per camera, from detections to live messages and facts. */
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { TrackerSettings } from './settings.ts';

/** Bytes of the ring `memory:<camera>`, in which a tracker leaves its state to its successor: two of the largest snapshots. */
export const TRACKER_MEMORY_BYTES = 2 ** 24;

export function trackerSpec(settings: TrackerSettings): ChildSpec {
  return {
    ...DEFAULT_TIMES,
    name: `tracker:${settings.camera}`,
    entry: 'actors/tracker/worker.js',
    reads: [`detections:${settings.camera}`, `memory:${settings.camera}`],
    writes: [`tracks:${settings.camera}`, `facts:${settings.camera}`, `memory:${settings.camera}`],
    settings,
    flows: [{ from: `detections:${settings.camera}`, to: `tracks:${settings.camera}` }],
  };
}
