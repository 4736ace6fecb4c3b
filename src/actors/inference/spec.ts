/** The inference room in the plan: one for all cameras, from their frame rings to their detection rings. */
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { InferenceSettings } from './settings.ts';

/** Bytes of a `detections` ring that hold the largest record (200 detections, about 20 KB) and a second of usual ones. */
export const DETECTIONS_RING_BYTES = 1 << 18;

export function inferenceSpec(settings: InferenceSettings): ChildSpec {
  return {
    ...DEFAULT_TIMES,
    name: 'inference',
    entry: 'actors/inference/worker.js',
    reads: settings.cameras.map((camera) => `frames:${camera}`),
    writes: settings.cameras.map((camera) => `detections:${camera}`),
    settings,
  };
}
