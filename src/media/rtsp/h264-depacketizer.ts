/**
 * H.264 over RTP (RFC 6184): single NAL units, STAP-A and FU-A, which is packetization-mode 0 and 1. The interleaved types of
 * mode 2 (STAP-B, MTAP, FU-B) are malformed here: no camera sends them over RTSP.
 */
import { type Depacketizer, FragmentBuffer, splitAggregate } from './depacketizer.ts';

const STAP_A = 24;
const FU_A = 28;

export class H264Depacketizer implements Depacketizer {
  readonly #fragment = new FragmentBuffer();

  get hasOpenFragment(): boolean {
    return this.#fragment.isOpen;
  }

  reset(): void {
    this.#fragment.clear();
  }

  push(payload: Buffer, emit: (nal: Buffer) => void): boolean {
    const header = payload[0];
    if (header === undefined || header & 0x80) return false;
    const type = header & 0x1f;
    if (type === FU_A) return this.#pushFragment(header, payload, emit);
    if (this.#fragment.isOpen) {
      // Anything but the next fragment means that the end of the last one never came.
      this.#fragment.clear();
      return false;
    }
    if (type === STAP_A) return splitAggregate(payload, 1, 1, emit);
    if (type === 0 || type > 23) return false;
    emit(payload);
    return true;
  }

  /** RFC 6184 §5.8: FU indicator (F, NRI, 28), FU header (S, E, R, type), fragment. */
  #pushFragment(indicator: number, payload: Buffer, emit: (nal: Buffer) => void): boolean {
    const header = payload[1];
    if (header === undefined || payload.length < 3) return false;
    return this.#fragment.push(header, [(indicator & 0x60) | (header & 0x1f)], payload.subarray(2), emit);
  }
}
