/**
 * Cuts the fragmented MP4 that ffmpeg writes to a pipe into the initialisation segment and one media segment per fragment, with
 * the time of its first frame. Pure state, bounded; one per packager.
 *
 * The time is that of the `prft` box (ISO/IEC 14496-12 §8.16.5), moved back by one frame: ffmpeg's parser hands a picture out when
 * the first packet of the next one shows that it is whole, and gives it what hangs on that packet, the sender's time among it.
 */
import { StopsignError } from '../../errors.ts';
import { ntpToUtcUs } from '../rtsp/rtcp.ts';
import { fragmentTimes, mediaTimescale } from './movie-fragment.ts';

export interface Fragment {
  readonly data: Buffer;
  readonly durationS: number;
  /** UTC of the first frame, µs; null when the stream has no sender report yet. */
  readonly startUtcUs: number | null;
}

export interface Fmp4Sink {
  /** @param timescale ticks per second of its fragments */
  onInit(init: Buffer, timescale: number): void;
  onFragment(fragment: Fragment): void;
}

const MAX_BOX_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 8;

export class Fmp4Splitter {
  readonly #sink: Fmp4Sink;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = HEADER_BYTES;
  #head: Buffer[] = [];
  #timescale = 90_000;
  /** Of the second frame. */
  #nextUtcUs: number | null = null;
  #moof: Buffer | null = null;

  constructor(sink: Fmp4Sink) {
    this.#sink = sink;
  }

  /** @throws StopsignError BAD_INPUT when it is no fragmented MP4 */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joined only when a whole box is there: a fragment may come in hundreds of pieces.
    if (this.#bytes < this.#needed) return;
    let rest = Buffer.concat(this.#chunks);
    this.#needed = HEADER_BYTES;
    while (rest.length >= HEADER_BYTES) {
      const size = rest.readUInt32BE(0);
      if (size < HEADER_BYTES || size > MAX_BOX_BYTES) {
        throw new StopsignError('BAD_INPUT', 'ffmpeg wrote something that is not fragmented MP4.');
      }
      if (rest.length < size) {
        this.#needed = size;
        break;
      }
      this.#onBox(rest.toString('latin1', 4, 8), rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    this.#chunks = rest.length > 0 ? [Buffer.from(rest)] : [];
    this.#bytes = rest.length;
  }

  #onBox(type: string, box: Buffer): void {
    if (type === 'ftyp') {
      this.#head = [box];
    } else if (type === 'moov') {
      this.#timescale = mediaTimescale(box) ?? this.#timescale;
      this.#sink.onInit(Buffer.concat([...this.#head, box]), this.#timescale);
    } else if (type === 'prft' && box.length >= 24) {
      this.#nextUtcUs = ntpToUtcUs(box.readUInt32BE(16), box.readUInt32BE(20));
    } else if (type === 'moof') {
      this.#moof = box;
    } else if (type === 'mdat' && this.#moof) {
      const { durationTicks, secondFrameTicks } = fragmentTimes(this.#moof);
      const secondFrameUs = Math.round((secondFrameTicks / this.#timescale) * 1e6);
      this.#sink.onFragment({
        data: Buffer.concat([this.#moof, box]),
        durationS: durationTicks / this.#timescale,
        startUtcUs: this.#nextUtcUs === null ? null : this.#nextUtcUs - secondFrameUs,
      });
      this.#moof = null;
      this.#nextUtcUs = null;
    }
  }
}
