/**
 * The newest group of pictures of a stream, so that a new viewer sees a picture at once and need not wait for the next key
 * picture. Bounded; a group that is too large is forgotten as a whole. One per `Stream`.
 */
import type { VideoCodec } from '../access-unit.ts';
import { beginningNals } from '../rtsp/nal-kinds.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PACKETS = 8_192;

export class GopCache {
  readonly #codec: VideoCodec;
  #packets: Buffer[] = [];
  #bytes = 0;
  /** Where the picture begins that packets are coming of. */
  #pictureAt = 0;
  #isKeyPicture = false;
  #hasKeyPicture = false;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** From the first packet of the newest key picture; empty when there is none or it was too large. */
  get packets(): readonly Buffer[] {
    return this.#hasKeyPicture ? this.#packets : [];
  }

  /**
   * @param packet kept as it is
   * @param payload of the RTP packet
   * @returns whether this packet shows first that its picture is a key picture: a reader may begin here
   */
  push(packet: Buffer, payload: Buffer, isNewPicture: boolean): boolean {
    if (isNewPicture) {
      if (!this.#hasKeyPicture) this.#clear();
      this.#pictureAt = this.#packets.length;
      this.#isKeyPicture = false;
    }
    this.#packets.push(packet);
    this.#bytes += packet.length;
    const startsKey = !this.#isKeyPicture && beginningNals(this.#codec, payload).some(({ kind }) => isOfKey(kind));
    if (startsKey) {
      this.#isKeyPicture = true;
      this.#hasKeyPicture = true;
      this.#packets = this.#packets.slice(this.#pictureAt);
      this.#pictureAt = 0;
      this.#bytes = this.#packets.reduce((sum, each) => sum + each.length, 0);
    }
    if (this.#bytes > MAX_BYTES || this.#packets.length > MAX_PACKETS) this.#clear();
    return startsKey;
  }

  #clear(): void {
    this.#packets = [];
    this.#bytes = 0;
    this.#pictureAt = 0;
    this.#hasKeyPicture = false;
  }
}

function isOfKey(kind: string): boolean {
  return kind === 'key-slice' || kind === 'sps' || kind === 'vps';
}
