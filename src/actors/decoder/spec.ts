/** The decoder in the plan: one per camera, from the hub to the frame ring. */
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { GivenDecoderSettings } from './settings.ts';

export function decoderSpec(settings: GivenDecoderSettings): ChildSpec {
  return {
    ...DEFAULT_TIMES,
    name: `decoder:${settings.camera}`,
    entry: 'actors/decoder/worker.js',
    reads: [],
    writes: [`frames:${settings.camera}`, `signals:${settings.camera}`],
    settings,
    // A decoder may need a few broken pictures to find its way again, and what a camera sends may be broken for long.
    flows: [{ from: null, to: `frames:${settings.camera}` }],
    outputMs: 10_000,
  };
}
