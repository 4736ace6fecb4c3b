/** The plan of a replay: the same rooms and rings as live, but lossless. */
import type { InferenceSettings } from '../actors/inference/settings.ts';
import { inferenceSpec } from '../actors/inference/spec.ts';
import { type ChildSpec, DEFAULT_TIMES } from '../actors/runtime/child-spec.ts';
import type { Plan } from '../actors/runtime/plan.ts';
import type { TrackerSettings } from '../actors/tracker/settings.ts';
import { TRACKER_MEMORY_BYTES, trackerSpec } from '../actors/tracker/spec.ts';
import type { SourceSettings } from './source-settings.ts';

export const SOURCE = 'source';
export const SINK = 'sink';
const RECORD_BYTES = 2 ** 22;

/** @param pixels absent: from recorded detections, without pictures and model */
export function replayPlan(
  tracker: TrackerSettings,
  pixels?: {
    readonly inference: InferenceSettings;
    readonly source: SourceSettings;
    readonly width: number;
    readonly height: number;
  },
): Plan {
  const { camera } = tracker;
  const end = (name: string, reads: string[], writes: string[]): ChildSpec => ({
    ...DEFAULT_TIMES,
    name,
    entry: '',
    reads,
    writes,
    settings: {},
  });
  const records = ['detections', 'tracks', 'facts', 'memory'].map((kind) => ({
    name: `${kind}:${camera}`,
    kind: 'records' as const,
    spec: { capacity: kind === 'memory' ? TRACKER_MEMORY_BYTES : RECORD_BYTES },
  }));
  const sink = end(SINK, [`tracks:${camera}`, `facts:${camera}`], []);
  if (!pixels)
    return { rings: records, children: [end(SOURCE, [], [`detections:${camera}`]), trackerSpec(tracker), sink] };
  const frames = {
    name: `frames:${camera}`,
    kind: 'frames' as const,
    spec: {
      slots: slotsFor(pixels.inference),
      maxWidth: pixels.width,
      maxHeight: pixels.height,
      policy: 'lossless' as const,
    },
  };
  const source = { ...end(SOURCE, [], [frames.name]), entry: 'replay/source-worker.js', settings: pixels.source };
  return {
    rings: [frames, ...records],
    children: [source, inferenceSpec({ ...pixels.inference, copies: true }), trackerSpec(tracker), sink],
  };
}

/** Room for all pictures that the copies of the model are given at once (two each), and for the decoder beside them. */
function slotsFor({ threads }: InferenceSettings): number {
  return 2 ** Math.ceil(Math.log2(2 * threads + 2));
}
