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

  begin(header: Buffer): void {
    this.#parts = [header];
    this.#bytes = header.length;
  }

  /** False when the unit grows beyond the bound; it is forgotten then. */
  append(part: Buffer): boolean {
    this.#bytes += part.length;
    this.#parts.push(part);
    if (this.#bytes <= MAX_NAL_BYTES) return true;
    this.clear();
    return false;
  }

  take(): Buffer {
    const nal = Buffer.concat(this.#parts, this.#bytes);
    this.clear();
    return nal;
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
