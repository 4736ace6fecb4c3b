/** One picture in a frame ring: a window onto shared memory, valid between claim and commit, or between peek and release. */
import { SLOT_HEADER_BYTES } from './frame-ring-layout.ts';

/** Where and when a frame was taken. One frame, one identity: (camera, epoch, rtp). */
export interface FrameHeader {
  /** Running number of the decoded frame within the camera's analyzer run. */
  frame: number;
  /** One RTSP session is one epoch; a reconnect starts the next. */
  epoch: number;
  /** RTP timestamp of the access unit, uint32, 90 kHz. */
  rtp: number;
  /** UTC capture time, µs since 1970. */
  captureTsUs: number;
  /** Presentation time within the epoch, µs. */
  ptsUs: number;
  /** UTC when the access unit was complete, µs. */
  receivedUs: number;
  /** UTC when the picture was decoded, µs. */
  decodedUs: number;
  width: number;
  height: number;
  /** true: full range (0–255), false: limited (16–235). */
  fullRange: boolean;
}

export class FrameSlot implements FrameHeader {
  private readonly times: Float64Array;
  private readonly cells: Uint32Array;
  private readonly pixels: Uint8Array;

  constructor(buffer: SharedArrayBuffer, byteOffset: number, slotBytes: number) {
    this.times = new Float64Array(buffer, byteOffset, 4);
    this.cells = new Uint32Array(buffer, byteOffset + 32, 6);
    this.pixels = new Uint8Array(buffer, byteOffset + SLOT_HEADER_BYTES, slotBytes - SLOT_HEADER_BYTES);
  }

  get captureTsUs(): number {
    return this.times[0] as number;
  }
  get ptsUs(): number {
    return this.times[1] as number;
  }
  get receivedUs(): number {
    return this.times[2] as number;
  }
  get decodedUs(): number {
    return this.times[3] as number;
  }
  get frame(): number {
    return this.cells[0] as number;
  }
  get epoch(): number {
    return this.cells[1] as number;
  }
  get rtp(): number {
    return this.cells[2] as number;
  }
  get width(): number {
    return this.cells[3] as number;
  }
  get height(): number {
    return this.cells[4] as number;
  }
  get fullRange(): boolean {
    return this.cells[5] === 1;
  }

  /** Strides are `width` and `ceil(width / 2)`. */
  get y(): Uint8Array {
    return this.pixels.subarray(0, this.lumaBytes);
  }
  get u(): Uint8Array {
    return this.pixels.subarray(this.lumaBytes, this.lumaBytes + this.chromaBytes);
  }
  get v(): Uint8Array {
    const start = this.lumaBytes + this.chromaBytes;
    return this.pixels.subarray(start, start + this.chromaBytes);
  }

  writeHeader(header: FrameHeader): void {
    this.times[0] = header.captureTsUs;
    this.times[1] = header.ptsUs;
    this.times[2] = header.receivedUs;
    this.times[3] = header.decodedUs;
    this.cells[0] = header.frame;
    this.cells[1] = header.epoch;
    this.cells[2] = header.rtp;
    this.cells[3] = header.width;
    this.cells[4] = header.height;
    this.cells[5] = header.fullRange ? 1 : 0;
  }

  private get lumaBytes(): number {
    return this.width * this.height;
  }
  private get chromaBytes(): number {
    return Math.ceil(this.width / 2) * Math.ceil(this.height / 2);
  }
}
