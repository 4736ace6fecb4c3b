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
    // What a camera sends may be broken for long. A decoder that gave pictures, and gives none although it finds nothing
    // wrong with what it gets, is itself to blame.
    flows: [{ from: null, to: `frames:${settings.camera}` }],
    outputMs: 1_500,
    unprovenMs: 10_000,
  };
}
