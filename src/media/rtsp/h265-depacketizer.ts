/**
 * H.265 over RTP (RFC 7798): single NAL units, aggregation packets (AP) and fragmentation units (FU), without DONL fields
 * (sprop-max-don-diff = 0, as every camera sends). PACI packets are malformed here.
 */
import { type Depacketizer, FragmentBuffer, splitAggregate } from './depacketizer.ts';

const AP = 48;
const FU = 49;

export class H265Depacketizer implements Depacketizer {
  readonly #fragment = new FragmentBuffer();

  get hasOpenFragment(): boolean {
    return this.#fragment.isOpen;
  }

  reset(): void {
    this.#fragment.clear();
  }

  push(payload: Buffer, emit: (nal: Buffer) => void): boolean {
    const first = payload[0];
    const second = payload[1];
    if (first === undefined || second === undefined || first & 0x80) return false;
    const type = (first >> 1) & 0x3f;
    if (type === FU) return this.#pushFragment(first, second, payload, emit);
    if (this.#fragment.isOpen) {
      this.#fragment.clear();
      return false;
    }
    if (type === AP) return splitAggregate(payload, 2, 2, emit);
    if (type >= AP) return false;
    emit(payload);
    return true;
  }

  /** RFC 7798 §4.4.3: payload header (2 bytes, type 49), FU header (S, E, type), fragment. */
  #pushFragment(first: number, second: number, payload: Buffer, emit: (nal: Buffer) => void): boolean {
    const header = payload[2];
    if (header === undefined || payload.length < 4) return false;
    const nalHeader = [(first & 0x81) | ((header & 0x3f) << 1), second];
    return this.#fragment.push(header, nalHeader, payload.subarray(3), emit);
  }
}
