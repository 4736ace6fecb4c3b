/** The tracker in the plan: one per camera, from detections to live messages and facts. */
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { TrackerSettings } from './settings.ts';

export function trackerSpec(settings: TrackerSettings): ChildSpec {
  return {
    ...DEFAULT_TIMES,
    name: `tracker:${settings.camera}`,
    entry: 'actors/tracker/worker.js',
    reads: [`detections:${settings.camera}`],
    writes: [`tracks:${settings.camera}`, `facts:${settings.camera}`],
    settings,
  };
}
