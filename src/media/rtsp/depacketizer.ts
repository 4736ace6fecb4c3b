/** What turns RTP payloads into NAL units; one implementation per codec (`h264-depacketizer.ts`, `h265-depacketizer.ts`). */

export interface Depacketizer {
  /**
   * Takes the payload of the next packet in sequence and hands out the NAL units it completes (without start codes; views
   * or copies, do not change them). False: the payload is malformed and the unit it belongs to is damaged.
   */
  push(payload: Buffer, emit: (nal: Buffer) => void): boolean;
  /** A fragment has begun and not ended. */
  readonly hasOpenFragment: boolean;
  /** Forgets an open fragment, after a gap or at the end of an access unit. */
  reset(): void;
}

/** No camera sends a NAL unit beyond this; a stream that claims one is broken. */
export const MAX_NAL_BYTES = 8 * 1024 * 1024;

/** Collects the fragments of one NAL unit, bounded by MAX_NAL_BYTES. */
export class FragmentBuffer {
  #parts: Buffer[] = [];
  #bytes = 0;

  get isOpen(): boolean {
    return this.#parts.length > 0;
  }

  /**
   * Takes the next fragment and hands out the unit when it was the last. False when it does not follow what came before,
   * or the unit grows beyond the bound; what was collected is forgotten then.
   * @param flags the FU header, whose first two bits are start and end in both codecs
   * @param header of the NAL unit, put in front of the first fragment
   */
  push(flags: number, header: readonly number[], fragment: Buffer, emit: (nal: Buffer) => void): boolean {
    const isStart = (flags & 0x80) !== 0;
    if (isStart === this.isOpen) {
      this.clear();
      return false;
    }
    if (isStart) this.#append(Buffer.from(header));
    this.#append(fragment);
    if (this.#bytes > MAX_NAL_BYTES) {
      this.clear();
      return false;
    }
    if ((flags & 0x40) !== 0) {
      const nal = Buffer.concat(this.#parts, this.#bytes);
      this.clear();
      emit(nal);
    }
    return true;
  }

  #append(part: Buffer): void {
    this.#bytes += part.length;
    this.#parts.push(part);
  }

  clear(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}

/** Splits `{uint16 size, NAL unit}*` as aggregation packets carry it; false when the sizes do not fit the bytes. */
export function splitAggregate(
  bytes: Buffer,
  start: number,
  minNalBytes: number,
  emit: (nal: Buffer) => void,
): boolean {
  const nals: Buffer[] = [];
  let at = start;
  while (at < bytes.length) {
    if (bytes.length - at < 2) return false;
    const size = bytes.readUInt16BE(at);
    if (size < minNalBytes || bytes.length - at - 2 < size) return false;
    nals.push(bytes.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  if (nals.length === 0) return false;
  for (const nal of nals) emit(nal);
  return true;
}
