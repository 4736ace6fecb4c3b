/** The decoder in the plan: one per camera, from the hub to the frame ring. */
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { DecoderSettings } from './settings.ts';

export function decoderSpec(settings: DecoderSettings): ChildSpec {
  return {
    ...DEFAULT_TIMES,
    name: `decoder:${settings.camera}`,
    entry: 'actors/decoder/worker.js',
    reads: [],
    writes: [`frames:${settings.camera}`, `signals:${settings.camera}`],
    settings,
  };
}
