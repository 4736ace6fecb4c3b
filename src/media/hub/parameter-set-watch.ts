/**
 * Which parameter sets are in force in a stream of RTP payloads: those of its description until others come in band. One per
 * `Stream`, so that whoever asks for its description after a camera changed its size gets the right one.
 */
import type { VideoCodec } from '../access-unit.ts';
import { aggregated, beginningNals } from '../rtsp/nal-kinds.ts';
import { isSet, isSlice, MAX_SETS, mergedSets, parameterSet } from './parameter-sets.ts';

const AGGREGATES: Readonly<Record<VideoCodec, { readonly type: number; readonly headerBytes: number }>> = {
  h264: { type: 24, headerBytes: 1 },
  h265: { type: 48, headerBytes: 2 },
};

export class ParameterSetWatch {
  readonly #codec: VideoCodec;
  #sets: readonly Buffer[];
  /** Since the last slice: they come into force with the next. */
  #brought: Buffer[] = [];

  /** @param sets of the description */
  constructor(codec: VideoCodec, sets: readonly Buffer[]) {
    this.#codec = codec;
    this.#sets = sets;
  }

  /** Another array whenever they have changed. */
  get sets(): readonly Buffer[] {
    return this.#sets;
  }

  /** Sets that come in fragments are left out: they fit a packet a hundred times. */
  push(payload: Buffer): void {
    const kinds = beginningNals(this.#codec, payload).map(({ kind }) => kind);
    if (kinds.some(isSet)) this.#take(payload);
    if (this.#brought.length > 0 && kinds.some(isSlice)) {
      this.#sets = mergedSets(this.#codec, this.#sets, this.#brought);
      this.#brought = [];
    }
  }

  #take(payload: Buffer): void {
    for (const nal of wholeNals(this.#codec, payload)) {
      const set = parameterSet(this.#codec, nal);
      // A copy: a view would keep its packet alive.
      if (set && this.#brought.length < MAX_SETS) this.#brought.push(Buffer.from(set));
    }
  }
}

function wholeNals(codec: VideoCodec, payload: Buffer): readonly Buffer[] {
  const { type, headerBytes } = AGGREGATES[codec];
  const header = payload[0] ?? 0;
  const ownType = codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
  return ownType === type ? aggregated(payload, headerBytes) : [payload];
}
