/** The inference room in the plan: one for all cameras, from their frame rings to their detection rings. */
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { InferenceSettings } from './settings.ts';

export function inferenceSpec(settings: InferenceSettings): ChildSpec {
  return {
    ...DEFAULT_TIMES,
    name: 'inference',
    entry: 'actors/inference/worker.js',
    reads: settings.cameras.map((camera) => `frames:${camera}`),
    writes: settings.cameras.map((camera) => `detections:${camera}`),
    settings,
    flows: settings.cameras.map((camera) => ({ from: `frames:${camera}`, to: `detections:${camera}` })),
  };
}
