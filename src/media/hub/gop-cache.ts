/**
 * The newest group of pictures of a stream, so that a new viewer sees a picture at once and need not wait for the next key
 * picture. Bounded; a group that is too large is forgotten as a whole. One per `Stream`.
 */
import type { VideoCodec } from '../access-unit.ts';
import { beginningNals, type NalKind } from '../rtsp/nal-kinds.ts';
import { isSet, isSlice } from './parameter-sets.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PACKETS = 8_192;

export class GopCache {
  readonly #codec: VideoCodec;
  #packets: Buffer[] = [];
  #bytes = 0;
  /** Where the next group may begin: with the sets that came since the newest slice, else with the newest picture. */
  #leadAt = 0;
  #leadHasSets = false;
  #endsWithSlice = false;
  /** Of the picture that is coming: a key picture has been announced by its sets, or its slices are coming. */
  #key: 'none' | 'announced' | 'begun' = 'none';
  #hasKeyPicture = false;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** From the first packet of the newest key picture; empty when there is none or it was too large. */
  get packets(): readonly Buffer[] {
    return this.#hasKeyPicture ? this.#packets : [];
  }

  /**
   * Parameter sets belong to the slices behind them, whatever their timestamps are: some cameras give them one of their own, or
   * that of the picture before.
   * @param packet kept as it is
   * @param payload of the RTP packet
   * @returns whether this packet shows first that a key picture comes: a reader may begin here
   */
  push(packet: Buffer, payload: Buffer, isNewPicture: boolean): boolean {
    const kinds = beginningNals(this.#codec, payload).map(({ kind }) => kind);
    const hasSlice = kinds.some(isSlice);
    if (kinds.length > 0 && (this.#endsWithSlice || (isNewPicture && !this.#leadHasSets))) {
      this.#leadAt = this.#packets.length;
      this.#leadHasSets = false;
    }
    this.#leadHasSets ||= kinds.some(isSet);
    // A later fragment goes on with what the packet before it began.
    if (kinds.length > 0) this.#endsWithSlice = hasSlice;
    if (isNewPicture && !this.#hasKeyPicture) this.#cut();
    if (isNewPicture && this.#key === 'begun') this.#key = 'none';
    this.#packets.push(packet);
    this.#bytes += packet.length;
    const startsKey = this.#key === 'none' && kinds.some(isOfKey);
    if (startsKey) {
      this.#key = 'announced';
      this.#hasKeyPicture = true;
      this.#cut();
    }
    if (this.#key === 'announced' && hasSlice) this.#key = 'begun';
    if (this.#bytes > MAX_BYTES || this.#packets.length > MAX_PACKETS) this.#clear();
    return startsKey;
  }

  #cut(): void {
    this.#packets = this.#packets.slice(this.#leadAt);
    this.#leadAt = 0;
    this.#bytes = this.#packets.reduce((sum, each) => sum + each.length, 0);
  }

  #clear(): void {
    this.#packets = [];
    this.#bytes = 0;
    this.#leadAt = 0;
    this.#hasKeyPicture = false;
  }
}

function isOfKey(kind: NalKind): boolean {
  return kind === 'key-slice' || kind === 'sps' || kind === 'vps';
}
