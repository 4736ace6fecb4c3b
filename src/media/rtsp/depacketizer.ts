/**
 * Turns RTP payloads into NAL units: single ones, aggregates, and fragments put together again. What differs between H.264 and
 * H.265 is in a `PayloadFormat` each (`h264-payload.ts`, `h265-payload.ts`); what to do when something is missing is here.
 * Used by `AccessUnitAssembler`, one per session.
 */

export interface PayloadFormat {
  /** Bytes of a NAL unit header, which also begins the payload of aggregates and fragments. */
  readonly headerBytes: number;
  readonly aggregateType: number;
  readonly fragmentType: number;
  /** @param payload at least `headerBytes` long */
  typeOf(payload: Buffer): number;
  /** Whether a NAL unit of this type may be a payload by itself. */
  isSingle(type: number): boolean;
  /**
   * The header of the NAL unit that a fragment belongs to.
   * @param flags the FU header: start, end, and the unit's type
   */
  headerOfFragmented(payload: Buffer, flags: number): readonly number[];
}

/** No camera sends a NAL unit beyond this; a stream that claims one is broken. */
export const MAX_NAL_BYTES = 8 * 1024 * 1024;
/** Each costs far more than its bytes; the largest unit in packets of Ethernet has about 6,000. */
export const MAX_FRAGMENTS = 32_768;
const FORBIDDEN = 0x80;
const START = 0x80;
const END = 0x40;

export class Depacketizer {
  readonly #format: PayloadFormat;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(format: PayloadFormat) {
    this.#format = format;
  }

  /** A fragment has begun and not ended. */
  get hasOpenFragment(): boolean {
    return this.#parts.length > 0;
  }

  /** Forgets an open fragment, after a gap or at the end of an access unit. */
  reset(): void {
    this.#parts = [];
    this.#bytes = 0;
  }

  /**
   * Takes the payload of the next packet in sequence and hands out the NAL units it completes (without start codes; views
   * or copies, do not change them). False: the payload is malformed and the unit it belongs to is damaged.
   */
  push(payload: Buffer, emit: (nal: Buffer) => void): boolean {
    const { headerBytes, aggregateType, fragmentType } = this.#format;
    if (payload.length < headerBytes || payload.readUInt8(0) & FORBIDDEN) return false;
    const type = this.#format.typeOf(payload);
    if (type === fragmentType) return this.#pushFragment(payload, emit);
    if (this.hasOpenFragment) {
      // Anything but the next fragment means that the end of the last one never came.
      this.reset();
      return false;
    }
    if (type === aggregateType) return splitAggregate(payload, headerBytes, emit);
    if (!this.#format.isSingle(type)) return false;
    emit(payload);
    return true;
  }

  /** RFC 6184 §5.8, RFC 7798 §4.4.3: payload header, FU header, fragment. What was collected is forgotten when it does not fit. */
  #pushFragment(payload: Buffer, emit: (nal: Buffer) => void): boolean {
    const { headerBytes } = this.#format;
    if (payload.length < headerBytes + 2) return false;
    const flags = payload.readUInt8(headerBytes);
    const isStart = (flags & START) !== 0;
    if (isStart === this.hasOpenFragment) {
      this.reset();
      return false;
    }
    if (isStart) this.#append(Buffer.from(this.#format.headerOfFragmented(payload, flags)));
    this.#append(payload.subarray(headerBytes + 1));
    if (this.#bytes > MAX_NAL_BYTES || this.#parts.length > MAX_FRAGMENTS) {
      this.reset();
      return false;
    }
    if ((flags & END) !== 0) {
      const nal = Buffer.concat(this.#parts, this.#bytes);
      this.reset();
      emit(nal);
    }
    return true;
  }

  #append(part: Buffer): void {
    this.#bytes += part.length;
    this.#parts.push(part);
  }
}

/** Splits `{uint16 size, NAL unit}*` behind the header; false when the sizes do not fit the bytes. */
function splitAggregate(bytes: Buffer, headerBytes: number, emit: (nal: Buffer) => void): boolean {
  const nals: Buffer[] = [];
  let at = headerBytes;
  while (at < bytes.length) {
    if (bytes.length - at < 2) return false;
    const size = bytes.readUInt16BE(at);
    if (size < headerBytes || bytes.length - at - 2 < size) return false;
    nals.push(bytes.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  if (nals.length === 0) return false;
  for (const nal of nals) emit(nal);
  return true;
}
